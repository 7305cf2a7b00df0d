"""A talk noun with the operators over it, and the value that they make, kept up to date as it grows outwards."""

from dataclasses import dataclass, field

from monitor.detection.compose import compose
from monitor.detection.forms import Match
from monitor.detection.parsed import Group, Parsed


@dataclass(slots=True)
class Step:
    """One operator over what is inside it. `tense` is "" for what is not finite."""

    match: Match
    group: Group
    negated: bool
    tense: str

    @property
    def op(self) -> str:
        """The operator's name."""
        return self.match.entry.name


@dataclass(slots=True)
class Chain:
    """A talk noun or verb with its operators, innermost first; `start` .. `end` are the tokens taken in so far."""

    node: Match
    start: int
    end: int
    value: str
    negated: bool = False
    reported: bool = False
    steps: list[Step] = field(default_factory=list)
    verb_group: Group | None = None
    verb_tense: str = ""
    finite: bool = False
    planned: bool = False
    purpose: bool = False
    subordinator: str = ""
    subordinator_at: int = -1
    said_at: int = -1
    relative: bool = False
    later: bool = False
    adjunct: str = ""
    subject_end: int = -1
    reported_speech: bool = False
    bare: bool = False
    """True for a predicate that is only a participle or a state, without a verb of its own."""
    blocked: bool = False
    """True where something else is said of the talks, by a verb that is no operator."""

    @property
    def outer(self) -> Match:
        """What is said last of all: the outermost operator, else the talk noun or verb itself."""
        return self.steps[-1].match if self.steps else self.node

    @property
    def outer_op(self) -> str:
        """The operator of `outer`; "" for a noun alone."""
        return self.steps[-1].op if self.steps else self.node.entry.op

    @property
    def outer_group(self) -> Group | None:
        """The auxiliaries before `outer`; None for a noun alone."""
        return self.steps[-1].group if self.steps else self.verb_group

    @property
    def outer_tense(self) -> str:
        """The tense of `outer`, or ""."""
        return self.steps[-1].tense if self.steps else self.verb_tense

    def matches(self) -> list[Match]:
        """The operators' matches."""
        return [step.match for step in self.steps]

    def branch(self) -> "Chain":
        """The chain as it stands, to be continued in another way."""
        return Chain(
            self.node,
            self.start,
            self.end,
            self.value,
            self.negated,
            self.reported,
            list(self.steps),
            adjunct=self.adjunct,
        )

    def take(self, other: "Chain") -> None:
        """Becomes what the other, a longer branch of it, is."""
        self.steps, self.end, self.value, self.finite = other.steps, other.end, other.value, other.finite
        self.negated, self.reported = other.negated, other.reported

    def recompute(self, parsed: Parsed) -> None:
        """The value anew, after a step changed."""
        steps, self.steps = self.steps, []
        self.reported = False
        self.value = self.node.entry.value
        for step in steps:
            _apply(parsed, self, step)

    def settled(self, parsed: Parsed) -> str:
        """The kind that the chain says at last, or `none`."""
        value = self.value
        if self.node.entry.kind == "talk_verb" and not self.steps:
            op = self.node.entry.op
            value = compose(parsed.lexicon, op, "talks", self.negated, self.verb_tense == "future", False)
        return parsed.lexicon.final.get(value, value)

    def rule(self) -> str:
        """Operators from the outside in, and the forms that showed them."""
        text = self.node.entry.name
        for step in self.steps:
            text = f"{'NOT ' if step.negated else ''}{step.op}({text})"
        if self.negated and not self.steps:
            text = f"NOT({text})"
        return ": ".join(
            filter(None, (text, ", ".join(step.match.form.text for step in reversed(self.steps))))
        )


def attach(parsed: Parsed, chain: Chain, step: Step) -> None:
    """Puts an operator over the chain; "no" before the talks negates the first ("held no talks")."""
    if not chain.steps and chain.negated:
        step.negated = not step.negated
        chain.negated = False
        if chain.node.entry.kind == "talk_verb":
            step.negated = not step.negated
            chain.value = compose(parsed.lexicon, chain.node.entry.op, "talks", True, False, False)
    elif not chain.steps and chain.node.entry.kind == "talk_verb" and chain.verb_tense == "future":
        # "confirmed that the envoys will meet": they have not met yet
        chain.value = compose(parsed.lexicon, chain.node.entry.op, "talks", False, True, False)
    _apply(parsed, chain, step)


_UNABLE = frozenset({"EXIST", "HOLD", "BEGIN", "RESUME", "CONTINUE"})


def _apply(parsed: Parsed, chain: Chain, step: Step) -> None:
    future = step.tense == "future"
    chain.steps.append(step)
    if step.negated and step.group.modal in {"can", "could"} and step.op in _UNABLE:
        chain.value = "stalled" if step.group.be else "rejected"
        return
    if (
        step.negated
        and step.op == "BEGIN"
        and step.match.end <= chain.node.start
        and step.tense in {"past", "perfect"}
    ):
        chain.value = "denied"  # "has not opened any channel"
        return
    chain.value = compose(parsed.lexicon, step.op, chain.value, step.negated, future, chain.reported)
    if step.op == "REPORT":
        chain.reported = True


def tense_of(letters: str, group: Group) -> str:
    """past, present, perfect, pluperfect or future; "" for infinitives and gerunds without an auxiliary."""
    if group.modal in {"will", "would"}:
        return "future"
    if group.modal:
        return "present"
    if group.have == "had":
        return "pluperfect"
    if group.have in {"have", "has", "'ve"}:
        return "perfect"
    if group.to or group.have == "having":
        return ""
    if group.be in {"was", "were", "remained", "stayed", "became", "seemed"} or group.do == "did":
        return "past"
    if group.be in {"is", "are", "am", "'s", "'re", "'m"} or group.do:
        return "present"
    if "d" in letters:
        return "past"
    return "present" if set(letters) & {"s", "b"} or not letters else ""
