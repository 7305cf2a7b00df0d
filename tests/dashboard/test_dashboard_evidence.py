"""The Evidence page as HTML: a list of stories, both sides, an article; pure views of the read model's answers."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from dashboard import article_view, claim_view, evidence_view, sides_view
from dashboard.links import Links
from dashboard.words import Zones
from monitor.ids import fact_id
from monitor.log.events import ClaimsFailed, Event
from monitor.readmodel import queries
from monitor.readmodel.display import METADATA as DISPLAYS
from monitor.readmodel.display import note_displays
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import EvidenceFilter, TopicEntry
from monitor.vocabulary import Claim, Mood, Position, Precision
from tests.dashboard.conftest import TODAY
from tests.readmodel.story import DETECTOR, HOSTILE, Story, claim, project

DAY = TODAY - timedelta(days=2)
ZONES = Zones("Asia/Karachi", "Asia/Karachi")
LINKS = Links("docks")
URDU = "یونین نے مذاکرات کی پیشکش مسترد کر دی اور ہڑتال کی تیاری کی۔ دروازے کھلے ہیں۔"
ARABIC = "قال المتحدث إن المحادثات استؤنفت يوم الاثنين في العاصمة."


def key(name: str) -> str:
    return fact_id("test-article", name)


def event_of(story: Story, name: str) -> Event:
    events = (recorded.event for recorded in story.log.read_all("docks"))
    return next(event for event in events if event.data.get("article_id") == key(name))


def topic(model: ReadModel) -> TopicEntry:
    return queries.topics(model)[0]


def listed(model: ReadModel, number: int = 1, asked: dict[str, str] | None = None, **chosen: Any) -> str:
    offset = (number - 1) * evidence_view.PER_PAGE
    found = queries.reports(
        model, "docks", EvidenceFilter(**chosen), limit=evidence_view.PER_PAGE, offset=offset
    )
    return evidence_view.page(
        evidence_view.ListPage(topic(model), found, number, asked or {}, [], LINKS, ZONES)
    )


def both(model: ReadModel, *channels: str, today: date = TODAY) -> str:
    found = [queries.sides(model, "docks", channel) for channel in channels]
    return sides_view.page(topic(model), channels, found, LINKS, ZONES, today=today)


def article(model: ReadModel, name: str) -> str:
    found = queries.article_evidence(model, "docks", key(name))
    assert found is not None
    parties = {party.id: party.label for party in queries.definition(model, "docks").parties}
    page = article_view.ArticlePage(topic(model), parties, found, LINKS, ZONES)
    return (
        article_view.head(page)
        + "".join(html for _, html in article_view.cards(page))
        + article_view.foot(page)
    )


@pytest.fixture
def whole(model: ReadModel) -> None:
    """The source's texts may be shown whole."""
    service: Engine = model.store.service()
    DISPLAYS.create_all(service)
    note_displays(service, {"made-up": "text"})
    service.dispose()


def test_the_list_says_what_each_report_says_amid_its_text(told: Story, model: ReadModel) -> None:
    page = listed(model, channel="pay", status="rejected", asked={"channel": "pay"})
    assert (
        "<b>Talks rejected</b> <span class='meta'>Union and port authority · Very likely (85%)</span>" in page
    )
    assert "<mark>The dockers’ leader rejected a new round of talks</mark>, three delegates said" in page
    assert (
        '<a href="https://eveninganchor.example/a4" target="_blank" rel="noopener noreferrer nofollow"'
        in page
    )
    assert f"evidence?topic=docks&amp;article={key('a4')}" in page
    assert "1 report, newest first · 1 to 1" in page


def test_copies_stand_with_their_story(told: Story, model: ReadModel) -> None:
    first = event_of(told, "a4").data
    for nth in range(10):
        told.article(f"copy{nth}", f"Copyist {nth}", DAY, "Again", first["text"], story_id=first["story_id"])
    project(told, model)
    page = listed(model)
    assert page.count("Dockers reject new round") == 1
    assert "and 10 copies: <a href" in page
    assert "Copyist 0</a>" in page
    assert "</a> and 2 more</p>" in page
    assert "and 10 copies:" in both(model, "pay")
    assert "and 10 copies:" in article(model, "a4")


