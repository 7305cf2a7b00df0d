"""What a person says about a claim: that it is wrong and counts for nothing, or that it holds after all.

find the claim                  (in the read model: does it stand, and who said what of it last)
append the word to the log      (its id is made of the claim and the word before, so that twice is once)
the topic's reader decides      (whose status, alerts and pages follow)
"""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from monitor import __version__
from monitor.errors import AlreadyError, BadInputError, NotFoundError
from monitor.ids import fact_id
from monitor.log.events import LONGEST_WHY, ClaimJudged, Event, Verdict
from monitor.log.stream import EventLog
from monitor.readmodel.dismissals import Dismissal, JudgedClaim, judged_claim
from monitor.readmodel.model import ReadModel
from monitor.readmodel.progress import wait_for
from monitor.topics import Topic

if TYPE_CHECKING:
    from monitor.api.context import Judges

PATIENCE_S = 4.0
"""For the topic's reader to come to what was appended."""
BY = f"operator/{__version__}"
_UNWRITTEN = {"Cc", "Cs"}
"""Categories of characters that no reason needs: control characters, halves of surrogate pairs."""


class Word(NamedTuple):
    """What a person says of a claim; `operator` is an opaque id."""

    verdict: Verdict
    operator: str
    why: str


class Judged(NamedTuple):
    """A word that is in the log: the claim as it was held last, the event, and where it stands."""

    claim: JudgedClaim
    event: str
    position: str | None
    """None: the same person had said the same before, and it is read."""


class Bench:
    """Where claims of the watched topics are judged."""

    def __init__(self, log: EventLog, model: ReadModel, topics: Mapping[str, Topic]) -> None:
        self._log = log
        self._model = model
        self._topics = topics

    def judge(self, topic: str, claim: str, word: Word, now: datetime) -> Judged:
        """Append what a person says of a claim at `now` (UTC-aware). Saying the same again changes nothing.

        Raises:
            NotFoundError: there is no such topic, or it never had this claim.
            AlreadyError: the claim is dismissed (or restored) already, or no longer held true.
            BadInputError: there is no reason, or it is too long.
            LogUnavailableError: Redis does not answer.
            StoreError: the read model cannot be read.
        """
        if topic not in self._topics:
            raise NotFoundError(
                f"the topic {topic!r} is not watched; watched are {', '.join(self._topics) or 'none'}"
            )
        word = word._replace(why=reason(word.why))
        found = judged_claim(self._model, topic, claim)
        last = found.dismissal
        if _said(last) == word:
            assert last is not None  # noqa: S101 - it was just said to be this word
            return Judged(found, last.event, None)
        _check(found, word.verdict)
        event = Event.of(
            f"claim.{word.verdict}",
            ClaimJudged(claim_id=claim, operator_id=word.operator, why=word.why),
            id_=fact_id(f"claim.{word.verdict}", claim, last.event if last else None),
            topic=topic,
            at=now,
            cause=last.event if last else None,
            by=BY,
        )
        appended = self._log.append(topic, [event])
        return Judged(found, event.id, appended.positions[0])

    def judged_for(self, clock: Callable[[], datetime]) -> "Judges":
        """As the HTTP interface asks for it; it waits a little for the topic's reader."""

        def judge(topic: str, claim: str, verdict: Verdict, *, operator: str, why: str) -> tuple[str, bool]:
            judged = self.judge(topic, claim, Word(verdict, operator, why), clock())
            shown = judged.position is None or wait_for(
                self._model, topic, judged.position, timeout_s=PATIENCE_S
            )
            return judged.event, shown

        return judge


def reason(why: str) -> str:
    """The reason in one line.

    Raises:
        BadInputError: there is none, it is too long, or it is no text.
    """
    said = " ".join(why.split())
    if not said:
        raise BadInputError("say why; the reason goes into the log and is shown, so no names of persons")
    if len(said) > LONGEST_WHY:
        raise BadInputError(f"the reason has {len(said)} characters; at most {LONGEST_WHY} are kept")
    if any(unicodedata.category(character) in _UNWRITTEN for character in said):
        raise BadInputError("the reason has control characters in it")
    return said


def _said(last: Dismissal | None) -> Word | None:
    """The last word on a claim."""
    if last is None:
        return None
    if last.stands:
        return Word("dismissed", last.dismissed_by, last.dismissed_why)
    return Word("restored", last.restored_by or "", last.restored_why or "")


def _check(found: JudgedClaim, verdict: Verdict) -> None:
    """Refuse what is so already."""
    id_, last = found.claim.id, found.dismissal
    if verdict == "restored" and not found.is_dismissed:
        raise AlreadyError(f"the claim {id_} is not dismissed, so there is nothing to restore")
    if verdict == "dismissed" and last is not None and last.stands:
        raise AlreadyError(
            f"the claim {id_} was dismissed already, on {last.dismissed_at:%Y-%m-%d %H:%M} UTC by "
            f"{last.dismissed_by[:8]}: {last.dismissed_why}"
        )
    if verdict == "dismissed" and found.claim.known_until is not None:
        raise AlreadyError(
            f"the claim {id_} is held true no longer: a newer text or a newer reading of its article took its place"
        )
