"""How a claim is put: asserted, planned, conditional or hypothetical, and whether it speaks of an earlier time.

A refusal under a condition stays a refusal ("no talks unless ..."); a date or a deal under one does not stay so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.detection.chain import Chain
from monitor.detection.outwards import NOBODY
from monitor.detection.parsed import Parsed
from monitor.detection.unfulfilled import fell_short, is_an_order, is_to_be_done
from monitor.vocabulary import Mood

_CLOSED = frozenset({"rejected", "denied", "stalled"})
_PRESUPPOSED = frozenset(
    {
        "after",
        "since",
        "following",
        "despite",
        "amid",
        "because",
        "given",
        "when",
        "as",
        "while",
        "although",
        "though",
        "whereas",
        "where",
        "during",
    }
)
_EARLIER = frozenset({"after", "since", "following", "when"})
_CONDITIONS = frozenset(
    [
        "if",
        "unless",
        "until",
        "till",
        "provided",
        "providing",
        "lest",
        "pending",
        "once",
        "suppose",
        "supposing",
        "imagine",
    ]
)
_EARLIER_WORDS = frozenset({"earlier", "previously", "formerly", "initially", "originally", "ago"})


@dataclass(frozen=True, slots=True)
class Manner:
    """Mood and fit of a candidate; `kind` may differ from what the operators made; `reason` drops it."""

    mood: Mood
    kind: str
    fit: float = 1.0
    reason: str = ""
    earlier: bool = False
    """True when the clause is set before the main one ("after talks had failed")."""


def manner(parsed: Parsed, chain: Chain, kind: str, *, opening: bool = False) -> Manner:
    """How the chain's claim of that kind is put; `opening` in a headline or a lead, which tell the news of the day."""
    if chain.purpose and kind != "proposed":
        if kind in {"resumed", "underway", "scheduled"} and chain.steps:
            return Manner(Mood.ASSERTED, "proposed", 0.65)
        return Manner(Mood.HYPOTHETICAL, kind, 0.5, "a purpose, not a fact")
    if parsed.words[-1:] == ("?",) or (parsed.words[-2:-1] == ("?",)):
        return Manner(Mood.HYPOTHETICAL, kind, 0.5)
    if chain.subordinator in {"whether", "how", "why", "than"} or _is_doubted(parsed, chain):
        return Manner(Mood.HYPOTHETICAL, kind, 0.5)
    unreal = (_is_unshown, _is_imagined, _is_a_first_to_come, fell_short)
    if any(one(parsed, chain) for one in unreal) or (kind != "proposed" and _is_hoped(parsed, chain)):
        return Manner(Mood.HYPOTHETICAL, kind, 0.5)
    if is_an_order(parsed, chain):
        return Manner(Mood.ASSERTED, "proposed", 0.9)
    if chain.subordinator == "before" and chain.outer_tense in {"past", "pluperfect"}:
        return Manner(Mood.ASSERTED, kind, 0.7)  # "long before they met": they did meet
    if chain.subordinator in _CONDITIONS | {"before", "ahead", "without", "should"}:
        return Manner(Mood.CONDITIONAL, kind, 0.6)
    modal = _modal(chain)
    if modal == "would" and _GLADLY.intersection(parsed.words[chain.start : chain.end]):
        return Manner(Mood.ASSERTED, "proposed", 0.9)
    if modal == "would" and kind == "scheduled" and any(step.op == "AGREE" for step in chain.steps):
        return Manner(Mood.ASSERTED, "proposed", 0.8)  # "would accept talks"
    if kind == "denied" and not chain.steps and chain.verb_group and chain.verb_group.do in {"do", "does"}:
        kind = "rejected"  # "we do not talk to kidnappers": a rule, not a report
    if modal == "may":
        return Manner(Mood.HYPOTHETICAL, kind, 0.5)
    spoken = chain.said_at >= 0 or chain.reported_speech or bool(parsed.saying)
    if modal == "should":
        if kind in {"underway", "scheduled", "resumed"} and spoken:
            return Manner(Mood.ASSERTED, "proposed", 0.7)
        if kind not in {"rejected", "proposed"}:
            return Manner(Mood.HYPOTHETICAL, kind, 0.5)
    if modal in {"can", "could"} and kind not in {"rejected", "stalled", "proposed", "denied"}:
        return Manner(Mood.HYPOTHETICAL, kind, 0.5)
    if modal == "would" and kind not in {"proposed", "rejected", "denied"} and not spoken:
        return Manner(Mood.HYPOTHETICAL, kind, 0.55)
    if kind == "underway" and _after_a_break(parsed, chain):
        kind = "resumed"
    conditioned = _condition(parsed, chain)
    if conditioned == "only" and kind in {"scheduled", "resumed", "underway", "proposed"}:
        return Manner(Mood.ASSERTED, "rejected", 0.6)
    if conditioned and kind not in _CLOSED:
        if kind == "proposed":
            return Manner(Mood.ASSERTED, kind, 0.7)
        if conditioned in {"until", "till"} and chain.outer_tense in {"past", "pluperfect"}:
            pass  # "the talks had gone well until the march": that is how long they did
        elif _looks_ahead(chain) or chain.planned or kind in {"collapsed", "agreement", "progress"}:
            return Manner(Mood.CONDITIONAL, kind, 0.6)
    is_to_come = kind == "underway" and is_to_be_done(parsed, chain)
    kind = "scheduled" if is_to_come else kind
    ahead = chain.planned or is_to_come or _looks_ahead(chain)
    planned = ahead or (kind == "resumed" and (_is_agreed_upon(chain) or _is_on_the_way(parsed, chain)))
    fit = _fit(chain)
    if kind == "rejected" and planned:
        planned = False
    news = opening and _is_reason_of_the_news(parsed, chain, kind)
    return Manner(
        Mood.PLANNED if planned else Mood.ASSERTED,
        kind,
        fit,
        earlier=chain.subordinator in _EARLIER and not news,
    )


