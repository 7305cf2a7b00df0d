"""Status: where the talks stand, since when, how sure, and which sentences say so."""

from dashboard import status_view
from dashboard.live import Shown, View, live
from monitor.readmodel import queries

_LATEST = 5


def _page(view: View) -> Shown:
    topic = view.topic.topic
    as_of, known_at = view.past
    status = queries.status(view.model, topic, now=view.now, as_of=as_of, known_at=known_at)
    leading = queries.leading(status)
    shown = status_view.StatusPage(
        topic=view.topic,
        status=status,
        leading=leading,
        timeline=queries.timeline(view.model, topic, as_of=as_of, known_at=known_at),
        passages=queries.passages(view.model, topic, leading.channel if leading else ""),
        alerts=queries.alerts(view.model, topic, limit=_LATEST),
        freshness=queries.freshness(view.model, topic),
        today=view.past.today(view.now),
        zones=view.zones,
        past=view.past,
    )
    return Shown(status_view.title(view.topic, status), status_view.page(shown))


live("status", _page)
