"""When a claim holds. Dates are read against the publication day; undated past clauses inherit an earlier time.

A present claim without a date starts on the day of publication; where only the week or the month of publication is
known, it started somewhere in it, up to the day given. A text of unknown age tells nothing of the present: all that it
says is background.
"""

from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from monitor.detection.chain import Chain
from monitor.detection.model import Document, Sentence
from monitor.detection.mood import Manner, sounds_earlier
from monitor.detection.own_time import OPENING, leans_on, names_something, own_time
from monitor.detection.parsed import Parsed
from monitor.detection.quotes import Quotes
from monitor.detection.tense import dates_the_saying, main_tense, resets, tells_which
from monitor.detection.when import TimeMention
from monitor.detection.when_relation import Relation
from monitor.vocabulary import Mood, Position, Precision, When

UNKNOWN_AGE = "the text's age is unknown"
NEWS_DAYS = 6
"""What happened longer ago than this is told as history, however it is put."""
_REPORTS = frozenset({"~report", "~claim", "~reveal", "~disclose", "~note"})
_SCHEDULED = "scheduled"
"""What is scheduled is so from the day on which it is told, whatever day it is for."""
_WIDTH = {Precision.WEEK: 6, Precision.MONTH: 30}
_CARRIES = 4
_RECENT = timedelta(days=31)
_BESIDE = frozenset({"after", "when", "as"})
"""A clause that one of these opens is set at, or before, the time of the clause it leans on."""
_SOON = timedelta(days=60)
_OLD = ("last ", "ago", "previous", "earlier")


@dataclass(frozen=True, slots=True)
class Timing:
    """When a claim holds, and whether that is an earlier time than the text's own."""

    when: When
    background: bool
    why: str = ""