_EVENTS = frozenset({"collapsed", "stalled", "agreement", "rejected", "resumed", "scheduled"})


def _is_reason_of_the_news(parsed: Parsed, chain: Chain, kind: str) -> bool:
    """True for "will strike on Friday after its talks broke down": what has just happened, told with what follows.

    Not for what opens the sentence ("After talks broke down, ...") nor for what a stretch of time parts from it ("three
    weeks after talks broke down").
    """
    at = chain.subordinator_at
    if chain.subordinator not in {"after", "when"} or at <= 0 or kind not in _EVENTS:
        return False
    before = parsed.word(at - 1)
    return not parsed.is_a(at - 1, "stretch") and before not in {",", "asked"} and not before.isdigit()


_GLADLY = frozenset({"gladly", "happily", "readily", "willingly", "like", "love", "consider"})
_BREAKS = frozenset({"gap", "hiatus", "break", "pause", "silence", "lull", "interruption", "freeze"})
_SPANS = frozenset({"years", "months", "weeks", "year", "month", "decade", "decades"})


def _after_a_break(parsed: Parsed, chain: Chain) -> bool:
    """True for "hold their first talks in three years", a resumption."""
    if "after" in parsed.words and _BREAKS.intersection(parsed.words) and "again" in parsed.words:
        return True  # "after a four-month gap the delegations met again"
    if {"again", "first", "time", "since"} <= set(parsed.words) or _is_again(parsed, chain):
        return True
    if "first" not in parsed.words[max(chain.node.start - 6, 0) : chain.node.end]:
        return False
    following = parsed.words[chain.node.end : chain.node.end + 12]
    return any(
        word in {"in", "for", "since"} and (word == "since" or _SPANS.intersection(following[at : at + 6]))
        for at, word in enumerate(following)
    )


def _is_again(parsed: Parsed, chain: Chain) -> bool:
    """True for "sat down again, four days after ..." and "met for the first time since ..."."""
    words = parsed.words[chain.node.end - 1 : chain.node.end + 16]
    if chain.node.entry.kind != "talk_verb" or chain.steps:
        return False
    if "again" in words[:5] and {"after", "since"}.intersection(parsed.words):
        return True
    return "first" in words and any(
        words[at : at + 3] == ("the", "first", "time") and "since" in words[at + 3 : at + 5]
        for at in range(len(words))
    )


def _fit(chain: Chain) -> float:
    fit = 1.0
    if chain.subordinator in _PRESUPPOSED:
        fit *= 0.72
    if chain.relative:
        fit *= 0.7
    if not chain.finite:
        fit *= 0.8
    if chain.reported:
        fit *= 0.75
    if chain.later:
        fit *= 1.05
    if chain.node.entry.strength == "weak":
        fit *= 0.9
    return fit


def _modal(chain: Chain) -> str:
    groups = [step.group for step in reversed(chain.steps)] + ([chain.verb_group] if chain.verb_group else [])
    return next((group.modal for group in groups if group.modal and group.modal != "will"), "")


def _looks_ahead(chain: Chain) -> bool:
    if chain.steps:
        return any(step.tense == "future" or step.op == "PLAN" for step in chain.steps)
    return chain.verb_tense == "future"


_MOVING = frozenset({"coming", "getting", "going", "heading", "returning"})


def _is_on_the_way(parsed: Parsed, chain: Chain) -> bool:
    """True for "they are going back to the table": they are not there yet."""
    if chain.node.entry.name != "back to the table" or chain.steps:
        return False
    at = chain.node.start
    verb = next((i for i in (at, at - 1) if parsed.word(i) in _MOVING), None)
    return verb is not None and parsed.group(verb).be in {"is", "are", "am", "'s", "'re", "'m"}


