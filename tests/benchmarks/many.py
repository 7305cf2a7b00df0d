"""Years of news in a read model: 100,000 articles and 10,000 alerts of one topic, the same in every run.

The events go through the projection itself, a page of them per transaction, so that every table is filled as it is in
service; only the log is left out, for nobody asks it.
"""

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlmodel import Session

from monitor.ids import alert_id, fact_id, shift_id
from monitor.log.events import AlertRaised, Event, Quote, StatusChange
from monitor.log.stream import Recorded
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projection import project_page
from monitor.readmodel.projector import save_checkpoint
from monitor.status.state import TopicState
from monitor.topics import load_topics
from monitor.vocabulary import Status
from tests.benchmarks import news

TOPIC = load_topics()["pti"]
_PAGE = 1000
_CLAIMING = 3
"""Every third article claims something; the others report around the talks."""
_BY = "benchmark"


def folder(articles: int, alerts: int) -> Path:
    """A data folder with a read model of so many, up to today: made once, and removed when the process ends."""
    return Path(_made(articles, alerts).name)


@cache
def _made(articles: int, alerts: int) -> "tempfile.TemporaryDirectory[str]":
    made = tempfile.TemporaryDirectory(prefix="pm-")
    model = ReadModel(Path(made.name))
    fill(model, articles, alerts, datetime.now(UTC).date())
    model.close()
    return made


def fill(model: ReadModel, articles: int, alerts: int, today: date) -> None:
    """Make the read model anew with so many articles, the last of them of `today`, and so many alerts."""
    state = TopicState(TOPIC)
    with model.replacement() as (engine, switch):
        for page in _pages(_told(articles, alerts, today)):
            with Session(engine) as session:
                project_page(session, state, page)
                save_checkpoint(session, page[-1], "benchmark")
                session.commit()
        with switch():
            pass


def _pages(events: Iterator[Event]) -> Iterator[list[Recorded]]:
    nth = 0
    while page := [event for _, event in zip(range(_PAGE), events, strict=False)]:
        yield [Recorded(f"{1_600_000_000_000 + nth + at}-0", event) for at, event in enumerate(page)]
        nth += len(page)


def _told(articles: int, alerts: int, today: date) -> Iterator[Event]:
    """The topic; then articles, what they claim, and an alert for each of some."""
    bodies, chance = news.long_texts(400, 330), random.Random(1)
    every = timedelta(days=3 * 365) / articles
    begin = datetime.combine(today, datetime.min.time(), UTC) - articles * every
    yield news.definition(TOPIC)
    for nth in range(articles):
        article = news.article(TOPIC, begin + nth * every, f"many-{nth}", chance.choice(bodies), chance)
        yield article
        if nth % _CLAIMING == 0:
            yield news.claims(TOPIC, article, chance)
        if nth * alerts // articles != (nth + 1) * alerts // articles:
            yield from _alert(article, chance)


def _alert(article: Event, chance: random.Random) -> Iterator[Event]:
    moment = datetime.fromisoformat(article.data["published_at"])
    channel, (before, after) = chance.choice(TOPIC.channels).id, chance.sample(list(Status), 2)
    about = StatusChange(
        shift_id=shift_id(TOPIC.id, channel, after, article.id),
        channel=channel,
        from_status=before,
        to_status=after,
        name=f"talks {after.value}",
        start_earliest=moment.date(),
        start_latest=moment.date(),
        certainty=chance.choice(["reported", "confirmed"]),
        confidence=round(chance.uniform(0.5, 0.95), 2),
        contested=False,
        claim_ids=(),
        reason="new_shift",
    )
    shift = Event.of(
        *("status.shifted", about), id_=fact_id("many", about.shift_id), topic=TOPIC.id, at=moment, by=_BY,
        cause=article.id,
    )  # fmt: skip
    quote = Quote(
        claim_id=fact_id("many-claim", article.id),
        article_id=article.data["article_id"],
        outlet=article.data["outlet"],
        url=article.data["url"],
        published_at=moment,
        text=article.data["text"][:60],
    )
    told = AlertRaised(
        alert_id=alert_id(about.shift_id),
        shift_id=about.shift_id,
        channel=channel,
        from_status=before,
        to_status=after,
        name=about.name,
        effective_at=moment.date(),
        severity="major",
        certainty=about.certainty,
        text=f"{about.name} on {channel}",
        evidence=(quote,),
        reason="new_shift",
    )
    type_ = "alert.suppressed" if chance.random() < 0.3 else "alert.raised"
    yield shift
    yield Event.of(
        *(type_, told), id_=fact_id("many", told.alert_id), topic=TOPIC.id, at=moment, by=_BY, cause=shift.id
    )