def test_what_tells_of_an_earlier_time_is_told_apart(told: Story, model: ReadModel) -> None:
    text = "The talks that collapsed in 2019 left scars. If the strike ends, talks will open."
    past = told.article("past", "Daily Tide", DAY, "A look back", text)
    told.claims(
        past,
        claim(
            past,
            "pay",
            "collapsed",
            "The talks that collapsed in 2019 left scars",
            None,
            DAY,
            background=True,
        ),
        claim(
            past, "pay", "scheduled", "If the strike ends, talks will open", None, DAY, mood=Mood.CONDITIONAL
        ),
    )
    project(told, model)
    page = listed(model)
    assert '<span class="chip hollow s-collapsed"' in page
    assert "<span class='tag plain'>about an earlier time</span>" in page
    assert "<span class='tag plain'>on a condition</span>" in page
    assert '<span class="chip s-rejected"' in page


def test_what_could_not_be_read_and_what_was_removed_are_named(told: Story, model: ReadModel) -> None:
    odd = told.article("odd", "The Quay", DAY, "Odd", "Odd text of talks.")
    failed = ClaimsFailed(
        article_event=odd.id,
        article_id=odd.data["article_id"],
        detector=DETECTOR,
        topic_hash=told.topic.hash,
        error=f"ValueError: {HOSTILE}",
    )
    told.tell("claims.failed", failed, fact_id("failed", odd.id), odd.id)
    told.article("urdu", "Sahil", DAY, "مذاکرات", URDU, language="ur")
    told.article("dull", "Daily Tide", DAY, "Ferries", "The ferries were late.")
    told.remove(key("a4"))
    project(told, model)
    page = listed(model)
    assert "Parley failed to read it: ValueError: &lt;script&gt;" in page
    assert "Kept, but not read: Parley does not look for claims in this language here (Urdu (اردو))." in page
    assert "It does not say where the talks stand." in page
    assert ">A removed article</a></h2>" in page
    assert "Its words were removed: asked by its outlet." in page
    for gone in ("Dockers reject", "rejected a new round", "three delegates"):
        assert gone not in page + article(model, "a4") + both(model, "pay")
    assert queries.WITHHELD in page
    assert queries.WITHHELD in article(model, "a4")


@pytest.mark.parametrize(("language", "text", "quote"), [
    ("ur", URDU, "مذاکرات کی پیشکش مسترد کر دی"),
    ("ar", ARABIC, "المحادثات استؤنفت"),
])  # fmt: skip
def test_words_from_right_to_left_say_their_language_and_direction(
    told: Story, model: ReadModel, whole: None, language: str, text: str, quote: str
) -> None:
    there = told.article("rtl", "Sahil", DAY, f"{quote}؟", text, language=language)
    told.claims(there, claim(there, "pay", "rejected", quote, DAY, DAY, position=Position.HEADLINE))
    project(told, model)
    page = listed(model)
    assert f'<h2 lang="{language}" dir="auto"><a href=' in page
    assert f'<blockquote lang="{language}" dir="auto">' in page
    assert f"<mark>{quote}</mark>" in page
    assert "<mark>The " in page
    assert f'<blockquote lang="{language}" dir="auto">' in both(model, "pay")
    one = article(model, "rtl")
    assert f"<h1 class='headline' lang=\"{language}\" dir='auto'>" in one
    assert f"<div class='text' lang=\"{language}\" dir='auto'>" in one
    assert f"<mark>{quote}</mark><a class='nr' href='#claim-1'" in one
    if language == "ur":
        assert "اور ہڑتال کی تیاری کی۔</blockquote>" in page, "the sentence ends at its own mark"


def test_an_empty_choice_says_so_and_can_be_cleared(told: Story, model: ReadModel) -> None:
    page = listed(model, words="zebra", asked={"q": "zebra"})
    assert "No report is like that." in page
    assert '<a href="evidence?topic=docks" target="_self">Clear the filters</a>' in page
    page = listed(model, number=9, asked={"q": "talks"}, words="talks")
    assert "There are not so many reports." in page
    assert "evidence?topic=docks&amp;q=talks" in page


