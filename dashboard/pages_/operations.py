"""Operations, for operators who are signed in: how far each stage is, what waits, who is at work, the last backup."""

from dashboard import markup, operations_view
from dashboard.catalogue import say
from dashboard.live import ServiceView, Shown, live_service
from dashboard.login import address
from dashboard.markup import e
from dashboard.operators import signed_in
from monitor.readmodel import queries


def _page(view: ServiceView) -> Shown:
    operator = signed_in()
    if operator is None:
        return Shown(say("operations.tab"), _closed())
    minute = view.now.replace(second=0, microsecond=0)
    shown = queries.operations(view.model, view.now)
    out = f'<a href="logout" target="_self">{e(say("operators.sign_out"))}</a>'
    who = f"<p class='meta'>{markup.said('operators.signed_in', name=e(operator.name), out=out)}</p>"
    return Shown(operations_view.title(shown, minute), operations_view.page(shown, minute, view.zones) + who)


def _closed() -> str:
    """How an operator comes in; nothing of what the page shows."""
    way = f'<a href="{e(address("operations"))}" target="_self">{e(say("operators.sign_in"))}</a>'
    return markup.notice(
        say("operators.closed"), say("operators.closed_more"), say("operators.closed_how"), links=way
    )


live_service(_page)
