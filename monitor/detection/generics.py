"""Which generic names ("the union", "pilots") mean their party in an article, and which mean somebody else.

A generic name stands for its party where the article is about that party. Where the article tells of another employer,
of another union's members or of another party in the same place, the same words mean those.
"""

import re
from collections.abc import Iterator, Sequence

from monitor.detection.relations import Relations
from monitor.detection.words import DATA, any_of
from monitor.topics import Mention, Role

_OPENING = 5
"""So many texts make the opening: the headline and the first four sentences."""

_COMPANIES = any_of(DATA["strangers"]["companies"])
_COMPANY = rf"(?:the\s)?(?P<name>(?:[A-Z][\w&'-]*\s){{1,4}}{_COMPANIES})\b"
_EMPLOYED = re.compile(rf"\s(?:at|of|with)\s{_COMPANY}")
_EMPLOYMENT = re.compile(
    rf"\b(?i:{any_of(DATA['strangers']['employment'])})(?:\s[a-z]+){{0,3}}\sat\s{_COMPANY}"
)
_CAPITALS = re.compile(r"(?:[A-Z][\w'-]*\s){1,3}$")
_STANDS_FOR = re.compile(
    r"\s(?:(?P<surely>(?:(?:which|that|who)\s)?(?:represent(?:s|ing)|speak(?:s|ing)\sfor|organis(?:es|ing)))|for|of)\s"
)
_LISTED = re.compile(r",?\s(?:and|or|nor|as well as)\s")
_DESCRIBED, _NEAR = 60, 20
"""So many characters behind "the union representing" stands whom it represents, and behind "the union for"."""
_WINDOW = 90

Mentions = tuple[Mention, ...]


def without_others(
    texts: Sequence[str], found: Sequence[Mentions], relations: Relations
) -> tuple[Mentions, ...]:
    """The mentions of an article (its headline and sentences, folded) without the generic names that mean others."""
    opening = list(zip(texts, found, strict=True))[:_OPENING]
    if any(_is_of_others(text, mentions, relations) for text, mentions in opening):
        return tuple(tuple(one for one in some if one.role is not Role.GENERIC) for some in found)
    return tuple(
        tuple(
            one
            for one in some
            if one.role is not Role.GENERIC or not (one in aside or _stands_for_another(text, one, some))
        )
        for text, some, aside in zip(texts, found, _meaning_others(texts, found, relations), strict=True)
    )


def _meaning_others(
    texts: Sequence[str], found: Sequence[Mentions], relations: Relations
) -> Iterator[set[Mention]]:
    """In each text, "the union" and the like that come before their party is named, and after somebody else.

    Somebody else is a rival of the party, who talks with one counterpart in a channel of its own as the pilots' union
    and the cabin crew's do, or the outsider of whom the headline tells.
    """
    headline = {one.party for one in found[0] if one.role is not Role.GENERIC} if found else set()
    is_outsiders = not headline.isdisjoint(relations.outsiders) and relations.none_talks(headline)
    named: set[str] = set()
    before: set[str] = set()
    for text, some in zip(texts, found, strict=True):
        aside = set()
        for place, one in enumerate(some):
            is_bare = one.role is Role.GENERIC and relations.may_be_anybodys(one.party, one.name)
            is_listed = place > 0 and _LISTED.fullmatch(text, some[place - 1].end, one.start) is not None
            if not is_bare or is_listed:
                named.add(one.party)
            elif one.party not in named and (
                is_outsiders or not relations.rivals(one.party).isdisjoint(before)
            ):
                aside.add(one)
            before.add(one.party)
        yield aside


def _is_of_others(text: str, mentions: Sequence[Mention], relations: Relations) -> bool:
    return is_of_another_employer(text, mentions) or _is_of_an_outsider(text, mentions, relations)


def is_of_another_employer(text: str, mentions: Sequence[Mention]) -> bool:
    """True for "pilots at Tri-Star Airlines", "a contract at Tri-Star Airlines": tied to a company that is no party."""
    generic = (_EMPLOYED.match(text, one.end) for one in mentions if one.role is Role.GENERIC)
    return any(
        tied is not None and not named_in(mentions, *tied.span("name"))
        for tied in (*generic, _EMPLOYMENT.search(text))
    )


def _is_of_an_outsider(text: str, mentions: Sequence[Mention], relations: Relations) -> bool:
    """True for "Dunmore teachers" where "Dunmore Education Association" is a party without a channel."""
    generic = (one.start for one in mentions if one.role is Role.GENERIC)
    before = (_CAPITALS.search(text, max(0, start - _WINDOW), start) for start in generic)
    return any(name is not None and relations.is_an_outsiders(name.group()) for name in before)


def _stands_for_another(text: str, generic: Mention, mentions: Sequence[Mention]) -> bool:
    """True for "the union representing ground staff", where the ground staff are not known to be its party's."""
    if (described := _STANDS_FOR.match(text, generic.end)) is None:
        return False
    whom = next((one for one in mentions if one.start >= generic.end), None)
    if whom is None or whom.start > described.end() + _DESCRIBED:
        return described["surely"] is not None
    return whom.party != generic.party and whom.start <= described.end() + _NEAR


def named_in(mentions: Sequence[Mention], start: int, end: int) -> bool:
    """True if one of the mentions touches `start` .. `end`."""
    return any(mention.start < end and mention.end > start for mention in mentions)
