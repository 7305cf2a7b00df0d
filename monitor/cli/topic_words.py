"""How topics look on a terminal: their parties and channels, what looks wrong, what they make of articles."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.text import Text

from monitor.cli import terminal
from monitor.detection.trial import Match, Trial
from monitor.topics import Channel, Party, Topic
from monitor.topics.review import Suspicion, Unmet

_LISTS = (
    ("names", "aliases"),
    ("places", "places"),
    ("decide for it", "leaders"),
    ("speak for it", "spokespersons"),
    ("beside another party", "generic_aliases"),
)
_QUOTE = 110


class Tried(NamedTuple):
    """A topic tried on an article: its id and title, what came of it, the surnames that were met as nobody's."""

    id: str
    title: str
    trial: Trial
    surnames: Sequence[Unmet]


def show_topic(topic: Topic, path: str, *, watched: bool) -> None:
    """The whole topic, for a reader who checks it."""
    _line(f"{topic.id}: {topic.label} ({'watched' if watched else 'not watched'})")
    _line(topic.description)
    _line(path)
    _line("\nChannels, the first in order gives the headline:")
    for channel in topic.channels:
        _line(f"  {channel.id}: {channel.label}{_roles_in(channel)}")
    for party in topic.parties:
        _line(f"\n{party.label} ({party.id}), {_role(topic, party)}")
        for words, field in _LISTS:
            if names := getattr(party, field):
                _indented(f"{words}: {', '.join(names)}", 2)
    if topic.homonyms:
        _line("\nMean nobody of this topic:")
        _indented(", ".join(topic.homonyms), 2)


def _roles_in(channel: Channel) -> str:
    parts = [
        ("between", channel.parties),
        ("through", channel.intermediaries),
        ("mediated by", channel.mediators),
    ]
    return "".join(f"; {words} {', '.join(names)}" for words, names in parts if names)


def _role(topic: Topic, party: Party) -> str:
    roles = []
    for words, field in (
        ("talks on", "parties"),
        ("intermediary on", "intermediaries"),
        ("only mediates on", "mediators"),
    ):
        if on := [channel.id for channel in topic.channels if party.id in getattr(channel, field)]:
            roles.append(f"{words} {', '.join(on)}")
    return "; ".join(roles) or "in no channel: its talks stay out"


def show_review(topic: Topic, path: str, found: Sequence[Suspicion]) -> None:
    """What looks wrong, and that the rest is right."""
    for one in found:
        _line(f"{one.level}: {one}")
    counts = Counter(one.level for one in found)
    _line(
        f"{path}: topic {topic.id!r} is well-formed, {_count(len(topic.parties), 'party', 'parties')}, "
        f"{_count(len(topic.channels), 'channel')}, {_count(counts['warning'], 'warning')}, "
        f"{_count(counts['note'], 'note')}."
    )


def show_trials(topic: Topic, trials: Sequence[Tried] | None) -> None:
    """What the topic makes of each article, and of all."""
    if trials is None:
        return
    for name, title, trial, surnames in trials:
        _line(f"\n{name}: {title}" if title else f"\n{name}:")
        _line(f"  {'taken in' if trial.is_relevant else 'not taken in'}: it {trial.reason}")
        for party in topic.parties:
            if matches := [one for one in trial.matches if one.party == party.id]:
                _indented(f"{party.id}: {_places(matches)}", 2)
        for unmet in surnames:
            _indented(f"{'title' if unmet.line == 0 else f'line {unmet.line}'}: {unmet}", 2)
        for claim in trial.detection.claims:
            then = ", of an earlier time" if claim.background else ""
            says = f", says {claim.speaker}" if claim.speaker else ""
            _indented(
                f"claim on {claim.channel}: {claim.kind} ({claim.mood}{then}{says}) “{_cut(claim.span.text)}”",
                2,
            )
        for item in trial.detection.dropped:
            _indented(f"passed over, {item.reason}: “{_cut(item.span.text)}”", 2)
    taken = [one.trial for one in trials if one.trial.is_relevant]
    channels = Counter(claim.channel for trial in taken for claim in trial.detection.claims)
    on = ", ".join(f"{channel.id} {channels[channel.id]}" for channel in topic.channels)
    _line(f"\n{len(taken)} of {_count(len(trials), 'article')} would be taken in; their claims: {on}.")


def _places(matches: Iterable[Match]) -> str:
    where: dict[str, list[str]] = {}
    for one in matches:
        where.setdefault(one.text, []).append("title" if one.line == 0 else f"line {one.line}")
    return "; ".join(f"“{text}” in {', '.join(dict.fromkeys(lines))}" for text, lines in where.items())


def show_next_steps(topic: Topic, path: Path, watched: Iterable[str]) -> None:
    """What to do with a new topic file."""
    _line("\nNext: add names and people to the file, then")
    _line(f"  parley topics check {path} ARTICLES.jsonl    what it makes of articles")
    _line(f"  parley rehearse {topic.id} ARTICLES.jsonl --topic-file {path}    what it would have told")
    topics = ", ".join(f'"{name}"' for name in (*watched, topic.id))
    _line(f'  and in parley.toml: topics = [{topics}] and topic_dirs = ["{path.parent.absolute()}"]')


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _cut(text: str) -> str:
    return text if len(text) <= _QUOTE else text[: _QUOTE - 1] + "…"


def _line(text: str) -> None:
    for part in text.split("\n"):
        terminal.console().print(Text(terminal.plain(part)), soft_wrap=True)


def _indented(text: str, by: int) -> None:
    terminal.line(terminal.console(), Text(terminal.plain(text)), by)
