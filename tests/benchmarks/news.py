"""News to measure with, the same for every run: made-up events, and texts of any length from the streams in tests."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path

from monitor.ids import article_event_id, claim_id, claims_event_id, content_hash, fact_id
from monitor.log.events import ArticleIngested, ClaimsDetected, Detector, Event, TopicDefined
from monitor.status.decide import decide
from monitor.status.state import TopicState
from monitor.topics.model import Topic
from monitor.vocabulary import Attribution, Claim, ClaimKind, Position, Precision, Span, When

STREAMS = sorted((Path(__file__).parents[1] / "streams").glob("*.jsonl"))
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
"""What a bare regex takes for the end of a sentence."""
START = datetime(2015, 1, 1, 6, tzinfo=UTC)
OUTLETS = ("Harbour Post", "Daily Tide", "Evening Anchor", "The Quay")
_DETECTOR = Detector(name="made-up", version="1")
_COURSE = (
    "proposed",
    "scheduled",
    "underway",
    "progress",
    "stalled",
    "rejected",
    "proposed",
    "resumed",
    "collapsed",
)
_DAYS_OF_A_STATUS = 25
_DISSENT = 0.1  # the share of claims that say something else than what holds just now
_FILLER = (
    "Officials said the weather had held up the ferries for a third day.",
    "Prices at the central market rose again, traders told reporters.",
    "The two sides are to speak of pay, hours and the older cranes.",
    "A spokesman would not be drawn on what either delegation had brought along.",
    "Residents waited in line for the first trams since the weekend.",
)


def text(chance: random.Random, sentences: int = 30) -> str:
    """An article's text of about two thousand characters."""
    return " ".join(chance.choice(_FILLER) for _ in range(sentences))


def long_texts(number: int, words: int, seed: int = 1) -> list[str]:
    """Texts of so many words about talks, in paragraphs, from sentences of the streams drawn by chance."""
    pool = _sentences()
    chance = random.Random(seed)
    return ["\n".join(_paragraphs(chance, pool, words)) for _ in range(number)]


def _sentences() -> list[str]:
    rows = (json.loads(line) for path in STREAMS for line in path.read_text(encoding="utf-8").splitlines())
    return [sentence for row in rows for sentence in SENTENCE_END.split(row["text"]) if sentence.strip()]


def _paragraphs(chance: random.Random, pool: list[str], words: int) -> Iterator[str]:
    while words > 0:
        sentences = chance.sample(pool, 3)
        words -= sum(len(sentence.split()) for sentence in sentences)
        yield " ".join(sentences)


def definition(topic: Topic) -> Event:
    """The event with which a topic's log begins."""
    data = TopicDefined(definition=topic.model_dump(mode="json"), topic_hash=topic.hash)
    id_ = fact_id("topic", topic.id, topic.hash)
    return Event.of("topic.defined", data, id_=id_, topic=topic.id, at=START, cause=None, by="benchmark")


def articles(
    topic: Topic,
    number: int,
    seed: int = 1,
    every: timedelta = timedelta(days=1),
    bodies: Sequence[str] = (),
) -> list[Event]:
    """`number` times an `article.ingested` and its `claims.detected`, on any channel of the topic."""
    chance = random.Random(seed)
    events: list[Event] = []
    for nth in range(number):
        body = chance.choice(bodies) if bodies else text(chance)
        told = article(topic, START + nth * every, f"{seed}-{nth}", body, chance)
        events += [told, claims(topic, told, chance)]
    return events


def years(topic: Topic, events: int) -> list[Event]:
    """The beginning of a topic's log: three articles a day, what they claim, and what was decided on it."""
    state, past = TopicState(topic), [definition(topic)]
    bodies = long_texts(400, 330)  # made of hundreds of sentences: what repeats could be compressed
    for event in articles(topic, events // 2, every=timedelta(hours=8), bodies=bodies):
        state.apply(event)
        decided = decide(state, event, at=event.recorded_at, by="benchmark")
        state.foresee(decided)
        past += [event, *decided]
        if len(past) >= events:
            break
    return past[:events]


def article(topic: Topic, moment: datetime, key: str, body: str, chance: random.Random) -> Event:
    """An `article.ingested` of a moment, at most one of each key."""
    title, identity = f"Made-up news {key}", fact_id("made-up", key)
    content = content_hash(title, body)
    data = ArticleIngested(
        article_id=identity,
        url=f"https://news.example/{key}",
        canonical_url=f"https://news.example/{key}",
        outlet=chance.choice(OUTLETS),
        source="made-up",
        title=title,
        author="",
        text=body,
        language="en",
        published_at=moment,
        precision=Precision.TIME,
        first_seen_at=moment,
        content_hash=content,
        story_id=fact_id("story", key),
        history=False,
    )
    id_ = article_event_id(identity, content)
    return Event.of("article.ingested", data, id_=id_, topic=topic.id, at=moment, cause=None, by="benchmark")


def claims(topic: Topic, article: Event, chance: random.Random) -> Event:
    """The `claims.detected` of an article: one to three, in the course that the talks take."""
    data = ClaimsDetected(
        article_event=article.id,
        article_id=article.data["article_id"],
        detector=_DETECTOR,
        topic_hash=topic.hash,
        claims=tuple(_claim(topic, article, chance, nth) for nth in range(chance.randint(1, 3))),
    )
    id_ = claims_event_id(article.id, _DETECTOR.version, topic.hash)
    at = datetime.fromisoformat(article.data["published_at"])
    return Event.of("claims.detected", data, id_=id_, topic=topic.id, at=at, cause=article.id, by="benchmark")


def _claim(topic: Topic, article: Event, chance: random.Random, nth: int) -> Claim:
    channel = chance.choice(topic.channels).id
    day = datetime.fromisoformat(article.data["published_at"]).date()
    kind = _kind(channel, day, chance)
    quote = article.data["text"][: 60 + nth]
    return Claim(
        id=claim_id(article.data["article_id"], channel, kind.value, quote, nth),
        channel=channel,
        kind=kind,
        attribution=chance.choice(list(Attribution)),
        position=chance.choice(list(Position)),
        when=When(start_earliest=day, start_latest=day),
        span=Span(start=0, end=len(quote), text=quote),
        confidence=round(chance.uniform(0.5, 0.95), 2),
        rule="made up",
    )


def _kind(channel: str, day: date, chance: random.Random) -> ClaimKind:
    """Talks have a course: a status holds for some weeks, and most of what is written says so."""
    if chance.random() < _DISSENT:
        return chance.choice(list(ClaimKind))
    return ClaimKind(_COURSE[(day.toordinal() + len(channel)) // _DAYS_OF_A_STATUS % len(_COURSE)])


def feed(entries: int, seed: int = 1) -> bytes:
    """An RSS feed with whole articles in HTML; those of each `seed` are others."""
    items = []
    for number, body in enumerate(long_texts(entries, 300, seed)):
        moment = START + timedelta(hours=number)
        html = "".join(
            f"&lt;p&gt;{escape(escape(line))} &lt;b&gt;More.&lt;/b&gt;&lt;/p&gt;" for line in body.split("\n")
        )
        items.append(
            f"<item><title>News {seed}-{number}</title><link>https://news.example/{seed}/{number}</link>"
            f"<guid>https://news.example/{seed}/{number}</guid><pubDate>{moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>{html}</description></item>"
        )
    joined = "".join(items)
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Made-up</title>'
        f"<link>https://news.example/</link><description>d</description>{joined}</channel></rss>"
    ).encode()
