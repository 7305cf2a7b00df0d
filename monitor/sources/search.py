"""Search feeds: an address with `{words}` in it, filled with the words of each topic that it is searched for."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, zip_longest
from urllib.parse import quote

from monitor.errors import BadInputError
from monitor.sources.config import WORDS, SourceConfig
from monitor.topics import Party, Topic

MAX_ENCODED_CHARS = 480
"""Of the words as they stand in the address: search services cut or refuse long ones."""
_OR = " OR "


def searched(source: SourceConfig, topics: Mapping[str, Topic]) -> tuple[SourceConfig, ...]:
    """A search feed as one source for each of its topics, called `id:topic`; any other source as it is.

    Raises:
        BadInputError: a topic has no names to search for.
    """
    if source.kind != "search":
        return (source,)
    return tuple(
        source.model_copy(
            update={
                "id": f"{source.id}:{name}",
                "url": source.url.replace(WORDS, quote(words_of(topics[name]), safe="")),
                "topics": (name,),
            }
        )
        for name in source.topics
    )


def written_id(polled_id: str) -> str:
    """The id of the source as it is written, from the id under which it is polled."""
    return polled_id.partition(":")[0]


def words_of(topic: Topic) -> str:
    """The surest names of those who talk, each party's first ones first: `PTI OR "Pakistan Tehreek-e-Insaf" OR ...`.

    Raises:
        BadInputError: the topic has no names.
    """
    chosen: list[str] = []
    length = 0
    parties = [party for party in topic.parties if party.id in topic.talking]
    turns = zip_longest(*(_surest_first(party) for party in parties))
    for name in filter(None, chain.from_iterable(turns)):
        if any(f" {known} " in f" {name} " for known in chosen):
            continue  # whoever searches for the shorter name finds the longer one
        term = f'"{name}"' if " " in name else name
        length += len(quote(_OR + term, safe=""))
        if length > MAX_ENCODED_CHARS:
            break
        chosen.append(name)
    if not chosen:
        raise BadInputError(f"topic {topic.id!r} has no party with a name that a search can be made of")
    return _OR.join(f'"{name}"' if " " in name else name for name in chosen)


def _surest_first(party: Party) -> Iterator[str]:
    """The party's own names and its leaders' full names by turns, those that mean others too left for the end."""
    leaders = (name for name in party.leaders if _sureness(name) == 0)
    names = sorted(party.names, key=_sureness) or party.places
    turns = chain.from_iterable(zip_longest(names, leaders))
    return (name.replace('"', "") for name in turns if name)


def _sureness(name: str) -> int:
    """0 for a proper name of several words and for an acronym, 1 for a lone word, 2 for what has no capital."""
    if name == name.lower():
        return 2
    return 0 if " " in name or (name.isupper() and len(name) > 2) else 1


def all_searched(sources: Iterable[SourceConfig], topics: Mapping[str, Topic]) -> tuple[SourceConfig, ...]:
    """Every source as it is polled: see `searched`."""
    return tuple(polled for source in sources for polled in searched(source, topics))
