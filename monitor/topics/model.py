"""A topic: one set of talks that is watched. Frozen values; how they are read from TOML is `monitor.topics.load`."""

import json
import re
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from monitor.ids import fact_id
from monitor.vocabulary import ANY_CHANNEL, Value

_PROPER = re.compile(r"(?!The\b)[A-Z][\w'’.-]*(?: (?:(?:of|for|the|de|del|la|du|von|van) )*[A-Z][\w'’.-]*)+")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]


@cache
def _zones() -> set[str]:
    """What the machine has; to list them opens hundreds of files."""
    return available_timezones()


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError('a time zone of the IANA database, as "Asia/Karachi"')
    return name


class Party(Value):
    """Who talks. Aliases name the party itself; spokespersons are people whose word is the party's own.

    A label of several words with capitals ("Network Rail") is a name like the aliases; any other is only shown.
    `leader` names people whose stance decides the party's (Khan for PTI): reported through others, it is still theirs.
    """

    id: Name
    label: str
    aliases: tuple[str, ...] = ()
    spokespersons: tuple[str, ...] = ()
    leaders: tuple[str, ...] = ()
    # Aliases that name this party only when another party of the topic is named nearby ("the government").
    generic_aliases: tuple[str, ...] = ()
    # Countries and capitals that stand for it ("Tehran refused"), save where they are but a place ("in Tehran").
    places: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The aliases, and the label where that is a proper name of several words and in no list yet."""
        listed = {*self.aliases, *self.spokespersons, *self.leaders, *self.generic_aliases, *self.places}
        is_name = _PROPER.fullmatch(self.label) is not None and self.label not in listed
        return (*self.aliases, self.label) if is_name else self.aliases


class Channel(Value):
    """Who talks with whom: by its parties, or by an intermediary (then whatever counterpart is named).

    Mediators host or carry the talks of the channel's parties; talks with a mediator alone are none of the channel's.
    A party that no channel names has talks of its own, which stay out.
    """

    id: Name
    label: str
    parties: tuple[Name, ...] = ()
    intermediaries: tuple[Name, ...] = ()
    mediators: tuple[Name, ...] = ()


class Topic(Value):
    """One set of talks. The order of `channels` decides the headline status."""

    id: Name
    label: str
    description: str = ""
    # ISO 639-1 codes: articles in other languages are kept and marked, but no claims are looked for in them.
    languages: tuple[str, ...] = ("en",)
    parties: tuple[Party, ...] = ()
    channels: tuple[Channel, ...] = ()
    # Names that hold an alias but mean nobody of this topic ("Khan Younis", "news agency PTI").
    homonyms: tuple[str, ...] = ()
    stale_after_days: Annotated[int, Field(ge=1)] = 30
    late_after_days: Annotated[int, Field(ge=1)] = 7
    # The same status is not told of a channel again within so many days on unconfirmed word; 0: it is.
    cool_down_days: Annotated[int, Field(ge=0)] = 7
    kind: Literal["talks", "any"] = "talks"
    # Where the talks happen: screens show its clock beside the viewer's.
    time_zone: Annotated[str, AfterValidator(_known_zone)] | None = None

    @property
    def hash(self) -> str:
        """128-bit hash of everything that detection and status depend on."""
        read = self.model_dump(mode="json", exclude={"time_zone"})
        return fact_id("topic", json.dumps(read, sort_keys=True))

    @property
    def talking(self) -> frozenset[str]:
        """The parties that channels are made of: who talks, and the intermediaries."""
        return frozenset(
            party for channel in self.channels for party in (*channel.parties, *channel.intermediaries)
        )

    def unread_because(self, language: str) -> str:
        """Why no claims are looked for in a text of this language (ISO 639-1), in words; empty when they are.

        A language that is not known is read: silence would lose more than a look at a text that nothing is found in.
        """
        code = language.partition("-")[0].lower()
        if len(code) != 2 or code in self.languages:
            return ""
        return f"its language is {code!r}, and topic {self.id!r} reads only {', '.join(self.languages)}"

    def channel(self, channel_id: str) -> Channel | None:
        """The channel of that id, or None."""
        return next((channel for channel in self.channels if channel.id == channel_id), None)


ANY = Topic(
    id="any",
    label="Any talks",
    channels=(Channel(id=ANY_CHANNEL, label="Any talks"),),
    kind="any",
)
"""The topic with no parties: finds talks of anyone, for evaluation and for exploring."""
