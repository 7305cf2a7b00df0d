"""Who of a topic's parties has talks with whom that are the topic's, and who only mediates or talks elsewhere."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from monitor.topics import Topic


@dataclass(frozen=True)
class Relations:
    """What the channels of a topic say of its parties."""

    topic: Topic

    @cached_property
    def talking(self) -> frozenset[str]:
        """The parties that channels are made of."""
        return self.topic.talking

    @cached_property
    def mediators(self) -> frozenset[str]:
        """Parties that mediate in a channel and talk in none."""
        named = {party for channel in self.topic.channels for party in channel.mediators}
        return frozenset(named - self.talking)

    @cached_property
    def outsiders(self) -> frozenset[str]:
        """Parties that no channel names: their talks are none of the topic's."""
        return frozenset({party.id for party in self.topic.parties} - self.talking - self.mediators)

    @cached_property
    def _intermediaries(self) -> frozenset[str]:
        return frozenset(party for channel in self.topic.channels for party in channel.intermediaries)

    @cached_property
    def _pairs(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(channel.parties) for channel in self.topic.channels)

    def may_be_anybodys(self, party: str, name: str) -> bool:
        """True for "the union", which another may be too; not for "the military" of a party that is also "military"."""
        return name.startswith("the ") and name.removeprefix("the ") not in self._generic_names[party]

    @cached_property
    def _generic_names(self) -> dict[str, frozenset[str]]:
        return {party.id: frozenset(party.generic_aliases) for party in self.topic.parties}

    def rivals(self, party: str) -> frozenset[str]:
        """Who talks with the party's counterparts in other channels than its own."""
        others = {other for pair in self._pairs if party in pair for other in pair - {party}}
        beside = (pair - others for pair in self._pairs if party not in pair and pair & others)
        return frozenset[str]().union(*beside)

    def is_an_outsiders(self, words: str) -> bool:
        """True if an outsider's names begin with these words, or the last of them, and no other party's do."""
        parts = words.lower().split()
        starts = (" ".join(parts[first:]) + " " for first in range(len(parts)))
        return any(
            any(name.startswith(start) for name in self._outsiders_names)
            and not any(name.startswith(start) for name in self._talkers_names)
            for start in starts
        )

    @cached_property
    def _outsiders_names(self) -> tuple[str, ...]:
        return self._names_of(self.outsiders)

    @cached_property
    def _talkers_names(self) -> tuple[str, ...]:
        return self._names_of(self.talking)

    def _names_of(self, parties: Collection[str]) -> tuple[str, ...]:
        return tuple(
            name.lower() for party in self.topic.parties if party.id in parties for name in party.aliases
        )

    def is_a_pair(self, parties: AbstractSet[str]) -> bool:
        """True if talks between all these may be a channel's: two of its parties are there, or an intermediary."""
        return bool(self._intermediaries & parties) or any(len(pair & parties) > 1 for pair in self._pairs)

    def none_talks(self, parties: Collection[str]) -> bool:
        """True if some are given and none of them takes part in any channel."""
        return bool(parties) and self.talking.isdisjoint(parties)

    def are_but_states(self, parties: AbstractSet[str]) -> bool:
        """True if of all that talk no pair is named, and only states (parties with places), which talk with many."""
        states = {party.id for party in self.topic.parties if party.places}
        talking = self.talking & parties
        return bool(states) and talking <= states and not self.is_a_pair(talking)
