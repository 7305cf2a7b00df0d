"""Removing an article on a log in memory: which one is meant, and what is queued at that moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, select

from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.fanout import follow
from monitor.alerts.message import render
from monitor.alerts.subscriptions import Subscriptions
from monitor.alerts.tables import MessageRow
from monitor.alerts.vault import open_vault
from monitor.errors import BadInputError
from monitor.ids import removal_id
from monitor.log.events import ArticleRemoved, Event
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.service.removal import holding, remove
from monitor.service.settings import Settings
from monitor.service.watch import watches
from monitor.service.wiring import Parley, open_service
from monitor.sources.intake import Intake
from monitor.sources.model import ArticleFound
from monitor.topics import load_topics
from monitor.vocabulary import WITHHELD, Precision

PTI = load_topics()["pti"]
NOW = datetime.now(UTC)
WORDS = "The PTI and the federal government held talks in Islamabad"
SECRET = "whsec_" + "A" * 44


def article(number: int) -> ArticleFound:
    return ArticleFound(
        url=f"https://news.example/{number}",
        outlet=f"Outlet {number}",
        source="feed",
        title=f"News of the day {number}",
        text=f"{WORDS}.",
        language="en",
        published_at=NOW,
        precision=Precision.TIME,
        first_seen_at=NOW,
        guid=f"guid {number}",
    )


@pytest.fixture
def parley(fake_log: EventLog, tmp_path: Path) -> Parley:
    """A service with a subscriber."""
    settings = Settings(data=tmp_path / "data", topics=("pti",), seeds=False)
    made = Parley(
        settings,
        {"pti": PTI},
        fake_log,
        ReadModel(settings.data),
        open_service(settings.store),
        lambda: NOW,
    )
    hook = SubscriptionConfig(id="desk", kind="webhook", url="https://desk.example/", secret=SECRET)
    Subscriptions(made.service, open_vault(made.settings.data)).sync([hook], NOW - timedelta(days=1))
    return made


@pytest.fixture
def publish(parley: Parley) -> Callable[..., None]:
    """Takes articles in, has them read, and queues what is to be told."""

    def run(*found: ArticleFound) -> None:
        Intake(parley.log, by="test", clock=parley.clock).publish("pti", found)
        watches(parley)[0].tick()
        renderer = partial(render, topic=PTI, dashboard_url="https://parley.example")
        assert follow(parley.service, parley.log, "pti", renderer, parley.clock) > 0

    return run


def messages(parley: Parley) -> str:
    with Session(parley.service) as session:
        return str([row.content for row in session.exec(select(MessageRow))])


def test_what_is_queued_loses_the_words_before_the_command_returns(
    parley: Parley, publish: Callable[..., None]
) -> None:
    publish(article(1))
    assert WORDS in messages(parley)
    remove(parley, holding(parley.log, "https://news.example/1"), "asked", by_another=False)
    assert WORDS not in messages(parley)
    assert WITHHELD in messages(parley)


def test_killed_after_it_is_in_the_log_doing_it_again_goes_on(
    parley: Parley, publish: Callable[..., None]
) -> None:
    publish(article(1))
    [held] = holding(parley.log, "https://news.example/1")
    gone = ArticleRemoved(article_id=held.article_id, reason="asked")
    id_ = removal_id(held.article_id)
    parley.log.append(
        "pti", [Event.of("article.removed", gone, id_=id_, topic="pti", at=NOW, cause=None, by="test")]
    )
    remove(parley, holding(parley.log, held.article_id), "asked again", by_another=False)
    assert WORDS not in messages(parley)
    assert [held.removed for held in holding(parley.log, held.article_id)] == ["asked"]


def test_what_is_about_to_go_is_told_with_what_rests_on_it(
    parley: Parley, publish: Callable[..., None]
) -> None:
    publish(article(1))
    [held] = holding(parley.log, "https://news.example/1")
    assert (held.topic, held.outlet, held.title) == ("pti", "Outlet 1", "News of the day 1")
    assert (held.claims, held.alerts, held.removed) == (1, 1, None)


def test_an_address_of_several_articles_names_none_of_them(
    parley: Parley, publish: Callable[..., None]
) -> None:
    shared = replace(article(1), url="https://news.example/live", url_shared=True)
    text = "The PTI has rejected talks with the federal government."
    publish(shared, replace(shared, guid="guid 2", title="More", text=text))
    with pytest.raises(BadInputError, match=r"2 articles of pti .* name one of them by its id: ") as refused:
        holding(parley.log, "https://news.example/live")
    id_ = str(refused.value).rsplit(" ", 1)[-1]
    assert [held.article_id for held in holding(parley.log, id_)] == [id_]