def test_before_anything_was_read_it_says_so(story_defined: Story, model: ReadModel) -> None:
    assert "No report on this topic has been read yet." in listed(model)
    assert both(model, "pay").count("Nothing is known of these talks.") == 1


@pytest.fixture
def story_defined(fake_log: Any, model: ReadModel) -> Story:
    story = Story(fake_log)
    story.define()
    project(story, model)
    return story


def test_pages_keep_the_filters(told: Story, model: ReadModel) -> None:
    for nth in range(evidence_view.PER_PAGE * 2):
        told.article(f"more{nth}", "Daily Tide", DAY, f"Diary {nth}", "The ferries were late.")
    project(told, model)
    page = listed(model, number=2, outlet="Daily Tide", asked={"outlet": "Daily Tide"})
    assert "41 reports, newest first · 21 to 40" in page
    newer, older = re.findall(r'href="(evidence\?topic=docks&amp;outlet=Daily\+Tide[^"]*)"', page)
    assert (newer, older) == ("evidence?topic=docks&amp;outlet=Daily+Tide", f"{newer}&amp;p=3")


def test_both_sides_stand_beside_each_other_by_what_they_say(told: Story, model: ReadModel) -> None:
    for nth, confidence in enumerate((0.3, 0.4)):
        text = f"Talks on pay are going on, the port’s chief said, number {nth}."
        other = told.article(f"on{nth}", f"Port Gazette {nth}", DAY, "They go on", text)
        quote = "Talks on pay are going on"
        told.claims(other, claim(other, "pay", "underway", quote, DAY, DAY, confidence=confidence))
    project(told, model)
    page = both(model, "pay", "safety", "mediation")
    pay, safety, mediation = page.split("<section class='channel'")[1:]
    left, right = pay.split("<div class='sides'>")[1].split("</div><div>")
    assert "Says: Talks rejected (1)</h3>" in left
    assert "Says: Talks under way (2)</h3>" in right
    assert right.index("Port Gazette 1") < right.index("Port Gazette 0"), "the heavier first"
    assert "Contested:" in pay
    assert "Nothing that Parley has read speaks against it." in safety
    assert "Nothing is known of these talks." in mediation


def test_both_sides_say_that_a_status_is_the_last_known(told: Story, model: ReadModel) -> None:
    assert "Last known" not in both(model, "pay", today=DAY + timedelta(days=30))
    assert "Last known: talks rejected" in both(model, "pay", today=DAY + timedelta(days=31))


LONG = (
    "The union’s leader has refused to resume talks, two delegates said. The ministry denied that talks are held. "
    "The mediator is to meet both sides if the strike is called off."
)


def detected(one: Event, quote: str, kind: str, rule: str, channel: str = "pay", **more: Any) -> Claim:
    return claim(one, channel, kind, quote, DAY, DAY, **more).model_copy(update={"rule": rule})


@pytest.fixture
def read(told: Story, model: ReadModel, whole: None) -> Story:
    """An article with claims that overlap, in its title and in its text."""
    one = told.article(
        "long", "Evening Anchor", DAY, "Leader refuses to resume talks; ministry silent", LONG,
        author="R. Quayside", precision=Precision.TIME,
    )  # fmt: skip
    refused = "REJECT(RESUME(talks)): ~refuse, ~resume"
    told.claims(
        one,
        detected(one, "Leader refuses to resume talks", "rejected", refused, position=Position.HEADLINE),
        detected(one, "The union’s leader has refused to resume talks", "rejected", refused, principal="union",
                 speaker="two delegates"),
        detected(one, "has refused to resume talks, two delegates said", "stalled",
                 "NOT HOLD(talks): ~hold; an old date", background=True),
        detected(one, "The ministry denied that talks are held", "denied", "DENY(HOLD(talks)): ~deny, ~hold", "safety"),
    )  # fmt: skip
    project(told, model)
    return told


