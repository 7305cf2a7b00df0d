"""Subscriptions over HTTP: people ask for one by email, confirm, change and end it by the links in their mails.

No GET changes anything: mail scanners follow links. A POST to `unsubscribe` needs no body (RFC 8058) and no login.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError, WithJsonSchema

from monitor.alerts.config import Wishes, one_mailbox
from monitor.alerts.links import CONFIRM, MINE, UNSUBSCRIBE
from monitor.alerts.people import Mine, People
from monitor.api import pages
from monitor.api.access import client_key
from monitor.api.context import Context
from monitor.errors import BadInputError, NotFoundError
from monitor.toml import faults

Token = Annotated[str, Query(min_length=1, max_length=1000, description="From the link in a mail.")]
Address = Annotated[
    str, AfterValidator(one_mailbox), WithJsonSchema({"type": "string", "format": "email", "maxLength": 254})
]
Named = Annotated[
    tuple[Annotated[str, StringConstraints(max_length=100)], ...],
    Query(max_length=50, description="Ids; one that is not known is passed over."),
]
LONGEST_FORM = 16_384
_OF_A_CLIENT, _OF_ALL = parse("10/hour"), parse("200/hour")
"""Requests for a subscription. Each may send a mail to somebody who has not asked for it."""
_ASKED = "If alerts can be sent to this address, it has got a mail. Open the link in it to confirm."


class Asked(Wishes):
    """A wish to be told."""

    address: Address


class Told(BaseModel):
    """What is answered whether the address was known or not."""

    detail: str = _ASKED


class Offered(BaseModel):
    """What people can have here."""

    open: bool
    """Whether they may subscribe by email themselves."""
    feeds_open: bool
    """Whether feeds and streams are read without a token."""


class Own(BaseModel):
    """A subscription, for its owner."""

    state: str
    address: str
    wishes: Wishes


class _ForPeople(APIRoute):
    """A route that a browser may be at: to one that takes HTML, an error is a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with errors as pages."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except (BadInputError, HTTPException, RequestValidationError) as error:
                if "text/html" not in request.headers.get("accept", ""):
                    raise
                return _apology(error)

        return handled


async def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a form that was sent."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise HTTPException(413, f"a form has at most {LONGEST_FORM} bytes")
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise HTTPException(422, "this is no form") from error


Form = Annotated[dict[str, list[str]], Depends(_form)]


def router(context: Context) -> APIRouter:
    """The routes under `/v1/subscriptions`; none when nobody keeps subscriptions here."""
    routes = APIRouter(tags=["subscriptions"], prefix="/v1/subscriptions", route_class=_ForPeople)
    if context.people:
        _add_asking(routes, context.people, context.settings.read == "open")
        _add_confirming(routes, context.people)
        _add_ending(routes, context.people)
        _add_changing(routes, context.people)
    return routes


def _add_asking(routes: APIRouter, people: People, feeds_open: bool) -> None:
    limit = _Limit()

    @routes.get("")
    def offered() -> Offered:
        """Whether people may subscribe themselves, and whether feeds need a token."""
        return Offered(open=people.is_open, feeds_open=feeds_open)

    def is_open() -> None:
        if not people.is_open:
            raise HTTPException(403, "people cannot subscribe themselves here; ask the operator")

    @routes.post("", status_code=202, dependencies=[Depends(is_open), Depends(limit)])
    def subscribe(asked: Asked) -> Told:
        """Ask for alerts by email. The address gets a mail with a link to confirm, valid for 7 days.

        The answer is the same whether the address is known or not. Webhooks and chats are added by the operator.
        """
        people.ask(asked.address, Wishes(**{name: getattr(asked, name) for name in Wishes.model_fields}))
        return Told()

    @routes.get("/new", response_class=HTMLResponse, dependencies=[Depends(is_open)])
    def subscribe_page(topics: Named = (), channels: Named = ()) -> Response:
        """A page with a form to ask for alerts by email; what is named there is ticked already."""
        wishes = Wishes(topics=topics, channels=channels)
        return pages.page(
            "Be told when talks change", pages.form(wishes, people.topics, "Subscribe", address=True)
        )

    @routes.post(
        "/new", status_code=202, response_class=HTMLResponse, dependencies=[Depends(is_open), Depends(limit)]
    )
    def subscribe_by_form(fields: Form) -> Response:
        """What the form of that page sends."""
        asked = _valid(Asked, {**pages.wished(fields), "address": pages.last(fields, "address")})
        people.ask(asked.address, Wishes(**{name: getattr(asked, name) for name in Wishes.model_fields}))
        return pages.page("Look into your mailbox", pages.says(_ASKED), status=202)


