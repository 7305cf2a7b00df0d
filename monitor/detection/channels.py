"""Which channel a passage speaks of: from who takes part in its talks, else from the context.

The context is the channel that the text last spoke of, at most a few sentences back, and else the one that the whole
text is about: the headline's, or the lead's. Talks in which an intermediary takes part are the intermediary's channel,
whatever counterpart is named; so a story about them only turns to another channel when it binds two parties to talks.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from monitor.detection.evidence import FIT, Assignment, Evidence
from monitor.detection.generics import without_others
from monitor.detection.participants import ANAPHORA, Participant, Rank, Reading, read
from monitor.detection.relations import Relations
from monitor.detection.strangers import is_headline_of_strangers, part_of
from monitor.topics import Channel, Mention, Role, Topic, find_in_article
from monitor.topics.spelling import fold
from monitor.vocabulary import ANY_CHANNEL

TITLE = -1
"""The index of the headline."""
REACH = 3
"""So many sentences a channel carries over, where nobody knows the paragraphs."""
PARAGRAPH_REACH = 8
LEAD_SENTENCES = 4
HEAD_SENTENCES = 2
"""A pair of the topic's that is bound to talks so early makes the story its own, whatever the headline says."""

SENTENCE_FIT = 0.9
"""What the rest of the sentence tells counts so much of what the clause itself tells."""


