"""Method: how Parley knows, what its words mean, and how sure "likely" has proved so far."""

from dashboard import method_view, words
from dashboard.catalogue import say
from dashboard.live import Shown, View, live
from monitor.readmodel import queries


def _page(view: View) -> Shown:
    proved = queries.calibration(view.model, view.topic.topic, words.LEAST)
    return Shown(say("method.tab", topic=view.topic.label), method_view.page(proved))


live("method", _page)