def _is_agreed_upon(chain: Chain) -> bool:
    """True for "have agreed to return to the table": they will."""
    return bool(chain.steps) and chain.steps[-1].op == "AGREE" and not chain.steps[-1].negated


def _is_doubted(parsed: Parsed, chain: Chain) -> bool:
    near = parsed.words[max(chain.start - 3, 0) : chain.end + 2]
    return not parsed.lexicon.words["doubtful"].isdisjoint(near)


_SHOWING = frozenset(
    """assurance confirmation evidence guarantee hint indication indications news notice proof sign signs suggestion
    suggestions word""".split()  # noqa: SIM905 - a list of words reads as one
)
_BACK = 9


def _is_unshown(parsed: Parsed, chain: Chain) -> bool:
    """True for what nobody shows or says: "no sign that the talks broke off", "neither side has said that ..."."""
    if chain.said_at >= 0 and parsed.word(chain.said_at + 1) not in {"and", "but", "or"}:
        group = parsed.group(chain.said_at)
        return group.negated or _before(parsed, group.start, lambda i: parsed.word(i) in NOBODY) >= 0
    that = _before(parsed, chain.start, lambda i: parsed.word(i) == "that")
    shown = _before(parsed, that, lambda i: parsed.word(i) in _SHOWING)
    if shown < 0 or parsed.word(shown - 1) not in {"no", "any"}:
        return False
    return _before(parsed, shown, lambda i: parsed.is_a(i, "negator")) >= 0


def _before(parsed: Parsed, end: int, is_it: Callable[[int], bool]) -> int:
    """The last such word before `end` in the same part of the sentence, -1: there is none near."""
    for i in range(end - 1, max(end - 1 - _BACK, -1), -1):
        if is_it(i):
            return i
        if parsed.is_a(i, "stop") or parsed.word(i) == ",":
            return -1
    return -1


def _is_imagined(parsed: Parsed, chain: Chain) -> bool:
    """True for "a breakdown in talks would mean strikes": what would have consequences has not happened."""
    if chain.finite or any(step.group.is_finite for step in chain.steps) or chain.verb_group:
        return False
    for i in range(chain.end, min(chain.end + _SUBJECT, len(parsed.words))):
        if parsed.word(i) == "would":
            return True
        if parsed.is_a(i, "stop") or parsed.word(i) in {",", "that", "which", "who"}:
            return False
        if parsed.starts_clause_verb(i):
            return False
    return False


_HOPE = frozenset({"hope", "hopes", "hoped", "hoping", "pray", "prays", "prayed", "wish", "wishes", "wished"})


def _is_hoped(parsed: Parsed, chain: Chain) -> bool:
    """True for "he hoped (that) the talks would go on": who hopes for something does not tell that it is so."""
    for i in range(chain.start - 1, max(chain.start - _SUBJECT, 0) - 1, -1):
        if parsed.word(i) in _HOPE:
            return True
        if parsed.word(i) in {",", "and", "but"} or parsed.is_a(i, "stop") or parsed.starts_clause_verb(i):
            return False
    return False


def _is_a_first_to_come(parsed: Parsed, chain: Chain) -> bool:
    """True for "it will be the first time that the two sides have met": they have not yet."""
    first = _before(parsed, chain.start, lambda i: parsed.words[i - 1 : i + 1] == ("first", "time"))
    return first > 0 and _before(parsed, first, lambda i: parsed.word(i) in _TO_COME) >= 0


_TO_COME = frozenset({"will", "'ll", "would", "could", "may", "might"})
_SUBJECT = 14
"""So many words may stand between the talks and the verb of which they are the subject."""


def _condition(parsed: Parsed, chain: Chain) -> str:
    """A condition on the clause: behind it, or in front of the sentence; "only" when it sets terms."""
    if parsed.word(0) in _CONDITIONS | {"should"} and chain.start > 3:
        return parsed.word(0)
    stops = parsed.lexicon.words["stop"]
    for i, word in enumerate(parsed.words[chain.end :], chain.end):
        if word in {"until", "till"} and (parsed.is_a(i + 1, "time") or parsed.word(i + 1)[:1].isdigit()):
            continue  # "until Friday" says how long
        if word in _CONDITIONS or (word == "when" and (_looks_ahead(chain) or parsed.word(i - 1) == "only")):
            return "only" if parsed.word(i - 1) == "only" or word == "unless" else word
        if word == "after" and parsed.word(i - 1) == "only":
            return "only"
        if word in stops and word != "—":
            return ""
    return ""


def sounds_earlier(parsed: Parsed, chain: Chain) -> bool:
    """True when a word in the clause sets it in an earlier time."""
    return not _EARLIER_WORDS.isdisjoint(parsed.words[max(chain.start - 2, 0) : chain.end + 3])
