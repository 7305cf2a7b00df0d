"""An explanation on a terminal: each sentence with its trigger words coloured, and under it what was made of them."""

from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from monitor.cli.terminal import line, plain, when
from monitor.detection import Considered, Dropped, Explained, Explanation
from monitor.detection.discourse import UNKNOWN_AGE
from monitor.detection.model import Trigger

OPERATOR, NOUN, ACCEPTED, DROPPED, ASIDE = "yellow", "cyan", "green", "red", "dim"


def show_explanation(out: Console, told: Explanation, indent: int = 2) -> None:
    """Print every sentence and every passage that was passed over, in the order of the document."""
    passages: list[Explained | Dropped] = [*told.sentences, *told.passed_over]
    for passage in sorted(passages, key=_place):
        if isinstance(passage, Dropped):
            text = f"passed over ({passage.reason}): “{passage.span.text}”"
            line(out, Text(plain(text), ASIDE), indent)
        else:
            _show_sentence(out, passage, indent)


def _show_sentence(out: Console, told: Explained, indent: int) -> None:
    position = f"{told.sentence.position}: "
    if not told.candidates:
        line(out, Text(plain(position + told.sentence.text), ASIDE), indent)
        return
    line(out, Text().append(position, ASIDE).append_text(highlighted(told)), indent)
    for candidate in told.candidates:
        line(out, _verdict(candidate), indent + 2)
        line(out, _chain(candidate), indent + 4)
        if candidate.rule:
            line(out, Text(plain(f"rule: {candidate.rule}"), ASIDE), indent + 4)
        if candidate.features:
            weighed = ", ".join(f"{name} {value:g}" for name, value in candidate.features)
            line(out, Text(plain(f"confidence from: {weighed}"), ASIDE), indent + 4)


def highlighted(told: Explained) -> Text:
    """The sentence with its trigger words in colour; those of accepted candidates are bold."""
    styles = [""] * len(told.sentence.text)
    for candidate in sorted(told.candidates, key=lambda one: one.is_accepted):
        weight = "bold " if candidate.is_accepted else ""
        for trigger in candidate.triggers:
            colour = NOUN if trigger is candidate.talk_noun else OPERATOR
            for word in trigger.words:
                start, end = word.start - told.sentence.start, word.end - told.sentence.start
                styles[start:end] = [weight + colour] * (end - start)
    text = Text()
    for style, run in groupby(zip(styles, told.sentence.text, strict=True), key=lambda pair: pair[0]):
        text.append(plain("".join(letter for _, letter in run)), style)
    return text


def _verdict(candidate: Considered) -> Text:
    claim = candidate.claim
    if claim is None:
        might = f"{candidate.kind}: " if candidate.kind else ""
        return Text().append("dropped", DROPPED).append(plain(f"  {might}{candidate.reason}"))
    parts = [
        f"{claim.kind} ({claim.confidence:.2f}) on {claim.channel}",
        claim.mood,
        claim.attribution,
        *(
            f"{role} {name}"
            for role, name in (("speaker", claim.speaker), ("principal", claim.principal))
            if name
        ),
        when(claim.when.model_dump(mode="json")),
        # Of a text without a date everything is background; then the rule says that its age is unknown.
        *(["of an earlier time"] if claim.background and not claim.rule.endswith(UNKNOWN_AGE) else []),
    ]
    return Text().append("accepted", ACCEPTED).append(plain(f" {', '.join(parts)}"))


def _chain(candidate: Considered) -> Text:
    """Operators from the outside in, then the talk noun, each with its words."""
    parts = [_trigger(one, OPERATOR) for one in candidate.operators]
    return Text(" › ").join([*parts, _trigger(candidate.talk_noun, NOUN)])


def _trigger(trigger: Trigger, colour: str) -> Text:
    name = f"NOT {trigger.name}" if trigger.negated else trigger.name
    return (
        Text(plain(name))
        .append(" “")
        .append_text(Text(plain(" … ".join(_words(trigger))), colour))
        .append("”")
    )


def _words(trigger: Trigger) -> Iterator[str]:
    return (word.text for word in trigger.words)


def _place(passage: Explained | Dropped) -> tuple[bool, int]:
    span = passage.span if isinstance(passage, Dropped) else passage.sentence
    return not span.in_title, span.start
