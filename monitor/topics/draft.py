"""A new topic file out of a few answers: with its comments, so that its writer can go on by hand."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from monitor.errors import BadInputError
from monitor.topics.spelling import fold

_HEAD = """\
# {label}: a topic of Parley. Go on by hand; `parley topics check FILE ARTICLES` says what it makes of articles.
#
# How a name matches: a word with a capital must be met so (or in ALL CAPITALS), a word in small letters in any case.
# Spaces and hyphens stand for each other, accents and possessives ('s) do not matter, the longest name wins.

id = {id}
label = {label_text}
description = {description}
languages = ["en"]
# After so many days without news a status is shown as "last known".
stale_after_days = 30
# Where the talks are held: pages show its hours beside the reader's own and UTC.
# time_zone = "Europe/Zurich"

# Names that hold one of those below but mean nobody of these talks: "Washington Post", another person of that surname.
homonyms = {homonyms}
"""
_PARTY = """{comment}
[[parties]]
id = {id}
# What screens show. One of several words with capitals ("Network Rail") is a name too, any other is not.
label = {label}
# What it is called, its offices and delegations.
aliases = {aliases}
# Countries and capitals that stand for it ("Tehran refused"), but not where they are only a place ("in Tehran").
places = {places}
# People whose stance decides its own, and people who speak for it, by their full names: where an article has the full
# name, the surname alone is known too. Add the bare surname where headlines need no more.
leaders = {leaders}
spokespersons = {spokespersons}
# Words that mean it only where another party of this topic is named: "the government", "the union".
generic_aliases = {generic_aliases}
"""
_CHANNEL = """
{comment}[[channels]]
id = {id}
label = {label}
parties = {parties}
# Talks in which one of these takes part are this channel's, whoever the counterpart is.
intermediaries = {intermediaries}
# They host or carry messages; talks with them alone are not this channel's.
mediators = {mediators}
"""
_CHANNELS = """\
# Who talks with whom. The topic's headline is the status of the first of these that is not stale. A party that no
# channel names is there to be told apart: its talks stay out.
"""
_ID_LENGTH = 41


@dataclass(frozen=True)
class PartyDraft:
    """A party as answered."""

    label: str
    aliases: Sequence[str] = ()
    places: Sequence[str] = ()
    leaders: Sequence[str] = ()
    spokespersons: Sequence[str] = ()
    generic_aliases: Sequence[str] = ()

    @property
    def id(self) -> str:
        """The party's id: its label as a name."""
        return name_of(self.label)


@dataclass(frozen=True)
class ChannelDraft:
    """A channel as answered: ids of parties."""

    parties: Sequence[str]
    id: str = ""
    intermediaries: Sequence[str] = ()


@dataclass(frozen=True)
class Draft:
    """A topic as answered. `mediators` are ids of parties that mediate in every channel."""

    label: str
    parties: Sequence[PartyDraft]
    channels: Sequence[ChannelDraft]
    id: str = ""
    description: str = ""
    mediators: Sequence[str] = ()
    homonyms: Sequence[str] = field(default=())


def name_of(label: str) -> str:
    """A label as an id: "Rail union (RMT)" is rail-union-rmt.

    An id begins with a letter, so that "2024 pay round" is pay-round-2024.

    Raises:
        BadInputError: nothing in it can begin an id.
    """
    whole = re.sub(r"[^a-z0-9]+", "-", fold(label).lower()).strip("-")
    name = whole.lstrip("-0123456789")
    number = whole.removesuffix(name).strip("-")[: _ID_LENGTH // 2]
    behind = f"-{number}" if number else ""
    name = name[: _ID_LENGTH - len(behind)].strip("-") + behind
    if not name or name == behind:
        raise BadInputError(f"{label!r} gives no id; expected a name that begins with a Latin letter")
    return name


def written(draft: Draft) -> str:
    """The topic file."""
    labels = {party.id: party.label for party in draft.parties}
    head = _HEAD.format(
        label=" ".join(draft.label.split()),
        id=_text(draft.id or name_of(draft.label)),
        label_text=_text(draft.label),
        description=_text(draft.description or _described(draft, labels)),
        homonyms=_list(draft.homonyms),
    )
    parties = [
        _once(place, _party(party, "\n# Only mediates." if party.id in draft.mediators else ""))
        for place, party in enumerate(draft.parties)
    ]
    channels = [
        _once(place, _channel(channel, draft, labels, _CHANNELS if place == 0 else ""))
        for place, channel in enumerate(draft.channels)
    ]
    return head + "".join((*parties, *channels))


def _once(place: int, table: str) -> str:
    """A table whose keys are explained only in the first of its kind."""
    return re.sub(r"(?m)(?<=\n)#(?! Only).*\n", "", table) if place else table


def _party(party: PartyDraft, comment: str) -> str:
    return _PARTY.format(
        comment=comment,
        id=_text(party.id),
        label=_text(party.label),
        aliases=_list(party.aliases),
        places=_list(party.places),
        leaders=_list(party.leaders),
        spokespersons=_list(party.spokespersons),
        generic_aliases=_list(party.generic_aliases),
    )


def _channel(channel: ChannelDraft, draft: Draft, labels: dict[str, str], comment: str) -> str:
    sides = channel.parties or channel.intermediaries
    mediators = [
        party for party in draft.mediators if party not in {*channel.parties, *channel.intermediaries}
    ]
    return _CHANNEL.format(
        comment=comment,
        id=_text(channel.id or name_of("-".join(sides))),
        label=_text(" – ".join(labels.get(party, party) for party in sides)),
        parties=_list(channel.parties),
        intermediaries=_list(channel.intermediaries),
        mediators=_list(mediators),
    )


def _described(draft: Draft, labels: dict[str, str]) -> str:
    pairs = [
        " with ".join(labels.get(party, party) for party in channel.parties) for channel in draft.channels
    ]
    return f"Talks of {', '.join(pair for pair in dict.fromkeys(pairs) if pair)}."


def _text(text: str) -> str:
    """A TOML string: JSON's, whose escapes TOML has too."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, dict.fromkeys(texts)))}]"