class ChannelContext:
    """The channels of one text. `paragraphs` numbers each sentence's paragraph, where the caller knows them."""

    def __init__(
        self, topic: Topic, title: str, sentences: Sequence[str], *, paragraphs: Sequence[int] | None = None
    ) -> None:
        if paragraphs is not None and len(paragraphs) != len(sentences):
            raise ValueError(
                f"{len(sentences)} sentences need as many paragraph numbers, not {len(paragraphs)}"
            )
        self._topic = topic
        self._relations = Relations(topic)
        self._texts = (title, *sentences)
        self._folded = tuple(map(fold, self._texts))
        self._paragraphs = paragraphs
        self._evidence = Evidence(topic)

    def assign_all(self, index: int, start: int, end: int, at: int | None = None) -> tuple[Assignment, ...]:
        """All channels that the clause `start` .. `end` speaks of, by its words around `at`, the main one first."""
        if self._topic.kind == "any":
            return (Assignment(ANY_CHANNEL, (), 1.0, "any"),)
        reading = self._readings[index + 1]
        if reading.is_of_others(start, end) or self._is_theirs(index, start, end):
            return ()
        if at is not None:
            reading = _heard_in_quotes(self._folded[index + 1], reading, at)
        clause = [*_promoted(self._texts[index + 1], reading, start, end), *self._meant(index, reading)]
        plain = [one for one in clause if not one.contrast]
        context = self._context(index)
        against = self._evidence.own([replace(one, contrast=False) for one in clause if one.contrast])
        found = self._settled(plain, reading, context)
        if against and found == (context,):
            found = tuple(one for one in found if one.channel != against[0].channel)
        taken = {assignment.channel for assignment in found}
        return (*found, *(replace(one, contrast=True) for one in against if one.channel not in taken))

    def _is_theirs(self, index: int, start: int, end: int) -> bool:
        """True where others' talks are told of, if not in another part of the sentence."""
        foreign = self._readings[index + 1].foreign
        first, last = part_of(self._texts[index + 1], start, end)
        return self._theirs[index + 1] and (not foreign or any(first <= at < last for at in foreign))

    def _meant(self, index: int, reading: Reading) -> list[Participant]:
        """The counterpart that "Its negotiators hold talks with the union" means: the one just spoken of."""
        if index < 1 or _PRONOUN.match(self._texts[index + 1]) is None:
            return []
        if not reading.bound or any(one.party in self._evidence.telling for one in reading.participants):
            return []
        before = [one for one in self._readings[index].participants if one.party in self._evidence.telling]
        return [
            replace(one, rank=Rank.NAMED) for one in before[:1] if len({one.party for one in before}) == 1
        ]

    def _settled(
        self, clause: list[Participant], reading: Reading, context: Assignment | None
    ) -> tuple[Assignment, ...]:
        """The clause's own evidence, else the sentence's, else the context; a story of an intermediary is sticky."""
        sentence = [one for one in reading.participants if not one.contrast]
        for participants, weight in ((clause, 1.0), (sentence, SENTENCE_FIT)):
            own = self._evidence.own(participants)
            if self._is_elsewhere and own and own[0].fit <= FIT["implied"]:
                own = ()  # in a story of others' talks it takes two parties to make them the topic's
            if context is not None and own and self._sticks(context, own, participants):
                return (context,)
            if own and own[0].fit > FIT["speaker"]:
                return tuple(
                    replace(one, fit=round(one.fit * weight, 3)) for one in self._one_of(own, context)
                )
        if context is not None:
            return (context,)
        return () if self._is_elsewhere else self._evidence.own(clause) or self._evidence.own(sentence)

    def _one_of(self, own: tuple[Assignment, ...], context: Assignment | None) -> tuple[Assignment, ...]:
        """Several channels at once are meant only where the talks are bound to both; else the context chooses."""
        if len(own) == 1 or own[0].fit == FIT["shared"]:
            return own
        chosen = next((one for one in own if context and one.channel == context.channel), own[0])
        return (chosen,)

    def _sticks(
        self, context: Assignment, own: tuple[Assignment, ...], participants: Iterable[Participant]
    ) -> bool:
        """A counterpart that is named in a story of an intermediary does not turn it; a bound pair of its own does."""
        if not self._evidence.is_intermediarys(context.channel) or self._evidence.is_intermediarys(
            own[0].channel
        ):
            return False
        is_pair = len(own) == 1 and own[0].fit == FIT["bound"]
        return not (is_pair and any(one.firm for one in participants))

    @cached_property
    def named(self) -> tuple[tuple[Mention, ...], ...]:
        """The topic's parties in the title and in each sentence, by names that mean them in this article."""
        if not self._topic.parties:
            return ((),) * len(self._texts)
        return without_others(self._folded, find_in_article(self._topic, self._folded), self._relations)

    @cached_property
    def certain(self) -> frozenset[str]:
        """The parties that are named for sure: where another one is, a generic name counts."""
        return frozenset(one.party for found in self.named for one in found if one.role is not Role.GENERIC)

    @cached_property
    def _readings(self) -> tuple[Reading, ...]:
        """The title's and the sentences' participants."""
        return tuple(
            read(
                text,
                [one for one in found if one.counts(self.certain)],
                self._relations,
            )
            for text, found in zip(self._folded, self.named, strict=True)
        )

    @cached_property
    def _theirs(self) -> tuple[bool, ...]:
        """Where others' talks are told of, and what goes on with them ("They will meet again") without a name."""
        told: list[bool] = []
        for text, reading in zip(self._texts, self._readings, strict=True):
            goes_on = (
                bool(told) and told[-1] and not reading.participants and ANAPHORA.match(text) is not None
            )
            told.append(reading.is_theirs or (len(told) > 1 and goes_on))
        return tuple(told)

    @cached_property
    def _decisive_ones(self) -> tuple[Assignment | None, ...]:
        return tuple(self._decisive(reading) for reading in self._readings)

    @cached_property
    def _is_elsewhere(self) -> bool:
        """True if the story opens with others' talks, of outsiders, or of states that are no pair."""
        opening_names = [{mention.party for mention in found} for found in self.named[: LEAD_SENTENCES + 1]]
        often = Counter(party for named in opening_names for party in named)
        if self._relations.are_but_states(often.keys()) or self._is_of_outsiders(often):
            return True
        opening = list(zip(self._decisive_ones, self._readings, strict=True))[: LEAD_SENTENCES + 1]
        if any(own is not None and own.fit > FIT["implied"] for own, _ in opening[: HEAD_SENTENCES + 1]):
            return False
        if is_headline_of_strangers(self._folded[0], self.named[0]):
            return True
        return next((own is None for own, reading in opening if own is not None or reading.is_theirs), False)

    def _is_of_outsiders(self, often: Counter[str]) -> bool:
        """True if the opening names an outsider as often as any party that talks, and no pair of these."""
        if self._relations.outsiders.isdisjoint(often) or self._relations.is_a_pair(often.keys()):
            return False
        ours = max((often[party] for party in self._relations.talking), default=0)
        return ours <= max(often[party] for party in self._relations.outsiders)

    @cached_property
    def _main(self) -> Assignment | None:
        """What the text is about: its headline's channel, else its lead's, else the one it speaks of most."""
        if self._is_elsewhere:
            return None
        for one in self._decisive_ones[: LEAD_SENTENCES + 1]:
            if one is not None:
                return replace(one, fit=FIT["headline"], how="headline")
        rest = [one.channel for one in self._decisive_ones if one is not None]
        most = next((channel for channel, _ in Counter(rest).most_common(1)), None)
        channel = self._topic.channel(most or self._only or self._facing or "")
        return Assignment(channel.id, _parties(channel), FIT["headline"], "text") if channel else None

    @property
    def _only(self) -> str | None:
        """The topic's only channel, unless the text names but one side of it, and others' talks."""
        if len(self._topic.channels) > 1:
            return None
        named = {mention.party for found in self.named for mention in found}
        alone = len(named & self._relations.talking) < 2
        return None if alone and any(one.foreign for one in self._readings) else self._topic.channels[0].id

    @property
    def _facing(self) -> str | None:
        """The channel whose two sides a sentence names, without a word of talks; no other's is named anywhere."""
        everybody = (one.party for reading in self._readings for one in reading.participants)
        told = {self._evidence.telling.get(party) for party in everybody}
        pairs = (self._evidence.own(reading.participants) for reading in self._readings)
        found = (own[0].channel for own in pairs if len(own) == 1 and own[0].fit >= FIT["named"])
        facing = next(found, None)
        return facing if told <= {facing, None} else None

    def _decisive(self, reading: Reading) -> Assignment | None:
        """The one channel that a sentence about talks tells by itself."""
        own = (
            self._evidence.own([one for one in reading.participants if not one.contrast])
            if reading.talks
            else ()
        )
        return own[0] if len(own) == 1 and own[0].fit > FIT["speaker"] and not reading.foreign else None

    def _context(self, index: int) -> Assignment | None:
        """What a sentence without words of its own speaks of."""
        return self._main if index == TITLE else self._contexts[index]

    @cached_property
    def _contexts(self) -> tuple[Assignment | None, ...]:
        return tuple(self._running_contexts())

    def _running_contexts(self) -> Iterator[Assignment | None]:
        last, distance = None, 0
        for index, reading in enumerate(self._readings[1:]):
            distance += 1
            if self._parts_from_last(index, distance):
                last = None
            context = last or self._main
            yield context
            own = (
                self._settled([one for one in reading.participants if not one.contrast], reading, context)
                if reading.talks and not reading.foreign
                else ()
            )
            if len(own) == 1 and own[0].how == "sentence" and own[0].fit > FIT["implied"]:
                last, distance = replace(own[0], fit=FIT["context"], how="context"), 0

    def _parts_from_last(self, index: int, distance: int) -> bool:
        """True where what was last spoken of no longer holds: too far back, or in another paragraph."""
        if self._paragraphs is None:
            return distance > REACH
        if distance > PARAGRAPH_REACH:
            return True
        is_new = index > 0 and self._paragraphs[index] != self._paragraphs[index - 1]
        return is_new and ANAPHORA.match(self._texts[index + 1]) is None