def _add_confirming(routes: APIRouter, people: People) -> None:
    @routes.get("/confirm", response_class=HTMLResponse)
    def confirm_page(token: Token) -> Response:
        """A page with a button that confirms a subscription."""
        mine = people.shown(CONFIRM, token)
        if mine.state != "unconfirmed":
            return _standing(mine)
        asked = pages.says(f"Alerts for {mine.place}:")
        return pages.page(
            "Confirm your subscription",
            asked,
            pages.summary(mine.wishes, people.topics),
            pages.button("Confirm"),
        )

    @routes.post("/confirm", response_class=HTMLResponse)
    def confirm(token: Token) -> Response:
        """Confirm a subscription; alerts are sent from now on."""
        return _standing(people.confirm(token))


def _add_ending(routes: APIRouter, people: People) -> None:
    @routes.get("/unsubscribe", response_class=HTMLResponse)
    def unsubscribe_page(token: Token) -> Response:
        """A page with a button that ends a subscription, and a link to change it."""
        mine = people.shown(UNSUBSCRIBE, token)
        if mine.state == "ended":
            return _ended()
        change = [pages.leads("Choose other alerts instead", mine.change_link)] if mine.changeable else []
        asked = pages.says(
            f"Nothing more will be sent to {mine.place}." if mine.place else "Nothing more is sent."
        )
        return pages.page("Stop these messages?", asked, pages.button("Stop them"), *change)

    @routes.post("/unsubscribe", response_class=HTMLResponse)
    def unsubscribe(token: Token) -> Response:
        """End a subscription at once and erase its address. One click (RFC 8058): the body does not matter."""
        people.end(token)
        return _ended()


def _add_changing(routes: APIRouter, people: People) -> None:
    def known(token: Token) -> Mine:
        return people.shown(MINE, token)

    @routes.get(
        "/mine",
        response_model=Own,
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    )
    def mine(request: Request, found: Annotated[Mine, Depends(known)]) -> Response:
        """What a subscription gets: JSON to who asks for it, else a page with a form to change it."""
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(_own(found).model_dump(mode="json"), headers={"Cache-Control": "no-store"})
        if found.state == "ended":
            return _ended()
        what = pages.says(f"Alerts for {found.place}.")
        if not found.changeable:
            fixed = pages.says("The operator of this Parley has set what this subscription gets.")
            return pages.page("Your alerts", what, fixed, pages.summary(found.wishes, people.topics))
        return pages.page("Your alerts", what, pages.form(found.wishes, people.topics, "Save"))

    @routes.post("/mine", response_class=HTMLResponse, dependencies=[Depends(known)])
    def change_by_form(token: Token, fields: Form) -> Response:
        """What the form of that page sends."""
        changed = people.change(token, pages.wished(fields))
        return pages.page("Saved", pages.summary(changed.wishes, people.topics))

    @routes.patch("/mine", dependencies=[Depends(known)])
    def change(token: Token, wishes: Wishes) -> Own:
        """Wish otherwise; what is not given stays."""
        return _own(people.change(token, wishes.model_dump(mode="json", include=wishes.model_fields_set)))


class _Limit:
    """So many requests for a subscription, from one client and in all; else 429."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def __call__(self, request: Request) -> None:
        """Count a request."""
        if not self._limiter.hit(_OF_A_CLIENT, client_key(request.scope)) or not self._limiter.hit(
            _OF_ALL, "all"
        ):
            raise HTTPException(
                429, "too many wishes for subscriptions; try again in an hour", {"Retry-After": "3600"}
            )


def _valid(form: type[Asked], values: dict[str, Any]) -> Asked:
    try:
        return form.model_validate(values)
    except ValidationError as error:
        raise BadInputError("; ".join(fault for _, fault in faults(error, {"address"}))) from error


def _own(mine: Mine) -> Own:
    return Own(state=mine.state, address=mine.place, wishes=mine.wishes)


def _standing(mine: Mine) -> Response:
    if mine.state == "ended":
        return _ended()
    if mine.state == "paused":
        return pages.page(
            "Paused", pages.says("The operator has paused this subscription; nothing is sent now.")
        )
    said = pages.says("Alerts are sent to you from now on. Each has a link to stop them.")
    return pages.page("You are subscribed", said, pages.leads("Choose your alerts", mine.change_link))


def _ended() -> Response:
    return pages.page(
        "You get no more messages", pages.says("The subscription has ended, and your address is erased here.")
    )


def _apology(error: BadInputError | HTTPException | RequestValidationError) -> Response:
    if isinstance(error, HTTPException):
        said = pages.says(str(error.detail))
        return pages.page("That did not work", said, status=error.status_code, headers=error.headers)
    if isinstance(error, RequestValidationError):
        return pages.page(
            "That did not work", pages.says("The link is not whole; copy it from the mail."), status=422
        )
    status = 404 if isinstance(error, NotFoundError) else 422
    return pages.page("That did not work", pages.says(str(error)), status=status)
