"""What is measured: each room's main work against its raw limit.

Each side of a case is a generator: it makes what a turn needs, then yields the turn to be timed.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import feedparser
import redis

from monitor.detection.detector import detect
from monitor.detection.model import Detection, Document
from monitor.log.connect import connect
from monitor.log.events import Event
from monitor.log.stream import EventLog, Recorded
from monitor.readmodel import queries
from monitor.readmodel.files import current_path
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projector import Projector
from monitor.service.ingest import seeds_folder
from monitor.service.rehearsal import rehearse
from monitor.sources.feed import parse_feed
from monitor.sources.folder import read_folder
from monitor.sources.model import ArticleFound
from monitor.status.decide import decide
from monitor.status.model import ClaimRecord
from monitor.status.state import TopicState
from monitor.status.timeline import Timelines
from monitor.topics import load_topics
from tests.benchmarks import news, past, polling
from tests.benchmarks.measure import Case, Turn

TOPIC = load_topics()["pti"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 100
MOST_TURNS = 10
FLAT = 1.5
"""What costs the same however much came before: beside noise, only lists of old segments are copied and compared by
identity, some nanoseconds for each segment of the channel that the news is about."""
KEYWORDS = re.compile(
    r"\b(talks?|dialogue|negotiat\w+|round|offers?|deal|agree\w*|resum\w+|reject\w*|refus\w+|stall\w*|collaps\w+)\b",
    re.IGNORECASE,
)
_BARE = """
for i = 1, #ARGV do redis.call('SET', KEYS[i + 1], redis.call('XADD', KEYS[1], '*', 'event', ARGV[i])) end
return #ARGV
"""
Turns = Iterator[Turn]


def cases(folder: Path, redis_url: str, scale: int) -> Iterator[Case]:
    """All cases, on an empty `folder` and an empty Redis; the work of a turn grows with `scale`."""
    client = connect(redis_url)
    yield from _log_cases(client, scale)
    yield from _read_model_cases(folder, EventLog(client), scale)
    yield _feed_case(news.feed(5 * scale))
    yield from polling.cases(folder, redis_url, 100 * scale)
    yield from _detection_cases(scale)
    early, late = 20 * scale, 200 * scale
    yield Case(
        f"news on a timeline of {late} articles",
        "articles",
        _timeline(late),
        _timeline(early),
        f"the same on one of {early}",
        at_most=FLAT,
    )
    yield Case(
        f"decide on news after {late} articles",
        "articles",
        _decisions(late),
        _decisions(early),
        f"the same after {early}",
        at_most=FLAT,
    )

    found = past.articles(10 * scale)
    yield Case(
        f"rehearse {10 * scale} articles",
        "articles",
        _rehearse(folder.parent, found),
        _again(lambda: _detect(found)),
        "detect their claims",
    )


def _rehearse(folder: Path, found: list[ArticleFound]) -> Turns:
    """All the way, with a server of its own."""
    for number in count():

        def turn(scratch: Path = folder / f"rehearsal-{number}") -> int:
            rehearse(TOPIC, found, scratch)
            return len(found)

        yield turn


def _detect(found: list[ArticleFound]) -> int:
    for article in found:
        detect(
            Document(article.title, article.text, article.published_at, article.precision), TOPIC, "a" * 32
        )
    return len(found)


def _again(turn: Turn) -> Turns:
    while True:
        yield turn


# The log: what the append script costs beside the write to disk that both wait for.


def _log_cases(client: redis.Redis, scale: int) -> Iterator[Case]:
    log = EventLog(client)
    yield Case(
        "append an event",
        "events",
        _append(log, 20 * scale, 1),
        _bare(client, 20 * scale, 1),
        "XADD and SET in a script",
        at_most=1 / 0.6,
    )
    yield Case(
        f"append {BATCH} events at once",
        "events",
        _append(log, scale, BATCH),
        _bare(client, scale, BATCH),
        f"{BATCH} XADD and SET in a script",
    )
    topic = TOPIC.model_copy(update={"id": "to-read"})
    events = news.articles(topic, 25 * scale, seed=0)
    log.append(topic.id, events)
    key = next(client.scan_iter(match=f"*:{topic.id}:log"))
    yield Case(
        "read events",
        "events",
        _again(lambda: sum(1 for _ in log.read_all(topic.id))),
        _again(lambda: len(client.xrange(key))),
        "XRANGE, bytes only",
    )


def _batches(turns: int, batch: int) -> Iterator[list[list[Event]]]:
    """For each turn, batches of events that nobody has seen."""
    for seed in count(1):
        events = news.articles(TOPIC, -(-turns * batch // 2), seed=seed)
        yield [events[start : start + batch] for start in range(0, turns * batch, batch)]


def _append(log: EventLog, turns: int, batch: int) -> Turns:
    topic = f"append-{batch}"
    for batches in _batches(turns, batch):
        renamed = [[event.model_copy(update={"topic": topic}) for event in some] for some in batches]

        def turn(batches: list[list[Event]] = renamed) -> int:
            return sum(len(log.append(topic, events).positions) for events in batches)

        yield turn


def _bare(client: redis.Redis, turns: int, batch: int) -> Turns:
    """The least that a script can do to keep an event once: the entry, and a key with its position."""
    script = client.register_script(_BARE)
    for batches in _batches(turns, batch):
        encoded = [[(event.id, event.to_json()) for event in events] for events in batches]

        def turn(batches: list[list[tuple[str, str]]] = encoded) -> int:
            for events in batches:
                keys = [f"{{raw}}:{batch}", *(f"{{raw}}:{batch}:{id_}" for id_, _ in events)]
                script(keys=keys, args=[json for _, json in events])
            return len(batches) * batch

        yield turn


# The read model: what folding and the tables cost beside one durable write, and a question beside one look.


def _read_model_cases(folder: Path, log: EventLog, scale: int) -> Iterator[Case]:
    model = ReadModel(folder)
    yield Case(
        "project an event",
        "events",
        _project(log, model, 5 * scale),
        _insert(folder / "raw.sqlite", 5 * scale),
        "INSERT and COMMIT",
    )

    def status() -> int:
        for _ in range(scale):
            assert queries.status(model, TOPIC.id, now=NOW).channels
        return scale

    yield Case("ask for the status", "answers", _again(status), _select(model, scale), "SELECT of segments")


def _project(log: EventLog, model: ReadModel, articles: int) -> Turns:
    """Turn by turn, the next news of the topic."""
    projector = Projector(model, TOPIC)
    projector.catch_up(log)
    log.append(TOPIC.id, [news.definition(TOPIC)])
    [defined] = log.read(TOPIC.id)
    projector.project(defined)
    after = defined.position
    for seed in count(1):
        log.append(TOPIC.id, news.articles(TOPIC, articles, seed=seed))
        page = log.read(TOPIC.id, after)
        after = page[-1].position

        def turn(page: list[Recorded] = page) -> int:
            return sum(projector.project(recorded) for recorded in page)

        yield turn


def _insert(path: Path, articles: int) -> Turns:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # as the read model: what is lost is made again
    connection.execute("CREATE TABLE event (id TEXT PRIMARY KEY, body TEXT NOT NULL)")
    for seed in count(1):
        rows = [(event.id, event.to_json()) for event in news.articles(TOPIC, articles, seed=seed)]

        def turn(rows: list[tuple[str, str]] = rows) -> int:
            for row in rows:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO event VALUES (?, ?)", row)
                connection.execute("COMMIT")
            return len(rows)

        yield turn


def _select(model: ReadModel, times: int) -> Turns:
    path = current_path(model.data_dir)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    newest = "SELECT * FROM segment WHERE topic = ? AND channel = ? ORDER BY ordinal DESC LIMIT 1"

    def turn() -> int:
        for _ in range(times):
            for channel in TOPIC.channels:
                assert connection.execute(newest, (TOPIC.id, channel.id)).fetchall()
        return times

    return _again(turn)


# Reading: feeds and claims.


def _feed_case(body: bytes) -> Case:
    def ours() -> int:
        return len(parse_feed(body, "https://news.example/feed").entries)

    def alone() -> int:
        return len(feedparser.parse(body).entries)

    return Case("read a feed", "entries", _again(ours), _again(alone), "feedparser alone")


def _detection_cases(scale: int) -> Iterator[Case]:
    seeds = read_folder(seeds_folder(), now=NOW, source="seeds", history=True).articles
    documents = [Document(found.title, found.text, found.published_at, found.precision) for found in seeds]
    documents *= max(scale // 4, 1)

    def read(count_of: Callable[[Detection], int]) -> Turn:
        return lambda: sum(count_of(detect(document, TOPIC, "benchmark")) for document in documents)

    def search() -> int:
        assert all(KEYWORDS.findall(f"{document.title}\n{document.text}") for document in documents)
        return len(documents)

    sentences = sum(len(detect(document, TOPIC, "benchmark").sentences) for document in documents)

    def search_sentences() -> int:
        search()
        return sentences

    yield Case(
        "detect, by article", "articles", _again(read(lambda _: 1)), _again(search), "search for keywords"
    )
    by_sentence = _again(read(lambda detection: len(detection.sentences)))
    yield Case(
        "detect, by sentence", "sentences", by_sentence, _again(search_sentences), "search for keywords"
    )


# Status: an article more costs the same, however many came before.


def _timeline(articles: int) -> Turns:
    """Turn by turn, ten more days of news come to a timeline that holds `articles`."""
    timelines = Timelines()
    days = _records(articles + 10 * MOST_TURNS)
    for record in (record for day in days[:articles] for record in day):
        timelines.add(record)
    _segments(timelines)
    for start in range(articles, len(days), 10):

        def turn(news_of_days: list[list[ClaimRecord]] = days[start : start + 10]) -> int:
            for records in news_of_days:
                for record in records:
                    timelines.add(record)
                _segments(timelines)
            return len(news_of_days)

        yield turn


def _decisions(articles: int) -> Turns:
    """Turn by turn, ten more days of news are decided on by a state that holds `articles`."""
    state = TopicState(TOPIC)
    events = news.articles(TOPIC, articles + 10 * MOST_TURNS)
    _decide(state, events[: 2 * articles])
    for start in range(2 * articles, len(events), 20):

        def turn(news_of_days: list[Event] = events[start : start + 20]) -> int:
            _decide(state, news_of_days)
            return len(news_of_days) // 2

        yield turn


def _decide(state: TopicState, events: list[Event]) -> None:
    for event in events:
        state.apply(event)
        for decided in decide(state, event, at=NOW, by="benchmark"):
            state.apply(decided)


def _segments(timelines: Timelines) -> int:
    return sum(len(timelines.segments(channel.id)) for channel in TOPIC.channels)


def _records(articles: int) -> list[list[ClaimRecord]]:
    """The claim records of each day's article, as the topic's state makes them."""
    state = TopicState(TOPIC)
    events = news.articles(TOPIC, articles)
    for event in events:
        state.apply(event)
    return [state.records_of(event.data["article_id"]) for event in events[::2]]