@dataclass
class Discourse:
    """The time of which a text is speaking, sentence by sentence."""

    document: Document
    reference: tuple[date | None, date | None] | None = None
    _next: tuple[date | None, date | None] | None = None
    _story: tuple[date | None, date | None] | None = None
    """The time that the lead dates: what the text returns to when another has run out."""
    _left: int = 0
    _quotes: Quotes = field(default_factory=Quotes)

    @cached_property
    def published(self) -> date | None:
        """The day of publication, UTC."""
        return self.document.published.date() if self.document.published else None

    def advance(self, parsed: Parsed, sentence: Sentence, mentions: tuple[TimeMention, ...]) -> None:
        """Moves the reference: a dated past sentence sets it; the present, or a new date, takes it away.

        What the lead dates, the whole text tells of; what is dated further down carries a few sentences.
        """
        if sentence.in_title:
            return
        if self._next is not None:
            self.reference, self._next = self._next, None
        if self._quoted(sentence):
            return  # what somebody says in the present tense does not move the text's own time
        dated = [
            mention for mention in mentions if not mention.modifier and not dates_the_saying(parsed, mention)
        ]
        recent = [mention for mention in dated if _is_recent(mention, self.published)]
        past = [
            mention
            for mention in dated
            if mention.latest
            and self._is_old(mention)
            and not (tells_which(parsed, mention) or names_something(parsed, mention))
        ]
        anew = self.reference is not None and self.reference[1] != self.published
        if self.reference is not None and parsed.word(0) == "then" and not recent:
            return  # "Then some leaders have promised him a crowd": the tale goes on
        if resets(parsed, anew) or recent or (not past and main_tense(parsed) == "present"):
            self.reference = self._story = None
        elif past and past[0].relation is Relation.AT and main_tense(parsed) != "present":
            # For the sentences that follow: in its own sentence a date dates its own clause.
            self._next = (past[0].earliest, past[0].latest)
            self._left = _CARRIES
            if sentence.position is Position.LEAD:
                self._story = self._next
        elif past and past[0].relation is Relation.AFTER and past[0].latest:
            self._go_on_from(past[0].latest)
        elif (after := self._opens_after(parsed, mentions)) is not None:
            self._go_on_from(after)
        elif self._left > 0:
            self._left -= 1
        else:
            self.reference = self._story

    def _go_on_from(self, last: date) -> None:
        """What follows came after that day; the whole story does where it lies behind the time of the lead."""
        self.reference = (last + timedelta(days=1), self.published)
        self._left = _CARRIES * 3
        if self._story is not None and self._story[1] is not None and self._story[1] <= last:
            self._story = self.reference

    def _quoted(self, sentence: Sentence) -> bool:
        """True for a sentence that stands wholly in a quotation, be it opened sentences ago."""
        return self._quotes.holds(sentence) or sentence.text[:1] in {"“", '"'}

    def _opens_after(self, parsed: Parsed, mentions: tuple[TimeMention, ...]) -> date | None:
        """The last day of "After the November 2024 incident, ...": what the sentence tells came later."""
        if parsed.word(0) not in {"after", "following", "since"} or not mentions:
            return None
        first = mentions[0]
        return first.latest if first.latest and self._is_old(first) and first.start < OPENING else None

    def timing(self, parsed: Parsed, chain: Chain, how: Manner, mentions: tuple[TimeMention, ...]) -> Timing:
        """When the chain's claim holds."""
        mention = own_time(parsed, chain, tuple(one for one in mentions if not one.modifier))
        tenses = [step.tense for step in chain.steps] + [chain.verb_tense]
        tense = chain.outer_tense
        if mention is not None and (
            _is_of_the_future(chain, how)
            or (tense == "present" and self._is_old(mention) and self._is_soon(parsed, chain, mention))
        ):
            mention = mention.looking_ahead()
        if mention is not None and mention.earliest is None and mention.latest is None:
            mention = None  # "within a week" of something else dates nothing
        prop = next((one for one in mentions if leans_on(parsed, chain, one)), None)
        if prop is not None and self._is_old(replace(prop, relation=Relation.AT)):
            return Timing(When(start_earliest=prop.earliest, start_latest=prop.latest), True, "an old date")
        is_past = tense in {"past", "pluperfect"} or (
            _is_bare(chain, tense)
            and (main_tense(parsed) == "past" or bool({"past", "pluperfect"}.intersection(tenses)))
        )
        if mention is not None and mention.latest and self._is_old(mention):
            return Timing(self._interval(mention, chain), True, "an old date")
        if (
            mention is not None
            and _sounds_old(mention)
            and tense not in {"perfect", "future"}
            and not _is_recent(mention, self.published)
        ):
            return Timing(self._up_to_yesterday(mention), True, "an earlier time")
        if "pluperfect" in tenses and tense not in {"present", "perfect", "future"}:
            anchor = next((one for one in mentions if one.latest and self._is_old(one)), None)
            if anchor is not None:
                when = When(start_earliest=anchor.earliest, start_latest=anchor.latest)
                if anchor.relation is Relation.BEFORE:
                    when = When(start_latest=anchor.earliest)
                return Timing(when, True, "past perfect, dated")
            spoken = chain.said_at >= 0 or chain.reported_speech or _had_just(parsed, chain)
            if self.reference is not None or not spoken or sounds_earlier(parsed, chain):
                return Timing(self._inherited(), True, "past perfect")
        if _was_reported(chain):
            return Timing(self._inherited(), True, "had been reported")
        if is_past and sounds_earlier(parsed, chain):
            return Timing(self._inherited(), True, "an earlier time")
        if is_past and mention is None and chain.subordinator in _BESIDE:
            beside = next((one for one in mentions if self._dates_past(one) and not self._is_near(one)), None)
            if beside is not None:
                earliest = None if chain.subordinator == "after" else beside.earliest
                when = When(start_earliest=earliest, start_latest=beside.latest)
                return Timing(when, True, "beside an old date")
        if is_past and self.reference is not None and mention is None and not _is_reported_state(chain):
            return Timing(self._inherited(), True, "told of an earlier time")
        if (
            is_past
            and mention is None
            and (how.earlier or (_is_in_a_relative(parsed, chain) and main_tense(parsed) == "present"))
        ):
            return Timing(self._before(), True, "before what the sentence tells")
        return self.now(mention, how)

    def now(self, mention: TimeMention | None = None, how: Manner | None = None) -> Timing:
        """A time about the day of publication; a text of unknown age tells nothing of the present."""
        if self.published is None:
            return Timing(When(), True, UNKNOWN_AGE)
        return Timing(self._present(mention, how, self.published), False)

    def _is_old(self, mention: TimeMention) -> bool:
        if mention.latest is None:
            return False
        if self.published is None:
            return True
        if mention.relation in {Relation.UNTIL, Relation.SINCE}:
            return False
        return (
            mention.latest < self.published - timedelta(days=NEWS_DAYS)
            or (
                mention.latest < self.published - timedelta(days=1)
                and mention.text.lower().startswith("last w")
            )
            or (mention.text.lower().startswith("last month"))
        )

    def _dates_past(self, mention: TimeMention) -> bool:
        return mention.relation is Relation.AT and not mention.modifier and self._is_old(mention)

    def _is_soon(self, parsed: Parsed, chain: Chain, mention: TimeMention) -> bool:
        """True for the month of "union walks out in November" a few weeks before it, not for that of a chronicle."""
        return self._is_near(mention) and mention.start > parsed.tokens.starts[chain.start]

    def _is_near(self, mention: TimeMention) -> bool:
        """True for a month without a year that is but weeks away: strikes "in December", announced in November."""
        coming = mention.ahead[0] if mention.ahead else None
        return coming is not None and self.published is not None and coming - self.published <= _SOON

    def _interval(self, mention: TimeMention, chain: Chain) -> When:
        if mention.relation is Relation.AFTER and chain.subordinator not in {"after", "since"}:
            return When(start_earliest=mention.latest, start_latest=self.published)
        if mention.relation is Relation.BEFORE and chain.subordinator != "before":
            return When(start_latest=mention.earliest)
        return When(start_earliest=mention.earliest, start_latest=mention.latest)

    def _inherited(self) -> When:
        """The time that the story is in. What is told of an old day happened around it, so its whole months count."""
        if self.reference is None:
            return self._before()
        first, last = self.reference
        if last is not None and self.published is not None and self.published - last > _RECENT:
            first = first and first.replace(day=1)
            last = last.replace(day=monthrange(last.year, last.month)[1])
        return When(start_earliest=first, start_latest=last)

    def _before(self) -> When:
        return When(start_latest=self.published - timedelta(days=1)) if self.published else When()

    def _up_to_yesterday(self, mention: TimeMention) -> When:
        """What happened "earlier this year" was over the day before publication."""
        before = self._before()
        if before.start_latest is None or mention.earliest is None or mention.earliest > before.start_latest:
            return before
        latest = min(mention.latest or before.start_latest, before.start_latest)
        return When(start_earliest=mention.earliest, start_latest=latest)

    def _present(self, mention: TimeMention | None, how: Manner | None, published: date) -> When:
        earliest = published - timedelta(days=_WIDTH.get(self.document.precision, 0))
        if (
            mention is None
            or mention.latest is None
            or (how is not None and (how.mood is Mood.PLANNED or how.kind == _SCHEDULED))
            or mention.latest > published
        ):
            return When(start_earliest=earliest, start_latest=published)
        if mention.relation is Relation.SINCE or mention.relation is Relation.AT:
            return When(start_earliest=mention.earliest, start_latest=mention.latest)
        return When(start_earliest=earliest, start_latest=published)


