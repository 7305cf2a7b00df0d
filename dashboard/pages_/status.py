"""Status: where the talks stand, since when, how sure, and which sentences say so."""

from dashboard import fresh_view, pictures, status_page, status_view
from dashboard.live import Shown, View, live


def _page(view: View) -> Shown:
    shown = status_page.ask(
        view.model,
        view.topic,
        is_current=view.is_current,
        now=view.now,
        zones=view.zones,
        past=view.past,
    )
    return Shown(
        status_view.title(shown),
        status_view.page(shown),
        icon=pictures.icon(shown.status.status, is_old=shown.is_old),
    )


def _fresh(view: View) -> str:
    return "" if any(view.past) else fresh_view.line(view.checks, view.now, view.links)


live("status", _page, _fresh)
