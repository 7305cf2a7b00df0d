"""Status: where the talks stand, since when, how sure, and which sentences say so."""

from dashboard import fresh_view, pictures, status_view
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
        front=queries.front(
            view.model, topic, leading.channel if leading else "", as_of=as_of, known_at=known_at
        ),
        alerts=queries.latest_alerts(view.model, topic, _LATEST, as_of=as_of, known_at=known_at),
        freshness=queries.freshness(view.model, topic),
        is_current=view.is_current,
        now=view.now,
        zones=view.zones,
        past=view.past,
    )
    return Shown(
        status_view.title(view.topic, status, is_old=shown.is_old),
        status_view.page(shown),
        icon=pictures.icon(status.status, is_old=shown.is_old),
    )


def _fresh(view: View) -> str:
    return "" if any(view.past) else fresh_view.line(view.checks, view.now, view.links)


live("status", _page, _fresh)
