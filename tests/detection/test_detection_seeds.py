"""What the five seeds say, by a close reading: the claims that must be found in them, and those that must not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.detection import Document, detect, main_claim
from monitor.sources.folder import read_folder
from monitor.sources.model import ArticleFound
from monitor.topics import Topic, load_topics
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood

ROOT = Path(__file__).resolve().parents[2]
NOVEMBER = (date(2024, 11, 1), date(2024, 11, 30))
OPEN_ACTS = {
    ClaimKind.UNDERWAY,
    ClaimKind.RESUMED,
    ClaimKind.PROGRESS,
    ClaimKind.AGREEMENT,
    ClaimKind.SCHEDULED,
}


@pytest.fixture(scope="module")
def topic() -> Topic:
    return load_topics(())["pti"]


@pytest.fixture(scope="module")
def articles() -> dict[str, ArticleFound]:
    found = read_folder(ROOT / "seeds", now=datetime(2025, 6, 10, tzinfo=UTC)).articles
    return {outlet: article for article in found for outlet in [article.outlet]}


@pytest.fixture(scope="module")
def claims(topic: Topic, articles: dict[str, ArticleFound]) -> dict[str, tuple[Claim, ...]]:
    found = {}
    for outlet, article in articles.items():
        document = Document(article.title, article.text, article.published_at, article.precision)
        found[outlet] = detect(document, topic, outlet).claims
    return found


def of(claims: tuple[Claim, ...], channel: str, *kinds: str, background: bool | None = None) -> list[Claim]:
    return [
        claim
        for claim in claims
        if claim.channel == channel
        and claim.kind.value in kinds
        and claim.carries_status
        and claim.attribution is not Attribution.OPINION
        and background in (None, claim.background)
    ]


def in_november(found: list[Claim]) -> list[Claim]:
    return [
        claim
        for claim in found
        if claim.background
        and claim.when.start_earliest is not None
        and claim.when.start_latest is not None
        and NOVEMBER[0] <= claim.when.start_earliest <= claim.when.start_latest <= NOVEMBER[1]
    ]


def every(claims: dict[str, tuple[Claim, ...]]) -> Iterator[Claim]:
    for found in claims.values():
        yield from found


def outlet(claims: dict[str, tuple[Claim, ...]], name: str) -> tuple[Claim, ...]:
    return next(found for key, found in claims.items() if key.startswith(name))


def test_wion_says_that_khan_rejected_talks_with_the_government(claims: dict[str, tuple[Claim, ...]]) -> None:
    rejected = of(outlet(claims, "WION"), "government", "rejected", background=False)
    assert any(claim.span.in_title for claim in rejected)
    reported = [
        claim for claim in rejected if claim.attribution is Attribution.SOURCES and claim.principal == "pti"
    ]
    assert len(reported) >= 2
    assert all(claim.when.start_earliest == date(2025, 5, 29) for claim in reported)


def test_wion_takes_only_talks_with_the_establishment_for_a_refusal(
    claims: dict[str, tuple[Claim, ...]],
) -> None:
    terms = [claim for claim in outlet(claims, "WION") if "unless they were held directly" in claim.span.text]
    assert {(claim.channel, claim.kind.value) for claim in terms} >= {("government", "rejected")}
    assert all(claim.kind is ClaimKind.PROPOSED for claim in terms if claim.channel == "establishment")


def test_wion_tells_of_an_effort_that_collapsed_in_november(claims: dict[str, tuple[Claim, ...]]) -> None:
    assert in_november(of(outlet(claims, "WION"), "government", "collapsed"))


def test_wion_has_the_offer_as_evidence(claims: dict[str, tuple[Claim, ...]]) -> None:
    assert of(outlet(claims, "WION"), "government", "proposed")


def test_daily_times_says_that_talks_are_sought_again(claims: dict[str, tuple[Claim, ...]]) -> None:
    proposed = of(outlet(claims, "Daily Times"), "government", "proposed", background=False)
    assert len(proposed) >= 3
    assert any(claim.attribution is Attribution.PARTY and claim.speaker == "pti" for claim in proposed)
    assert not of(outlet(claims, "Daily Times"), "government", "underway", "resumed", "scheduled", "progress")


def test_daily_times_has_the_stall_as_background(claims: dict[str, tuple[Claim, ...]]) -> None:
    stalled = of(outlet(claims, "Daily Times"), "government", "stalled")
    assert stalled
    assert all(claim.background and claim.when.start_earliest is None for claim in stalled)
    assert stalled[0].when.start_latest == date(2025, 5, 23)


def test_khyber_news_tells_how_the_first_talks_went(claims: dict[str, tuple[Claim, ...]]) -> None:
    khyber = outlet(claims, "Khyber")
    assert len(in_november(of(khyber, "overseas", "underway"))) >= 3
    collapsed = in_november(of(khyber, "overseas", "collapsed"))
    assert {"pulled out", "ended the", "attempt collapsed"} <= {
        part
        for part in ("pulled out", "ended the", "attempt collapsed")
        for claim in collapsed
        if part in claim.span.text
    }
    assert not of(khyber, "overseas", "collapsed", background=False)


def test_khyber_news_tells_of_new_talks_that_still_go_on(claims: dict[str, tuple[Claim, ...]]) -> None:
    underway = of(outlet(claims, "Khyber"), "overseas", "underway")
    later = [
        claim for claim in underway if claim.background and claim.when.start_earliest == date(2024, 12, 1)
    ]
    assert any("new round" in claim.span.text for claim in later)
    assert any("two long sessions" in claim.span.text for claim in later)
    present = [claim for claim in underway if not claim.background]
    assert any("behind the scenes" in claim.span.text for claim in present)


def test_khyber_news_sets_swati_against_raja(claims: dict[str, tuple[Claim, ...]]) -> None:
    khyber = outlet(claims, "Khyber")
    swati = of(khyber, "establishment", "proposed", background=False)
    assert any(claim.attribution is Attribution.PARTY and "Swati" in claim.span.text for claim in swati)
    against = [
        claim for claim in khyber if claim.channel == "establishment" and claim.kind in {"rejected", "denied"}
    ]
    assert any("Raja" in claim.span.text for claim in against)


def test_requests_that_are_not_granted_are_no_rejection_of_talks(
    claims: dict[str, tuple[Claim, ...]],
) -> None:
    assert not [
        claim for claim in every(claims) if "no such requests" in claim.span.text and claim.kind == "rejected"
    ]


def test_the_azb_knows_november_march_and_now(claims: dict[str, tuple[Claim, ...]]) -> None:
    azb = outlet(claims, "The Azb")
    assert in_november(of(azb, "overseas", "underway"))
    assert in_november(of(azb, "overseas", "stalled", "collapsed"))
    march = [claim.when for claim in of(azb, "overseas", "underway") if claim.background]
    assert any(
        when.start_earliest == date(2025, 3, 15) and when.start_latest == date(2025, 3, 21) for when in march
    )
    assert of(azb, "overseas", "underway", background=False)
    assert not of(azb, "establishment", "underway", "resumed")


def test_exbulletin_tells_of_the_past_alone(
    claims: dict[str, tuple[Claim, ...]], articles: dict[str, ArticleFound]
) -> None:
    exbulletin = outlet(claims, "ExBulletin")
    assert in_november(of(exbulletin, "overseas", "underway"))
    assert in_november(of(exbulletin, "overseas", "collapsed"))
    march = [
        claim.when
        for claim in of(exbulletin, "overseas", "underway")
        if claim.when.start_earliest == date(2025, 3, 1)
    ]
    assert march
    assert all(claim.background for claim in exbulletin if claim.carries_status)


def test_no_seed_says_that_anything_was_agreed(claims: dict[str, tuple[Claim, ...]]) -> None:
    assert not [
        claim for claim in every(claims) if claim.kind is ClaimKind.AGREEMENT and claim.carries_status
    ]


def test_the_establishment_never_talks(claims: dict[str, tuple[Claim, ...]]) -> None:
    assert not [
        claim
        for claim in every(claims)
        if claim.channel == "establishment" and claim.kind in OPEN_ACTS and claim.carries_status
    ]


def test_a_text_of_unknown_age_tells_nothing_of_the_present(topic: Topic) -> None:
    document = Document("Imran Khan rejects talks with the government", "PTI said it was over.", None)
    found = detect(document, topic, "undated")
    assert found.claims
    assert all(claim.background and claim.when.start_earliest is None for claim in found.claims)


def test_spans_are_literal_and_readable(
    claims: dict[str, tuple[Claim, ...]], articles: dict[str, ArticleFound]
) -> None:
    for name, found in claims.items():
        for claim in found:
            source = articles[name].title if claim.span.in_title else articles[name].text
            assert source[claim.span.start : claim.span.end] == claim.span.text
            assert len(claim.span.text) <= 300


def test_ids_are_unique_and_stay(
    topic: Topic, articles: dict[str, ArticleFound], claims: dict[str, tuple[Claim, ...]]
) -> None:
    ids = [claim.id for claim in every(claims)]
    assert len(ids) == len(set(ids))
    article = articles["WION"]
    again = detect(
        Document(article.title, article.text, article.published_at, article.precision), topic, "WION"
    )
    assert [claim.id for claim in again.claims] == [claim.id for claim in claims["WION"]]


@pytest.mark.parametrize(
    ("name", "kind"), [("WION", "rejected"), ("Daily Times", "proposed"), ("ExBulletin", None)]
)
def test_the_main_claim_of_a_seed(
    topic: Topic, articles: dict[str, ArticleFound], name: str, kind: str | None
) -> None:
    article = next(article for outlet, article in articles.items() if outlet.startswith(name))
    document = Document(article.title, article.text, article.published_at, article.precision)
    assert main_claim(detect(document, topic, name), article.published_at)[0] == kind


def test_planned_and_hypothetical_are_told_apart(claims: dict[str, tuple[Claim, ...]]) -> None:
    ready = [claim for claim in outlet(claims, "Daily Times") if "may be ready" in claim.span.text]
    assert all(claim.mood is Mood.HYPOTHETICAL for claim in ready)


# Every statement on talks that a careful reader marks in the five articles: the outlet; the sentence, as offsets into
# the text as stored (T: into the headline); kind; channel; mood; and when: "now", or the days between which it was ("-"
# is unknown). A sentence that says more has more rows. Opinion is marked too: it is told as such.
STATEMENTS = """
Khyber | 0 94 | underway | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 95 221 | underway | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 95 221 | underway | overseas | asserted | 2025-03-01 2025-03-31
Khyber | 222 304 | underway | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 305 422 | underway | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 423 540 | underway | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 687 808 | proposed | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 809 872 | progress | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 1112 1178 | collapsed | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 1230 1368 | collapsed | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 1369 1422 | underway | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 1595 1621 | collapsed | overseas | asserted | 2024-11-01 2024-11-30
Khyber | 1707 1838 | proposed | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 1839 1889 | proposed | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 1890 1981 | underway | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 1982 2077 | proposed | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 2347 2429 | underway | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 2430 2484 | underway | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 3010 3042 | progress | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 3043 3100 | underway | overseas | planned | 2024-12-01 2025-04-14
Khyber | 4122 4211 | rejected | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 4212 4285 | proposed | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 4286 4354 | proposed | overseas | asserted | 2024-12-01 2025-04-14
Khyber | 4355 4444 | proposed | establishment | asserted | now
Khyber | 4445 4485 | proposed | establishment | asserted | now
Khyber | 4486 4542 | rejected | establishment | asserted | now
Khyber | 4543 4630 | denied | establishment | asserted | now
Khyber | 4631 4747 | underway | overseas | asserted | now
Khyber | 4748 4810 | proposed | overseas | asserted | now
The Azb | T 0 45 | underway | overseas | asserted | now
The Azb | 0 205 | underway | overseas | asserted | 2024-11-01 2024-11-30
The Azb | 0 205 | underway | overseas | asserted | now
The Azb | 403 673 | underway | overseas | asserted | 2025-03-15 2025-03-21
The Azb | 403 673 | underway | overseas | asserted | - 2025-03-15
The Azb | 403 673 | underway | overseas | asserted | now
The Azb | 675 943 | proposed | overseas | asserted | now
The Azb | 1268 1471 | underway | overseas | asserted | 2024-11-01 2024-11-30
The Azb | 1268 1471 | proposed | overseas | asserted | 2024-11-01 2024-11-30
The Azb | 1902 2048 | stalled | overseas | asserted | 2024-11-01 2024-11-30
ExBulletin | 0 223 | underway | overseas | asserted | 2024-11-01 2024-11-30
ExBulletin | 749 819 | underway | overseas | asserted | 2024-11-01 2024-11-30
ExBulletin | 1664 1765 | underway | overseas | asserted | 2024-11-01 2024-11-30
ExBulletin | 1767 1922 | underway | overseas | asserted | 2025-01-01 2025-06-01
ExBulletin | 1923 2108 | underway | overseas | asserted | 2025-03-01 2025-03-31
ExBulletin | 2110 2219 | proposed | overseas | asserted | 2024-11-01 2024-11-30
ExBulletin | 2363 2487 | progress | overseas | asserted | 2024-11-01 2024-11-30
ExBulletin | 2652 2830 | collapsed | overseas | asserted | 2024-11-01 2024-11-30
WION | T 0 112 | rejected | government | asserted | now
WION | 0 275 | rejected | government | asserted | now
WION | 277 515 | proposed | government | asserted | now
WION | 516 673 | rejected | establishment | asserted | now
WION | 675 845 | rejected | government | asserted | now
WION | 982 1059 | collapsed | government | asserted | now
WION | 1060 1254 | collapsed | government | asserted | 2024-11-01 2024-11-30
WION | 1255 1401 | proposed | government | asserted | 2024-11-01 2024-11-30
WION | 1255 1401 | stalled | government | asserted | 2024-11-01 2024-11-30
WION | 1403 1622 | proposed | government | asserted | - 2025-05-28
WION | 1757 1979 | rejected | government | asserted | now
WION | 1757 1979 | proposed | establishment | asserted | now
WION | 1981 2193 | proposed | government | asserted | now
WION | 2548 2654 | stalled | government | asserted | now
WION | 2656 2874 | rejected | government | asserted | now
Daily Times | T 0 120 | proposed | government | asserted | now
Daily Times | 0 121 | proposed | government | asserted | now
Daily Times | 122 325 | proposed | government | asserted | now
Daily Times | 326 448 | proposed | government | asserted | now
Daily Times | 450 654 | stalled | government | asserted | - 2025-05-23
Daily Times | 655 765 | proposed | government | hypothetical | now
Daily Times | 893 999 | denied | government | asserted | now
Daily Times | 893 999 | proposed | government | asserted | now
Daily Times | 1150 1239 | proposed | government | asserted | now
Daily Times | 1382 1599 | proposed | government | asserted | now
Daily Times | 1839 1937 | scheduled | government | hypothetical | now
"""
STATEMENT_ROWS = [tuple(part.strip() for part in line.split("|")) for line in STATEMENTS.strip().splitlines()]


@pytest.mark.parametrize("row", STATEMENT_ROWS, ids=" ".join)
def test_every_statement_that_a_careful_reader_marks_is_found(
    claims: dict[str, tuple[Claim, ...]], row: tuple[str, ...]
) -> None:
    name, place, kind, channel, mood, when = row
    *title, start, end = place.split()

    said = {
        "now" if not claim.background else f"{claim.when.start_earliest or '-'} {claim.when.start_latest}"
        for claim in outlet(claims, name)
        if (claim.kind, claim.channel, claim.mood) == (kind, channel, mood)
        and claim.span.in_title == bool(title)
        and int(start) <= claim.span.start < claim.span.end <= int(end)
    }

    assert when in said


def test_opinion_in_the_seeds_is_told_as_opinion(claims: dict[str, tuple[Claim, ...]]) -> None:
    opinions = {
        (name.split()[0], claim.span.start)
        for name, found in claims.items()
        for claim in found
        if claim.attribution is Attribution.OPINION
    }
    assert opinions == {("Khyber", 4122), ("WION", 2656)}


def test_khyber_tells_he_said_by_who_spoke_last(claims: dict[str, tuple[Claim, ...]]) -> None:
    speakers = {claim.span.start: claim.speaker for claim in outlet(claims, "Khyber")}
    assert [speakers[start] for start in (4122, 4445, 4543)] == ["us-delegation", "pti", "pti"]


def test_exbulletin_tells_the_guests_word_from_the_hosts(claims: dict[str, tuple[Claim, ...]]) -> None:
    speakers = {claim.span.start: claim.speaker for claim in outlet(claims, "ExBulletin")}
    assert speakers[2110] == speakers[2363] == "us-delegation"
