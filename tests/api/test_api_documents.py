"""The documents of the HTTP interface over the made-up story, on a real server."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.ids import fact_id, quote_hash
from monitor.log.events import ClaimJudged
from monitor.log.stream import EventLog
from monitor.readmodel import alert_lists, queries
from monitor.readmodel.queries import WITHHELD, ReadModel
from monitor.readmodel.store import SERVICE_FILE, open_engine
from monitor.sources.config import SourceConfig
from monitor.sources.state import SourceStates
from tests.api.serving import NOW, context_of, served
from tests.readmodel.story import Story, claim, project, tell_all

LISTS = ("shifts", "alerts", "claims", "articles")


def listed(client: httpx.Client, what: str, **asked: Any) -> list[dict[str, Any]]:
    """The entries of one page."""
    answer = client.get(f"/v1/topics/docks/{what}", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def all_pages(client: httpx.Client, what: str, limit: int) -> list[dict[str, Any]]:
    """The entries of every page, one after the other."""
    answer = client.get(f"/v1/topics/docks/{what}", params={"limit": limit})
    assert len(answer.json()) <= limit
    return [*answer.json(), *rest_of(client, answer)]


def rest_of(client: httpx.Client, answer: httpx.Response) -> list[dict[str, Any]]:
    """The entries of the pages after this one."""
    found: list[dict[str, Any]] = []
    while "next" in answer.links:
        answer = client.get(answer.links["next"]["url"])
        found += answer.json()
    return found


def test_the_topics_and_what_each_is_about(client: httpx.Client) -> None:
    [entry] = client.get("/v1/topics").json()
    assert (entry["topic"], list(entry["channels"])) == ("docks", ["pay", "safety", "mediation"])
    topic = client.get("/v1/topics/docks").json()
    assert [party["label"] for party in topic["parties"]] == ["Dockers' union", "Port authority", "Ministry"]
    assert topic["channels"][0]["parties"] == ["union", "port"]


def test_without_a_read_model_there_is_no_topic_and_it_says_so(tmp_path: Path) -> None:
    with served(context_of(ReadModel(tmp_path))) as client:
        assert client.get("/v1/topics").json() == []
        answer = client.get("/v1/topics/docks/status")
    assert answer.status_code == 503
    assert "parley up" in answer.json()["detail"]


def test_the_status_of_another_day_and_by_what_was_known(client: httpx.Client) -> None:
    def status(**asked: str) -> str:
        found: str = client.get("/v1/topics/docks/status", params=asked).json()["status"]
        return found

    assert status() == "rejected"
    assert status(as_of="2026-01-25") == "underway"
    assert status(known_at="2026-02-28") == "none"  # the day before the first article was taken in
    assert status(known_at="2026-03-01") == "rejected"  # a day means its end
    assert status(known_at="2026-03-01T08:00:04") == "proposed"
    assert status(known_at="2026-03-01T09:00:04+01:00") == "proposed"


def test_the_timeline_of_another_day(client: httpx.Client) -> None:
    answer = client.get("/v1/topics/docks/timeline", params={"as_of": "2026-01-25"}).json()
    assert [one["status"] for one in answer["channels"][0]["segments"]] == ["proposed", "underway"]


@pytest.mark.parametrize(
    ("what", "asked", "expected"),
    [
        ("alerts", {"channel": "pay"}, ["rejected", "stalled", "underway", "proposed"]),
        ("alerts", {"state": "suppressed"}, ["underway", "proposed"]),
        (
            "alerts",
            {"state": ["raised", "updated"], "status": ["stalled", "rejected"]},
            ["rejected", "stalled"],
        ),
        ("alerts", {"q": "harbour HOLD"}, ["stalled"]),
        ("alerts", {"contested": "true"}, []),
        ("alerts", {"as_of": "2026-01-15"}, ["proposed"]),
        ("alerts", {"known_at": "2026-02-28"}, []),
        ("alerts", {"from": "2026-03-01T23:00:00+05:00"}, []),
        ("alerts", {"status": "proposed", "channel": "safety"}, ["proposed"]),
        ("alerts", {"severity": "minor"}, []),
        ("alerts", {"certainty": "confirmed"}, []),
        ("alerts", {"from": "2026-03-02"}, []),
        ("alerts", {"until": "2026-02-28"}, []),
        ("alerts", {"from": "2026-03-01", "until": "2026-03-01", "status": "stalled"}, ["stalled"]),
        ("shifts", {"channel": "pay", "limit": "2"}, ["rejected", "stalled"]),
        ("shifts", {"status": "underway"}, ["underway"]),
        ("shifts", {"state": "withdrawn"}, []),
        ("shifts", {"certainty": "reported", "channel": "safety"}, ["proposed"]),
        ("shifts", {"until": "2026-02-28"}, []),
    ],
)
def test_shifts_and_alerts_can_be_chosen(
    client: httpx.Client, what: str, asked: dict[str, str | list[str]], expected: list[str]
) -> None:
    assert [entry["to"] for entry in listed(client, what, **asked)] == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "proposed", "channel": "pay"}, ["proposed"]),
        ({"outlet": "Harbour Post"}, ["stalled", "proposed"]),
        ({"status": "stalled"}, ["stalled"]),
        ({"article": fact_id("test-article", "a2")}, ["underway"]),
        ({"from": "2026-02-26", "channel": "pay"}, ["rejected"]),
        ({"until": "2026-01-12"}, ["proposed"]),
        ({"known_at": "2026-03-01T08:00:04Z"}, ["proposed"]),
    ],
)
def test_claims_can_be_chosen(client: httpx.Client, asked: dict[str, str], expected: list[str]) -> None:
    assert [entry["kind"] for entry in listed(client, "claims", **asked)] == expected


def test_articles_can_be_chosen(client: httpx.Client) -> None:
    assert [one["title"] for one in listed(client, "articles", outlet="Harbour Post")] == [
        "Dock talks on hold",
        "Port offers dockers talks",
    ]
    asked = {"from": "2026-01-20", "until": "2026-01-20"}
    [entry] = listed(client, "articles", **asked)
    assert listed(client, "articles", story=entry["story"]) == [entry]
    assert listed(client, "articles", source="another") == []


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_pages_together_are_the_whole_list(client: httpx.Client, what: str, limit: int) -> None:
    assert all_pages(client, what, limit) == listed(client, what)
    assert len(listed(client, what)) == 5


def test_the_next_page_keeps_what_was_asked_for(client: httpx.Client) -> None:
    asked = {"channel": "pay", "limit": "3"}
    first = client.get("/v1/topics/docks/claims", params=asked)
    second = client.get(first.links["next"]["url"])
    assert [one["kind"] for one in second.json()] == ["proposed"]


@pytest.mark.parametrize("what", LISTS)
def test_new_rows_neither_hide_nor_repeat_any(fake_log: EventLog, data_dir: Path, what: str) -> None:
    story, model = Story(fake_log), ReadModel(data_dir)
    tell_all(story)
    project(story, model)
    with served(context_of(model)) as client:
        before = listed(client, what)
        first = client.get(f"/v1/topics/docks/{what}", params={"limit": 2})
        _tell_more(story)
        project(story, model)
        assert len(listed(client, what)) > len(before)
        assert first.json() + rest_of(client, first) == before


def _tell_more(story: Story) -> None:
    day = date(2026, 3, 1)
    article = story.article("a6", "Daily Tide", day, "Talks resume", "The sides sat down again on Sunday.")
    found = [claim(article, "pay", "resumed", "sat down again", day, day)]
    story.claims(article, *found)
    before, after = found[0].status, found[0].status
    shift = story.shift(article, "pay", before, after, "talks resumed", (day, day), found)
    story.alert(shift, article, found, type_="alert.raised", reason="new_shift")


def test_pages_go_on_past_articles_without_a_day(fake_log: EventLog, data_dir: Path) -> None:
    """They come last, and there may be more of them than a page holds."""
    story, model = Story(fake_log), ReadModel(data_dir)
    tell_all(story)
    for key in ("b1", "b2", "b3"):
        story.article(key, "Post", date(2026, 3, 1), f"Title {key}", "A text.", published_at=None)
    project(story, model)
    with served(context_of(model)) as client:
        found = all_pages(client, "articles", 2)
    assert [one["published_at"] is None for one in found] == [False] * 5 + [True] * 3
    assert len({one["article"] for one in found}) == 8


def test_a_claim_that_was_held_true_twice_is_listed_twice_over_pages(
    fake_log: EventLog, data_dir: Path
) -> None:
    story, model = Story(fake_log), ReadModel(data_dir)
    tell_all(story)
    project(story, model)
    first = queries.claims(model, "docks")[0].id
    judged = ClaimJudged(claim_id=first, operator_id="op", why="a jest")
    story.tell("claim.dismissed", judged, fact_id("dismissed"))
    story.tell("claim.restored", judged, fact_id("restored"))
    project(story, model)
    with served(context_of(model)) as client:
        answer = client.get("/v1/topics/docks/claims", params={"superseded": True, "limit": 1})
        kept = [answer.json()[0]["known_until"]]
        answer = client.get(answer.links["next"]["url"])
        kept.append(answer.json()[0]["known_until"])
        assert answer.json()[0]["id"] == first
    assert [moment is None for moment in kept] == [False, True]


def test_a_document_is_not_sent_again_to_who_has_it(client: httpx.Client) -> None:
    first = client.get("/v1/topics/docks/alerts")
    tag = first.headers["etag"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/v1/topics/docks/alerts", headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    changed = client.get("/v1/topics/docks/alerts?limit=1", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_head_is_get_without_the_body(client: httpx.Client) -> None:
    for path in ("/healthz", "/v1/topics/docks/status"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == get.headers["content-length"]


def test_the_sources_are_told_with_how_they_fare(tmp_path: Path) -> None:
    model = ReadModel(tmp_path)
    with served(context_of(model)) as client:
        assert client.get("/v1/sources").json() == []
        states = SourceStates(open_engine(tmp_path / SERVICE_FILE))
        states.enrol([SourceConfig(id="post", url="https://me:pass@post.example/feed?key=pass")], NOW)
        answer = client.get("/v1/sources")
    assert "pass" not in answer.text
    [source] = answer.json()
    assert (source["id"], source["place"]) == ("post", "https://post.example/feed")
    assert (source["state"], source["next_poll_at"]) == ("new", "2026-03-02T00:00:00Z")
    assert (source["entries_seen"], source["problem"]) == (None, None)


def test_what_a_removed_article_said_is_answered_without_its_words(
    fake_log: EventLog, data_dir: Path
) -> None:
    story, model = Story(fake_log), ReadModel(data_dir)
    tell_all(story)
    project(story, model)
    paths = [f"/v1/topics/docks/{what}" for what in ("status", "timeline", "alerts")]
    words = "The dockers’ leader rejected a new round of talks"
    with served(context_of(model)) as client:
        before = [client.get(path).text for path in paths]
        story.remove(fact_id("test-article", "a4"))
        project(story, model)
        after = [client.get(path).text for path in paths]
        every = [client.get(f"/v1/topics/docks/{what}").text for what in LISTS]
    assert all(words in answer for answer in before)
    assert after == [answer.replace(words, WITHHELD) for answer in before]
    assert not any(words in answer for answer in every)


def test_another_days_status_is_the_same_without_the_words(fake_log: EventLog, data_dir: Path) -> None:
    """It is computed from the claims as they are stored."""
    story, model = Story(fake_log), ReadModel(data_dir)
    tell_all(story)
    project(story, model)
    before = queries.timeline(model, "docks", as_of=NOW.date())
    claims = {claim.id: claim for claim in queries.claims(model, "docks")}
    for key in ("a1", "a2", "a3", "a4"):
        story.remove(fact_id("test-article", key))
    project(story, model)
    after = queries.timeline(model, "docks", as_of=NOW.date())
    for one, other in zip(before.channels, after.channels, strict=True):
        assert [(part.status, part.start, part.confidence) for part in one.segments] == [
            (part.status, part.start, part.confidence) for part in other.segments
        ]
    for entry in queries.claims(model, "docks"):
        was = claims[entry.id]
        assert entry.quote_hash == was.quote_hash == quote_hash(was.span["text"])
        assert (entry.span["start"], entry.span["end"]) == (was.span["start"], was.span["end"])
        assert (entry.kind, entry.channel, entry.when) == (was.kind, was.channel, was.when)


def test_alerts_come_as_a_table_too(client: httpx.Client) -> None:
    path = "/v1/topics/docks/alerts.csv"
    answer = client.get(path, params={"status": ["rejected", "stalled"]})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="docks-alerts.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["to"] for row in rows] == ["rejected", "stalled"]
    tagged = {"If-None-Match": answer.headers["etag"]}
    assert client.get(path, params={"status": ["rejected", "stalled"]}, headers=tagged).status_code == 304
    assert client.get(path, headers=tagged).status_code == 200
    assert client.get(path, params={"limit": 2}).status_code == 422
    assert client.get(path, params={"channel": "tea"}).status_code == 404
    assert client.get("/v1/topics/nope/alerts.csv").status_code == 404


def test_a_table_is_whole_however_many_batches_it_takes(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = client.get("/v1/topics/docks/alerts.csv").text
    monkeypatch.setattr(alert_lists, "_BATCH", 2)
    assert client.get("/v1/topics/docks/alerts.csv").text == whole
    assert len(list(csv.DictReader(io.StringIO(whole)))) == len(client.get("/v1/topics/docks/alerts").json())


def test_the_timeline_comes_as_csv_too(client: httpx.Client) -> None:
    answer = client.get("/v1/topics/docks/timeline.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="docks-timeline.csv"'
    lines = answer.text.splitlines()
    whole = client.get("/v1/topics/docks/timeline").json()
    assert len(lines) == 1 + sum(len(channel["segments"]) for channel in whole["channels"])
    assert lines[1].startswith("docks,pay,proposed,talks proposed,2026-01-12,2026-01-12,2026-01-20,")
    past = client.get("/v1/topics/docks/timeline.csv", params={"as_of": "2026-01-15"}).text.splitlines()
    assert len(past) == 2
    assert past[1].startswith("docks,pay,proposed,talks proposed,2026-01-12,2026-01-12,,")
    assert client.get("/v1/topics/nope/timeline.csv").status_code == 404