def test_an_article_marks_every_claim_and_leads_to_it(read: Story, model: ReadModel) -> None:
    page = article(model, "long")
    assert "<mark>Leader refuses to resume talks</mark><a class='nr' href='#claim-1'" in page
    assert (
        "<mark>The union’s leader </mark><mark class=common>has refused to resume talks</mark>"
        "<a class='nr' href='#claim-2' target='_self' aria-label='Claim 2: Talks rejected'>2</a>"
        "<mark>, two delegates said</mark><a class='nr' href='#claim-3'"
    ) in page
    assert re.findall(r"id='(claim-\d)'", page) == ["claim-1", "claim-2", "claim-3", "claim-4"]
    assert set(re.findall(r"href='#(claim-\d)'", page)) == set(re.findall(r"id='(claim-\d)'", page))
    assert "by R. Quayside" in page
    assert "11:00 PKT (06:00 UTC)</time>" in page


def test_a_claim_says_who_when_how_sure_and_how_it_was_found(read: Story, model: ReadModel) -> None:
    second, third, fourth = article(model, "long").split("<section class='claim'")[2:]
    for said in (
        "Dockers&#x27; union", "two delegates", "Officials or mediators", "At the beginning", "Very likely",
        "<ol class='operators'><li><b>REJECT</b> by <q>refuse</q></li>",
        "<li><b>RESUME</b> by <q>resume</q></li><li>talks</li></ol>",
        "<code>REJECT(RESUME(talks)): ~refuse, ~resume</code>", "CAMEO 125",
    ):  # fmt: skip
        assert said in second, said
    assert "about an earlier time" in third
    assert "When: an old date." in third
    assert "Denies what was reported</h3>" in fourth
    assert f"<code>/v1/topics/docks/articles/{key('long')}/explain</code>" in fourth


@pytest.mark.parametrize(("told_rule", "operators", "noun", "learned", "note"), [
    ("REJECT(RESUME(talks)): ~refuse, ~resume", [("REJECT", "refuse"), ("RESUME", "resume")], "talks", "", ""),
    ("NOT HOLD(a meeting): ~hold; an old date", [("NOT HOLD", "hold")], "a meeting", "", "an old date"),
    ("learned scheduled over AGREE(talks): ~agree", [("AGREE", "agree")], "talks", "scheduled", ""),
    ("NOT(talks)", [("NOT", "")], "talks", "", ""),
    ("talks", [], "talks", "", ""),
    ("STALL(talks): ~put <> on|upon hold", [("STALL", "put … on / upon hold")], "talks", "", ""),
    ("by hand", [], "by hand", "", ""),
    ("<b>: ; \n(", [], "<b>", "", "\n("),
])  # fmt: skip
def test_a_rule_is_told_by_its_parts(
    told_rule: str, operators: list[tuple[str, str]], noun: str, learned: str, note: str
) -> None:
    assert claim_view.rule_of(told_rule) == (operators, noun, learned, note)


def test_of_a_source_without_permission_only_the_sentences_around_the_evidence_stand(
    told: Story, model: ReadModel
) -> None:
    page = article(model, "a4")
    assert "<div class='text'" not in page
    assert "The answer came at night" not in page
    assert "Of this source Parley shows the sentences around the evidence alone." in page
    assert "<mark>The dockers’ leader rejected a new round of talks</mark>" in page


def test_what_is_held_true_no_longer_stands_apart(read: Story, model: ReadModel) -> None:
    one = event_of(read, "long")
    read.claims(one, detected(one, "two delegates said", "rejected", "REJECT(talks): ~refuse"), version="2")
    project(read, model)
    page = article(model, "long")
    assert page.index("One claim</h2>") < page.index("No longer held true: 4</h2>")
    assert page.count("Held true until <time") == 4


def test_hostile_text_stays_text(told: Story, model: ReadModel, whole: None) -> None:
    for page in (listed(model), both(model, "safety"), article(model, "a5")):
        assert "<script" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
        assert "&lt;script&gt;" in page


def test_a_title_and_an_outlet_in_urdu_leave_the_day_after_them_in_its_place(
    told: Story, model: ReadModel
) -> None:
    story = told
    story.article("ur", "روزنامہ ساحل", DAY, "یونین نے پیشکش مسترد کر دی", "متن", precision=Precision.TIME)
    project(story, model)
    (article,) = [one for one in queries.articles(model, "docks") if one.outlet == "روزنامہ ساحل"]
    assert "<bdi>" in evidence_view.where(article, ZONES).partition(", ")[0]
    assert evidence_view.headline(article, LINKS).startswith('<h2 lang="ur" dir="auto">')
