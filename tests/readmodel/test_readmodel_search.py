"""Full-text search: what is found, in any script, whatever is asked, and that it follows the log."""

from datetime import date

import psycopg
import pytest
from sqlmodel import select

from monitor.ids import fact_id
from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import AlertFilter
from monitor.readmodel.rebuild import rebuild
from monitor.readmodel.search import ARTICLES, holds
from monitor.readmodel.store import Store
from monitor.readmodel.tables import ArticleRow
from monitor.vocabulary import Status
from tests.readmodel.story import TOPIC, Story, claim, project

DAY = date(2026, 3, 2)
TEXTS = {
    "quay": (
        "Dock talks resume",
        "The back-channel talks/strike vote: union chief’s answer came at 9.30 (“wait”).",
    ),
    "urdu": ("مذاکرات بحال", "پی ٹی آئی اور حکومت کے درمیان مذاکرات۔ فریقین دوبارہ ملیں گے، ترجمان نے کہا۔"),
    "arabic": ("استئناف المحادثات", "قال المتحدث إن المُحادثات بدأت في العاصمة."),
    "envoy": ("Zaïd meets Jean-Noël", "Władysław Çelik’s añejo dialogue with Hà Nội went on; café closed."),
    "ferry": ("Ferries are late", "Nobody said anything about the harbour."),
}


@pytest.fixture
def read(story: Story, model: ReadModel) -> Story:
    """Articles in several languages."""
    story.define()
    for key, (title, text) in TEXTS.items():
        story.article(key, "Harbour Post", DAY, title, text)
    project(story, model)
    return story


def found(model: ReadModel, asked: str) -> set[str]:
    """The keys of the articles that hold what is asked for."""
    keys = {fact_id("test-article", key): key for key in [*TEXTS, "more"]}
    with model.read() as session:
        return {
            keys[one]
            for one in session.exec(select(ArticleRow.article_id).where(holds(session, asked, ARTICLES)))
        }


def quoted(model: ReadModel, asked: str) -> set[str]:
    """The keys of the articles that the alerts quote which hold what is asked for."""
    keys = {fact_id("test-article", key): key for key in TEXTS}
    return {keys[one.articles[0].article] for one in queries.alerts(model, "docks", AlertFilter(q=asked))}


FOUND = {
    "talks": {"quay"},
    "TALK": {"quay"},
    "talks resume": {"quay"},
    "talks ferries": set(),
    "re": set(),
    "ferri harbour": {"ferry"},
    '"union chief"': {"quay"},
    '"chief union"': set(),
    "strike": {"quay"},
    "back-channel": {"quay"},
    "channel-back": set(),
    "chief's": {"quay"},
    "9.30": {"quay"},
    "wait)": {"quay"},
    "مذاکرات": {"urdu"},
    "مذاکرات حکومت": {"urdu"},
    "«ترجمان»": {"urdu"},
    "المحادثات": {"arabic"},
    "المُحادثات": {"arabic"},
    "Jean-Noel": {"envoy"},
    "Jean-Noël": {"envoy"},
    "JEAN-NOËL": {"envoy"},
    "zaid": {"envoy"},
    "celik anejo": {"envoy"},
    "ha noi": {"envoy"},
    '"hà nội"': {"envoy"},
    "cafe\u0301": {"envoy"},
    "": set(),
    "…": set(),
}
HOSTILE = [
    '"', '""', '"talks', "talks AND", "NOT", "OR OR", "NEAR(talks)", "title:talks", "talks*", "*", "-talks", "^talks",
    "'", "\\", "';--", "a & | ! <-> ( )", "talks:*", "%", "\0", "talks\0resume", "x" * 5000, "a " * 400, "😀", "\ud800",
    "{a b}", "+", "col : x", "<script>",
]  # fmt: skip


def test_every_word_that_is_asked_for_is_in_what_is_found(read: Story, model: ReadModel) -> None:
    assert {asked: found(model, asked) for asked in FOUND} == FOUND


def test_the_same_question_means_the_same_of_alerts(read: Story, model: ReadModel) -> None:
    for key, (title, text) in TEXTS.items():
        article = read.article(key, "Post", DAY, title, text)
        said = [claim(article, "pay", "underway", part, DAY, DAY) for part in (title, text)]
        shift = read.shift(article, "pay", Status.NONE, Status.UNDERWAY, "", (DAY, DAY), said)
        read.alert(shift, article, said, type_="alert.raised", reason="new_shift")
    project(read, model)
    assert {asked: quoted(model, asked) for asked in FOUND} == FOUND
    for asked in HOSTILE:
        assert quoted(model, asked) <= {"quay"}, asked


def test_whatever_is_asked_is_answered(read: Story, model: ReadModel) -> None:
    for asked in HOSTILE:
        assert found(model, asked) <= {"quay"}, asked


def test_the_index_follows_the_log(read: Story, model: ReadModel, fake_log: EventLog) -> None:
    article = read.article("more", "Daily Tide", DAY, "Cranes", "The cranes stand still.")
    project(read, model)
    assert found(model, "cranes stand") == {"more"}
    read.article("more", "Daily Tide", DAY, "Lifts", "The lifts are running.", article)
    project(read, model)
    assert found(model, "cranes") == found(model, "stand") == set()
    assert found(model, "lifts running") == {"more"}
    read.remove(fact_id("test-article", "more"))
    project(read, model)
    assert found(model, "lifts") == set()
    rebuild(model, fake_log, [TOPIC])
    assert found(model, "lifts") == set()
    assert found(model, "talks resume") == {"quay"}


def test_on_postgresql_the_words_of_a_text_are_kept_and_a_model_without_them_is_old(
    fake_log: EventLog, postgres_store: Store
) -> None:
    model, story = ReadModel(postgres_store), Story(fake_log)
    story.define()
    story.article("envoy", "Harbour Post", DAY, *TEXTS["envoy"])
    project(story, model)
    schema = model.in_use()
    with psycopg.connect(postgres_store.url, autocommit=True) as connection:
        kept = connection.execute(f"SELECT article_words::text FROM {schema}.article_body").fetchone()
        assert kept is not None
        assert "'celik" in kept[0]
        assert not model.is_outdated()
        connection.execute(f"ALTER TABLE {schema}.article_body DROP COLUMN article_words")
        assert model.is_outdated()
    rebuild(model, fake_log, [TOPIC])
    assert not model.is_outdated()
    assert found(model, "dialogue") == {"envoy"}
    model.close()
