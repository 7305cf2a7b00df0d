"""What operators do over HTTP: say who they are, and judge claims."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from monitor import ids
from monitor.api.access import Caller, needs
from monitor.api.context import Context
from monitor.api.documents import TopicId
from monitor.api.tokens import Scope
from monitor.log.events import LONGEST_WHY, Verdict

ClaimId = Annotated[
    str,
    InPath(
        pattern="^[0-9a-f]{32}$", description="The claim's id.", examples=["0c65c42c1c3d4b0fa4b4d9f1f0f0a7b1"]
    ),
]


class Me(BaseModel):
    """Who asks, as the HTTP interface knows them."""

    name: str | None
    """Of the token; None: no token was shown."""
    scope: Scope | None
    operator: str | None
    """The opaque id under which the log knows what this token did."""


class Reason(BaseModel):
    """Why a claim is judged so."""

    model_config = ConfigDict(extra="forbid")

    why: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_WHY,
            description="Goes into the log and is shown beside the claim, so no names of persons.",
            examples=["It speaks of the talks of 2023."],
        ),
    ]


class Judged(BaseModel):
    """A person's word on a claim that is in the log."""

    topic: str
    claim: str
    verdict: Verdict
    operator: str
    """The opaque id of who said it."""
    event: str
    """The id of the event that says it."""
    shown: bool
    """Whether the claim is shown so already; status and alerts follow within seconds, while the role `watch` runs."""


def router(context: Context) -> APIRouter:
    """`/v1/me`, and under each claim `dismiss` and `restore`."""
    routes = APIRouter(prefix="/v1", tags=["operator"])

    @routes.get("/me")
    def me(request: Request) -> Me:
        """Whose token this is, and what it may do. Without a token: nobody's."""
        caller: Caller = request.state.caller
        id_ = ids.operator_id(caller.name) if caller.name and caller.scope == Scope.OPERATOR else None
        return Me(name=caller.name, scope=caller.scope, operator=id_)

    for path, verdict in _VERDICTS.items():
        routes.add_api_route(
            f"/topics/{{topic}}/claims/{{claim}}/{path}",
            _judging(context, verdict),
            methods=["POST"],
            name=f"{path}_claim",
            summary=_SUMMARIES[verdict],
            description=_ABOUT,
            dependencies=[Depends(needs(Scope.OPERATOR))],
        )
    return routes


_VERDICTS: dict[Literal["dismiss", "restore"], Verdict] = {"dismiss": "dismissed", "restore": "restored"}
_SUMMARIES: dict[Verdict, str] = {
    "dismissed": "Say that a claim is wrong: it counts for nothing from now on",
    "restored": "Say that a claim which was dismissed holds after all",
}
_ABOUT = (
    "Needs a token of scope `operator`. The log keeps an opaque id of the token's name and the reason; status and "
    "alerts follow. The same word again by the same operator changes nothing; what is so already is refused (409)."
)


def _judging(context: Context, verdict: Verdict) -> Callable[..., Judged]:
    def judge(request: Request, topic: TopicId, claim: ClaimId, reason: Reason) -> Judged:
        caller: Caller = request.state.caller
        if context.judge is None:
            raise HTTPException(503, "claims cannot be judged here: this HTTP interface has no log")
        who = ids.operator_id(caller.name or "")
        event, shown = context.judge(topic, claim, verdict, operator=who, why=reason.why)
        return Judged(topic=topic, claim=claim, verdict=verdict, operator=who, event=event, shown=shown)

    return judge