def _is_reported_state(chain: Chain) -> bool:
    """True for "said he was ready to talk": he is, on the day on which he says so."""
    if not (chain.said_at >= 0 or chain.reported_speech):
        return False
    group = chain.outer_group
    return group is not None and group.be in {"was", "were"} and not chain.outer.letters


def _had_just(parsed: Parsed, chain: Chain) -> bool:
    """True for "they had just signed": it belongs to the news that the text tells."""
    group = chain.outer_group
    return group is not None and "just" in parsed.words[group.start : chain.end]


def _is_of_the_future(chain: Chain, how: Manner) -> bool:
    """True where a day without a date is one to come: "to meet on Friday", "called the next session for Monday"."""
    return (
        chain.purpose
        or how.mood in {Mood.PLANNED, Mood.CONDITIONAL}
        or how.kind == _SCHEDULED
        or chain.outer_op in {"SCHEDULE", "AGREE"}
    )


def _is_in_a_relative(parsed: Parsed, chain: Chain) -> bool:
    """True for "talks, which had ..." and for "the issue that sank the talks"."""
    step = chain.steps[-1] if chain.steps else None
    return chain.relative or (
        step is not None and parsed.word(step.group.start - 1) in {"that", "which", "who"}
    )


def _was_reported(chain: Chain) -> bool:
    """True for "the paper had reported that they met": what a text goes on from, or takes back."""
    if not chain.steps or chain.steps[-1].tense != "pluperfect":
        return False
    return chain.steps[-1].match.form.text in _REPORTS


def _is_bare(chain: Chain, tense: str) -> bool:
    """True for a verb without a tense of its own: an infinitive, a gerund, the second of "to break and move"."""
    if not tense:
        return True
    groups = [step.group for step in chain.steps] + ([chain.verb_group] if chain.verb_group else [])
    return (
        tense == "present"
        and chain.outer.letters in {"b", ""}
        and not any(group.is_finite for group in groups)
    )


def _is_recent(mention: TimeMention, published: date | None) -> bool:
    return bool(mention.earliest and published and mention.earliest >= published - timedelta(days=NEWS_DAYS))


def _sounds_old(mention: TimeMention) -> bool:
    text = mention.text.lower()
    return any(word in text for word in _OLD) or text[:4].isdigit()