def _parties(channel: Channel) -> tuple[str, ...]:
    return (*channel.parties, *channel.intermediaries)


_QUOTED = re.compile(r'"[^"]+"')
_BESIDE = 30
"""So near to a quotation stands whose word it is."""


def _heard_in_quotes(folded: str, reading: Reading, at: int) -> Reading:
    """The participants of what is said within quotation marks: whom the sentence only names around it has no part."""
    quote = next((one for one in _QUOTED.finditer(folded) if one.start() <= at < one.end()), None)
    if quote is None:
        return reading
    first, last = quote.span()
    around = [one for one in reading.participants if not first <= one.start < last]
    beside = {
        one.party for one in around if -_BESIDE < one.end - first <= 0 or 0 <= one.start - last < _BESIDE
    }
    apart = {one for one in around if one.rank is Rank.NAMED and one.party not in beside}
    heard = (one for one in reading.participants if one not in apart)
    return replace(reading, participants=tuple(heard))


_PRONOUN = re.compile(r"(?:its?|their|they|he|she|his|her)\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\s*(?:who|which|that|whose)\b", re.IGNORECASE)


def _promoted(text: str, reading: Reading, start: int, end: int) -> list[Participant]:
    """The participants of a clause; "..., which has refused talks" has its subject right before it."""
    inside = [one for one in reading.participants if one.start < end and one.end > start]
    if _RELATIVE.match(text, start):
        before = [
            one for one in reading.participants if one.end <= start and not text[one.end : start].strip(" ,")
        ]
        inside += [replace(one, rank=max(one.rank, Rank.NAMED)) for one in before[-1:]]
    return inside
