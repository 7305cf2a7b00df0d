"""What the dashboard serves without JavaScript: the status as a plain page, its pictures, and whether it is ready.

Asked afresh each time, from the read model alone: it answers too where Redis, or Streamlit's script, does not.
"""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dashboard import fresh_view, pictures, plain_view, status_page, status_view
from dashboard.catalogue import say
from dashboard.launch import DATA_VARIABLE, DATABASE_VARIABLE
from dashboard.links import Links, Past
from dashboard.markup import e
from dashboard.pictures import Preview
from dashboard.plain_view import Head
from dashboard.status_page import StatusPage
from dashboard.words import Zones
from monitor.readmodel import queries
from monitor.readmodel.queries import BadInputError, Checks, ReadModel, Store, StoreError, TopicEntry

READY = "/readyz"
_LOG = logging.getLogger(__name__)
_NOT_KEPT = {"Cache-Control": "no-store"}
_KEPT_FOR_A_MINUTE = {"Cache-Control": "max-age=60"}


class Asked:
    """What a request asks for: a topic as it stands now."""

    def __init__(self, wanted: str = "") -> None:
        folder = os.environ.get(DATA_VARIABLE)
        if not folder:
            raise StoreError(say("plain.no_folder"))
        self.model = ReadModel(Store(Path(folder), os.environ.get(DATABASE_VARIABLE, "")))
        self.known: Sequence[TopicEntry] = queries.topics(self.model)
        if not self.known:
            raise StoreError(say("plain.no_data"))
        found = next((one for one in self.known if one.topic == (wanted or self.known[0].topic)), None)
        if found is None:
            names = ", ".join(one.topic for one in self.known)
            raise BadInputError(say("live.no_topic", wanted=wanted, names=names))
        self.topic, self.now = found, datetime.now(UTC)
        self.checks: Checks = queries.checks(self.model, found.topic, self.now)

    def page(self) -> StatusPage:
        """The topic's status; its times are by the topic's clock, since nobody knows the reader's."""
        return status_page.ask(
            self.model,
            self.topic,
            is_current=self.checks.is_current,
            now=self.now,
            zones=Zones(self.topic.time_zone),
            past=Past(),
        )


def now(request: Request) -> Response:
    """The plain page."""

    def answer() -> Response:
        asked = Asked(_topic(request))
        shown = asked.page()
        fresh = fresh_view.line(asked.checks, asked.now, Links(asked.topic.topic))
        body = plain_view.body(shown, fresh, asked.known)
        return HTMLResponse(plain_view.document(head(shown, _origin(request)), body), headers=_NOT_KEPT)

    return _answered(answer)


def head(shown: StatusPage, origin: str) -> Head:
    """What a page about this status says of itself; `origin` is where the dashboard is reached."""
    links = Links(shown.topic.topic)
    return Head(
        status_view.title(shown),
        plain_view.description(shown),
        links.address("now.svg"),
        f"{origin}/{links.address('now.png')}",
    )


def head_of_app(request: Request) -> str:
    """The head of the app's own page, as HTML; where nothing can be said of a state, it is called Parley."""
    try:
        shown = Asked(_topic(request)).page()
    except (BadInputError, StoreError):
        return Head(say("live.app")).html()
    except Exception:  # noqa: BLE001 - a defect; the app's own page must come, and says what it can show
        _LOG.exception("the head of a page could not be made")
        return Head(say("live.app")).html()
    return replace(head(shown, _origin(request)), icon="").html()


def icon(request: Request) -> Response:
    """The state as an icon."""

    def answer() -> Response:
        shown = Asked(_topic(request)).page()
        drawn = pictures.icon(shown.status.status, is_old=shown.is_old)
        return Response(drawn, media_type="image/svg+xml", headers=_KEPT_FOR_A_MINUTE)

    return _answered(answer)


def image(request: Request) -> Response:
    """The state as the picture that a shared link shows."""

    def answer() -> Response:
        shown = Asked(_topic(request)).page()
        over = status_view.over(shown, shown.leading) if shown.leading else ""
        preview = Preview(
            status=shown.status.status,
            is_old=shown.is_old,
            over=" · ".join(filter(None, [shown.topic.label, over])),
            word=status_view.word(shown),
            lines=tuple(plain_view.lines(shown)),
            banner=plain_view.warned(shown),
        )
        return Response(_drawn(preview), media_type="image/png", headers=_KEPT_FOR_A_MINUTE)

    return _answered(answer)


@lru_cache(maxsize=32)
def _drawn(preview: Preview) -> bytes:
    return pictures.preview(preview)


def readyz(request: Request) -> Response:
    """Whether the dashboard can show what it is for; what hinders it is said without names of places."""
    try:
        asked = Asked()
        queries.status(asked.model, asked.topic.topic, now=asked.now)
    except StoreError as error:
        known = {say("plain.no_folder"), say("plain.no_data")}
        reason = str(error) if str(error) in known else say("plain.unreadable")
        return JSONResponse({"ready": False, "reason": reason}, 503, headers=_NOT_KEPT)
    return JSONResponse({"ready": True}, headers=_NOT_KEPT)


def _answered(answer: Callable[[], Response]) -> Response:
    """The answer, or a plain page that says why there is none, and tries again."""
    try:
        return answer()
    except BadInputError as error:
        title, why, status = say("live.nothing_here"), str(error), 404
    except StoreError as error:
        title, why, status = say("live.unreadable"), str(error), 503
    except Exception:  # noqa: BLE001 - a defect; whoever reads this page must not see its traces
        _LOG.exception("a plain page could not be made")
        title, why, status = say("live.failed"), say("live.failed_operator"), 500
    body = f"<main><h1>{e(title)}</h1><p>{e(why)}</p></main>"
    return HTMLResponse(
        plain_view.document(Head(say("live.tab", title=title)), body), status, headers=_NOT_KEPT
    )


def _topic(request: Request) -> str:
    return request.query_params.get("topic", "")


def _origin(request: Request) -> str:
    """Where the reader reached the dashboard: its proxy says so, where one ends TLS."""
    scheme = "https" if request.headers.get("x-forwarded-proto") == "https" else request.url.scheme
    return f"{scheme}://{request.url.netloc}"


ROUTES = [
    Route("/now", now),
    Route("/now.svg", icon),
    Route("/now.png", image),
    Route(READY, readyz),
]
