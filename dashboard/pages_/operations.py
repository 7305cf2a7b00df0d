"""Operations: how far each stage is, what waits for receivers, who is at work, versions and the last backup."""

from dashboard import operations_view
from dashboard.live import ServiceView, Shown, live_service
from monitor.readmodel import queries


def _page(view: ServiceView) -> Shown:
    minute = view.now.replace(second=0, microsecond=0)
    shown = queries.operations(view.model, view.now)
    return Shown(operations_view.title(shown, minute), operations_view.page(shown, minute, view.zones))


live_service(_page)
