"""Which articles bring news: by headline and section, each pattern of the data file with its examples."""

from dataclasses import replace

import pytest

from monitor.status.genre import GENRES, brings_no_news, names_talks
from monitor.status.timeline import timeline


def statuses(records):
    return [str(segment.status) for segment in timeline(records).get("government", [])]


@pytest.mark.parametrize("headline", [one for genre in GENRES["headline"] for one in genre.examples])
def test_a_headline_that_explains_looks_back_or_argues_brings_no_news(headline):
    assert brings_no_news(headline, None)


@pytest.mark.parametrize("url", [one for genre in GENRES["section"] for one in genre.examples])
def test_neither_does_a_section_of_opinion_or_analysis(url):
    assert brings_no_news("Talks resume", url)


@pytest.mark.parametrize("headline", [one for genre in GENRES["talks"] for one in genre.examples])
def test_a_headline_may_name_talks(headline):
    assert names_talks(headline)


@pytest.mark.parametrize(
    "headline",
    [
        "PTI calls off talks with government",
        "Union: talks have broken down",
        "Khan's party to review offer",
        "Minister's letter opens way to new talks",
        "Leader of the opposition walks out of dialogue",
        "'No deal yet', says union",
        "Review of pay offer begins on Monday",
        "Talks resume at the year's end",
    ],
)
def test_news_is_news(headline):
    assert not brings_no_news(headline, "https://news.example/2025/05/29/opinion-poll-puts-party-ahead")


def test_a_piece_that_brings_no_news_begins_nothing_and_bears_out_what_is_known(said):
    retold = replace(said("2025-05-24", "underway"), title="How the talks began")
    assert statuses([retold]) == []
    assert statuses([said("2025-05-20", "stalled"), retold]) == ["stalled"]
    (segment,) = timeline([said("2025-05-20", "underway"), retold])["government"]
    assert retold.claim.id in segment.claim_ids


def test_such_a_piece_still_tells_history(said):
    past = {"background": True, "when": ("2025-03-01", "2025-03-02")}
    retold = replace(said("2025-05-24", "underway", **past), title="How the talks began")
    assert statuses([retold]) == ["underway"]


def test_what_two_sentences_of_a_body_say_of_the_present_is_no_aside(said):
    first, other = (
        replace(said("2025-06-12", "rejected", position="body", nth=nth), title="General waves letters away")
        for nth in (1, 2)
    )
    assert statuses([first]) == []
    assert statuses([first, other]) == ["rejected"]
    same_sentence = replace(other, claim=other.claim.model_copy(update={"span": first.claim.span}))
    elsewhere = replace(other, claim=other.claim.model_copy(update={"channel": "establishment"}))
    assert statuses([first, same_sentence]) == []
    assert statuses([first, elsewhere]) == []


def test_an_aside_of_an_article_about_something_else_or_about_other_talks_begins_nothing(said):
    aside = said("2025-06-12", "underway", position="body")
    budget = replace(aside, title="Opposition tears up budget")
    assert statuses([budget]) == []
    assert statuses([replace(aside, title="Back at the table")]) == ["underway"]
    lead = said(
        "2025-06-12", "proposed", channel="overseas", position="lead", article="article of 2025-06-12"
    )
    assert statuses([budget, lead]) == []
    assert statuses([replace(aside, title="Back at the table"), lead]) == []
