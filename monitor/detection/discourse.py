"""When a claim holds. Dates are read against the publication day; undated past clauses inherit the last dated one's time.

A present claim without a date starts on the day of publication; where only the week or the month of publication is
known, it started somewhere in it, up to the day given. A text of unknown age tells nothing of the present: all that it
says is background.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from monitor.detection.chain import Chain
from monitor.detection.model import Document, Sentence
from monitor.detection.mood import Manner, sounds_earlier
from monitor.detection.parsed import Parsed
from monitor.detection.when import TimeMention, find_times
from monitor.detection.when_relation import Relation
from monitor.vocabulary import Mood, Precision, When

NEWS_DAYS = 6
"""What happened longer ago than this is told as history, however it is put."""
_WIDTH = {Precision.WEEK: 6, Precision.MONTH: 30}
_OLD = ("last ", "ago", "previous", "earlier")
_RESETS = frozenset({"now", "currently", "today", "fresh", "tonight", "presently"})


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
    reference: tuple[date | None, date] | None = None

    @property
    def published(self) -> date | None:
        """The day of publication, UTC."""
        return self.document.published.date() if self.document.published else None

    def times(self, sentence: Sentence) -> tuple[TimeMention, ...]:
        """The times that a sentence names and that date what it says."""
        return tuple(mention for mention in find_times(sentence.text, self.published) if not mention.modifier)

    def advance(self, sentence: Sentence, mentions: tuple[TimeMention, ...], present: bool) -> None:
        """Moves the reference: a dated past sentence sets it, a present one takes it away."""
        past = [mention for mention in mentions if mention.relation is Relation.AT and self._is_old(mention)]
        if past and not sentence.in_title:
            earliest, latest = past[0].earliest, past[0].latest
            self.reference = (earliest, latest) if latest else self.reference
        elif present or any(mention.latest for mention in mentions):
            self.reference = None

    def timing(self, parsed: Parsed, chain: Chain, how: Manner, mentions: tuple[TimeMention, ...]) -> Timing:
        """When the chain's claim holds."""
        mention = _own_time(parsed, chain, mentions)
        tense = chain.steps[-1].tense if chain.steps else chain.verb_tense
        inner = {step.tense for step in chain.steps} | {chain.verb_tense}
        if mention is not None and mention.latest and self._is_old(mention):
            return Timing(_interval(mention, self.published), True, "an old date")
        if (
            mention is not None
            and mention.latest is None
            and _sounds_old(mention)
            and tense not in {"perfect", "future"}
        ):
            return Timing(self._before(), True, "an earlier time")
        is_past = tense in {"past", "pluperfect"} or (not tense and bool(inner & {"past", "pluperfect"}))
        reported = chain.said_at >= 0 or chain.reported_speech
        if (
            "pluperfect" in inner
            and not (reported and not sounds_earlier(parsed, chain))
            and tense not in {"present", "perfect"}
        ):
            return Timing(self._inherited(), True, "past perfect")
        if is_past and sounds_earlier(parsed, chain):
            return Timing(self._inherited(), True, "an earlier time")
        if is_past and self.reference is not None and mention is None:
            return Timing(self._inherited(), True, "told of an earlier time")
        if how.earlier and mention is None and is_past:
            return Timing(self._before(), True, "before what the sentence tells")
        if self.published is None:
            return Timing(When(), True, "the text's age is unknown")
        return Timing(self._present(mention, how), False)

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

    def _inherited(self) -> When:
        if self.reference is None:
            return self._before()
        return When(start_earliest=self.reference[0], start_latest=self.reference[1])

    def _before(self) -> When:
        return When(start_latest=self.published - timedelta(days=1)) if self.published else When()

    def _present(self, mention: TimeMention | None, how: Manner) -> When:
        published = self.published
        assert published is not None
        earliest = published - timedelta(days=_WIDTH.get(self.document.precision, 0))
        if (
            mention is None
            or mention.latest is None
            or how.mood is Mood.PLANNED
            or mention.latest > published
        ):
            return When(start_earliest=earliest, start_latest=published)
        if mention.relation is Relation.SINCE or mention.relation is Relation.AT:
            return When(start_earliest=mention.earliest, start_latest=mention.latest)
        return When(start_earliest=earliest, start_latest=published)


def is_present(parsed: Parsed) -> bool:
    """True when a sentence speaks of its own time: "now", or a present auxiliary."""
    return any(word in _RESETS or word in {"is", "are", "has", "have"} for word in parsed.words)


def _interval(mention: TimeMention, published: date | None) -> When:
    if mention.relation is Relation.AFTER:
        return When(start_earliest=mention.earliest)
    if mention.relation is Relation.BEFORE:
        return When(start_latest=mention.latest)
    return When(start_earliest=mention.earliest, start_latest=mention.latest)


def _sounds_old(mention: TimeMention) -> bool:
    text = mention.text.lower()
    return any(word in text for word in _OLD) or text[:4].isdigit()


def _own_time(parsed: Parsed, chain: Chain, mentions: tuple[TimeMention, ...]) -> TimeMention | None:
    """The time named in the chain's clause, else one that opens the sentence."""
    if not mentions:
        return None
    tokens = parsed.tokens
    first = next((i for i in range(chain.start - 1, -1, -1) if _parts(parsed, i)), -1) + 1
    last = next((i for i in range(chain.end, len(tokens)) if _parts(parsed, i)), len(tokens))
    if first >= len(tokens):
        return None
    start, end = tokens.starts[first], tokens.ends[max(last - 1, first)]
    inside = [mention for mention in mentions if start <= mention.start < end and not _in_relative(parsed, chain, mention)]
    dating = [mention for mention in inside if mention.relation in {Relation.AT, Relation.SINCE}]
    if dating:
        return dating[0]
    opening = [mention for mention in mentions if mention.start < 25 and mention.relation is Relation.AT]
    if opening and mention_opens(parsed, opening[0]):
        return opening[0]
    return inside[0] if inside else None


def _in_relative(parsed: Parsed, chain: Chain, mention: TimeMention) -> bool:
    """True for the time of a relative clause between the talks and their predicate."""
    if chain.relative or not chain.steps:
        return False
    last = chain.steps[-1].group.start
    opened = next((i for i in range(chain.node.end, last) if parsed.word(i) in {"that", "which", "who"}), None)
    return opened is not None and parsed.tokens.starts[opened] < mention.start < parsed.tokens.starts[last]


def mention_opens(parsed: Parsed, mention: TimeMention) -> bool:
    """True for "In November last year, ...": a comma right behind the time."""
    following = next((i for i, start in enumerate(parsed.tokens.starts) if start >= mention.end), -1)
    return parsed.word(following) == "," or parsed.is_a(following, "determiner")


def _parts(parsed: Parsed, i: int) -> bool:
    word = parsed.word(i)
    if word == ",":
        return not parsed.word(i + 1).isdigit()
    return (
        parsed.is_a(i, "stop")
        or parsed.is_a(i, "say")
        or word
        in {
            "after",
            "before",
            "when",
            "while",
            "since",
            "because",
            "but",
            "until",
            "although", "that",
            "which",
            "who",
        }
    )
