"""Which channel the participants of a passage tell by themselves, without context, and how surely."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.detection.participants import Participant, Rank
from monitor.topics import Channel, Topic

FIT = {
    "bound": 0.95,
    "named": 0.85,
    "implied": 0.7,
    "speaker": 0.6,
    "context": 0.6,
    "headline": 0.5,
    "shared": 0.75,
}
"""How well a passage fits its channel, by what tells so."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The channel that a passage speaks of, and what tells so.

    `how`: "sentence" (its own words), "context" (what was spoken of last), "headline" (what the text opens with),
    "text" (what it speaks of elsewhere), "any".
    With `contrast` the passage sets this channel against its first one: "only with the army, not the government".
    """

    channel: str
    parties: tuple[str, ...]
    fit: float
    how: str
    contrast: bool = False


class Evidence:
    """The channels of a topic, and what their parties tell of them."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        belongs: dict[str, set[str]] = {}
        for channel in topic.channels:
            for party in channel.parties:
                belongs.setdefault(party, set()).add(channel.id)
        self.telling = {party: next(iter(ids)) for party, ids in belongs.items() if len(ids) == 1}
        """A party that is of one channel only tells the channel by itself."""
        self._by_intermediary = {
            party: channel for channel in topic.channels for party in channel.intermediaries
        }
        self._intermediarys = {channel.id for channel in self._by_intermediary.values()}

    def is_intermediarys(self, channel: str) -> bool:
        """True if the channel of that id has an intermediary."""
        return channel in self._intermediarys

    def own(self, participants: Iterable[Participant]) -> tuple[Assignment, ...]:
        """What these participants tell by themselves, without context."""
        best: dict[str, Participant] = {}
        for one in participants:
            if one.party not in best or one.rank > best[one.party].rank:
                best[one.party] = one
        pairs = self._pairs(best) if len(best) > 1 else ()
        between = next(
            (self._by_intermediary[party] for party in best if party in self._by_intermediary), None
        )
        if between is not None and self._takes_part(between, best, pairs):
            named = tuple(party for party, one in best.items() if one.rank > Rank.SOURCE)
            return (Assignment(between.id, named, FIT["bound"], "sentence"),)
        return pairs or self._implied(best)

    def _takes_part(
        self, channel: Channel, best: dict[str, Participant], pairs: tuple[Assignment, ...]
    ) -> bool:
        """An intermediary does, unless it only comments on a pair's talks."""
        of_it = [best[party] for party in channel.intermediaries if party in best]
        return any(
            one.rank >= Rank.NAMED or one.acts or (one.rank is Rank.SPEAKER and not pairs) for one in of_it
        )

    def _pairs(self, best: dict[str, Participant]) -> tuple[Assignment, ...]:
        """The channels of which two parties take part, where those take part most who are bound to the talks."""
        scored: list[tuple[int, Channel, bool]] = []
        for channel in self._topic.channels:
            ranks = sorted((best[party].rank for party in channel.parties if party in best), reverse=True)[:2]
            if len(ranks) == 2 and ranks[1] > Rank.SOURCE:
                scored.append((sum(ranks), channel, ranks[0] is Rank.BOUND))
        top = max((score for score, _, _ in scored), default=0)
        winners = [(channel, bound) for score, channel, bound in scored if score == top]
        if len(winners) == 1:
            return tuple(_told(channel, "bound" if bound else "named") for channel, bound in winners)
        own = [self._own_of(channel, best) for channel, _ in winners]
        are_meant = all(any(one.rank is Rank.BOUND for one in ones) for ones in own) or self._are_listed(own)
        return tuple(_told(channel, "shared" if are_meant else "named") for channel, _ in winners)

    def _own_of(self, channel: Channel, best: dict[str, Participant]) -> list[Participant]:
        """Those who are of this channel only."""
        return [best[party] for party in channel.parties if party in best and party in self.telling]

    def _are_listed(self, own: list[list[Participant]]) -> bool:
        """True if the counterparts of all these channels are named in one breath: what is said is said of each."""
        parties = {one.party for ones in own for one in ones}
        return all(any(parties <= one.listed for one in ones) for ones in own)

    def _implied(self, best: dict[str, Participant]) -> tuple[Assignment, ...]:
        """One party that is of one channel only: the other is understood."""
        telling = [(one, self.telling[party]) for party, one in best.items() if party in self.telling]
        top = max((one.rank for one, _ in telling), default=Rank.SOURCE)
        if top is Rank.SOURCE:
            return ()
        how_well = "implied" if top > Rank.SPEAKER else "speaker"
        chosen = {channel_id for one, channel_id in telling if one.rank is top}
        return tuple(_told(channel, how_well) for channel in self._topic.channels if channel.id in chosen)


def _told(channel: Channel, how_well: str) -> Assignment:
    """The channel, as the passage itself tells it."""
    return Assignment(channel.id, channel.parties, FIT[how_well], "sentence")
