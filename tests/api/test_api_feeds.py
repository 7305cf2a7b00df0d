"""The feeds of a topic's alerts, as feed readers and caches meet them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import feedparser
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from monitor.api.feed_formats import Feed, atom, json_feed, rss
from monitor.api.feeds import FORMATS, MOST_ENTRIES, feed_of
from monitor.log.events import Event
from monitor.log.stream import EventLog
from monitor.readmodel.decisions import ToldAlerts, told_alerts
from monitor.readmodel.rebuild import rebuild
from monitor.sources.feed import parse_feed
from monitor.vocabulary import WITHHELD
from tests.api.docks import OPTIONS, QUOTE, Docks
from tests.api.serving import NOW, served
from tests.readmodel.story import HOSTILE, TOPIC

ENDINGS = pytest.mark.parametrize("ending", FORMATS)
HOME = "https://dash.example/parley/alerts?topic=docks"


@pytest.fixture
def docks(fake_log: EventLog, data_dir: Path) -> Docks:
    return Docks(fake_log, data_dir)


@pytest.fixture
def client(docks: Docks) -> Iterator[httpx.Client]:
    with served(docks.context()) as client:
        yield client


def get(client: httpx.Client, ending: str, **headers: str) -> httpx.Response:
    return client.get(f"/v1/topics/docks/alerts.{ending}", headers=headers)


def entries(body: bytes, ending: str) -> list[dict[str, Any]]:
    """What a feed reader makes of it: of each entry its id, title, link, content and moments."""
    if ending == "json":
        return [
            {"id": item["id"], "title": item["title"], "link": item["url"], "html": item["content_html"]}
            for item in json.loads(body)["items"]
        ]
    parsed = feedparser.parse(body)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [
        {
            "id": entry.id,
            "title": entry.title,
            "link": entry.link,
            "html": entry.content[0].value if ending == "atom" else entry.summary,
        }
        for entry in parsed.entries
    ]


class Tags(HTMLParser):
    """The elements and attributes that a browser would make of HTML, and the text that it would show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str | None] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


@ENDINGS
def test_an_alert_its_update_and_its_cancellation_are_entries_of_their_own(
    client: httpx.Client, docks: Docks, ending: str
) -> None:
    told = docks.report("b1")
    alone = entries(get(client, ending).content, ending)
    updated = docks.confirm(told)
    cancelled = docks.withdraw(told)
    found = entries(get(client, ending).content, ending)
    assert [entry["id"] for entry in found] == [
        UUID(hex=event.id).urn for event in (cancelled, updated, told.alert)
    ]
    assert found[2:] == alone  # what was told stays as it was
    assert [entry["title"] for entry in found] == [
        "taken back",
        "Update: Union and port authority: talks proposed (confirmed)",
        "Union and port authority: talks proposed (reported)",
    ]
    assert {entry["link"] for entry in found} == {f"{HOME}&alert={told.alert.data['alert_id']}"}
    assert "This takes an earlier alert back" in found[0]["html"]
    assert "it is now confirmed" in found[1]["html"]


@ENDINGS
def test_an_entry_says_what_changed_how_sure_and_who_says_so(
    client: httpx.Client, docks: Docks, ending: str
) -> None:
    docks.report("b1")
    [entry] = entries(get(client, ending).content, ending)
    shown = Tags(entry["html"])
    for words in (
        "nothing known → proposed",
        "reported: neither a party itself",
        f"“{QUOTE}”",
        "Harbour Post, 1 March",
    ):
        assert words in shown.text
    assert "https://harbourpost.example/b1" in shown.links
    assert not {"html", "head", "meta", "body", "h1"} & shown.names


@ENDINGS
def test_what_was_held_back_is_in_no_feed(client: httpx.Client, docks: Docks, ending: str) -> None:
    told = docks.report("b1", type_="alert.suppressed")
    docks.withdraw(told)
    assert entries(get(client, ending).content, ending) == []


@ENDINGS
def test_a_feed_without_alerts_is_a_feed(client: httpx.Client, docks: Docks, ending: str) -> None:
    answer = get(client, ending)
    assert answer.status_code == 200
    assert entries(answer.content, ending) == []
    assert TOPIC.label in answer.text
    if ending == "atom":
        assert feedparser.parse(answer.content).feed.updated == "2026-03-01T08:00:01+00:00"


@ENDINGS
def test_entries_outlive_a_rebuild(client: httpx.Client, docks: Docks, ending: str) -> None:
    docks.withdraw(docks.report("b1"))
    before = get(client, ending)
    rebuild(docks.model, docks.story.log, [docks.story.topic])
    after = get(client, ending)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


@ENDINGS
def test_the_words_of_a_removed_article_leave_the_feed_and_the_caches(
    client: httpx.Client, docks: Docks, ending: str
) -> None:
    told = docks.report("b1")
    before = get(client, ending)
    docks.remove(told)
    known = {
        "If-None-Match": before.headers["etag"],
        "If-Modified-Since": before.headers["last-modified"],
    }
    for header, value in known.items():
        after = get(client, ending, **{header: value})
        assert after.status_code == 200
        assert QUOTE not in after.text
    [was], [now] = entries(before.content, ending), entries(after.content, ending)
    assert WITHHELD in now["html"]
    assert f"“{WITHHELD}”" not in now["html"]
    assert (now["id"], now["title"]) == (was["id"], was["title"])


@ENDINGS
def test_who_has_it_already_is_answered_without_it(client: httpx.Client, docks: Docks, ending: str) -> None:
    told = docks.report("b1")
    first = get(client, ending)
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    assert modified == format_datetime(told.alert.recorded_at, usegmt=True)
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["content-type"] == FORMATS[ending].media_type
    later = format_datetime(told.alert.recorded_at + timedelta(days=1), usegmt=True)
    for known in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"other", W/{etag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": modified},
    ):
        answer = get(client, ending, **known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    for other in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": later},
        {"If-Modified-Since": format_datetime(told.alert.recorded_at - timedelta(seconds=1), usegmt=True)},
        {"If-Modified-Since": later},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": "Sun, 01 Mar 2026 08:00:00 +99999999999999999999"},
    ):
        assert get(client, ending, **other).status_code == 200
    docks.withdraw(told)
    assert get(client, ending, **{"If-None-Match": etag}).status_code == 200
    assert get(client, ending, **{"If-Modified-Since": modified}).status_code == 200


@ENDINGS
def test_a_feeds_head_is_that_of_the_feed(client: httpx.Client, docks: Docks, ending: str) -> None:
    docks.report("b1")
    whole, head = get(client, ending), client.head(f"/v1/topics/docks/alerts.{ending}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "last-modified", "cache-control", "content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]


@ENDINGS
def test_an_unknown_topic_is_a_problem(client: httpx.Client, ending: str) -> None:
    answer = client.get(f"/v1/topics/dokcs/alerts.{ending}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "docks" in answer.json()["detail"]


def test_the_newest_of_hundreds_are_told_newest_first(docks: Docks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docks, "project", lambda: None)  # but all at once, which is quicker
    for number in range(MOST_ENTRIES + 50):
        docks.report(f"b{number}", f"The port authority has offered talks, report {number} said")
    rebuild(docks.model, docks.story.log, [docks.story.topic])
    told = told_alerts(docks.model, "docks", limit=MOST_ENTRIES)
    for ending, form in FORMATS.items():
        found = entries(form.write(feed_of(told, OPTIONS, ending)), ending)
        assert len({entry["id"] for entry in found}) == MOST_ENTRIES
        assert f"report {MOST_ENTRIES + 49} said" in found[0]["html"]
        assert "report 50 said" in found[-1]["html"]


@ENDINGS
def test_parley_reads_its_own_feed(client: httpx.Client, docks: Docks, ending: str) -> None:
    told = docks.report("b1")
    cancelled = docks.withdraw(told)
    feed = parse_feed(get(client, ending).content, f"https://api.example/alerts.{ending}")
    assert feed.note == ""
    assert [entry.guid for entry in feed.entries] == [
        UUID(hex=event.id).urn for event in (cancelled, told.alert)
    ]
    assert [entry.published for entry in feed.entries] == [cancelled.recorded_at, told.alert.recorded_at]
    assert {entry.language for entry in feed.entries} == {"en"}
    assert QUOTE in feed.entries[1].text


def test_a_feed_says_where_it_is_and_what_page_it_is_of(client: httpx.Client, docks: Docks) -> None:
    docks.report("b1")
    for ending in ("atom", "rss"):
        feed = feedparser.parse(get(client, ending).content).feed
        links = {link.rel: link.href for link in feed.links}
        assert links == {"self": f"https://api.example/v1/topics/docks/alerts.{ending}", "alternate": HOME}
        assert feed.language == "en"
    feed = get(client, "json").json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["home_page_url"], feed["feed_url"]) == (
        HOME,
        "https://api.example/v1/topics/docks/alerts.json",
    )
    assert feed["items"][0]["_parley"]["data"]["certainty"] == "reported"


def test_atom_has_what_its_rules_ask_for(client: httpx.Client, docks: Docks) -> None:
    docks.confirm(docks.report("b1"))
    names = {"a": "http://www.w3.org/2005/Atom"}
    root = etree.fromstring(get(client, "atom").content)
    assert len(root.xpath("a:id|a:title|a:updated", namespaces=names)) == 3
    assert root.xpath("string(a:updated)", namespaces=names) == root.xpath(
        "string(a:entry[1]/a:updated)", namespaces=names
    )
    assert root.xpath("string(a:author/a:name)", namespaces=names) == "Parley"
    for entry in root.xpath("a:entry", namespaces=names):
        assert len(entry.xpath("a:id|a:title|a:updated|a:summary|a:content", namespaces=names)) == 5
        kinds = entry.xpath("a:link[@rel='alternate']/@type", namespaces=names)
        assert kinds == ["text/html", "application/cap+xml"]  # one of each type at most
        assert entry.xpath("a:id != ../a:id", namespaces=names)


def hostile_feed(event: Event, words: str, ending: str) -> bytes:
    """The feed of an alert whose quote, outlet and link are these words."""
    quote = {**event.data["evidence"][0], "text": words, "outlet": words, "url": words}
    told = event.model_copy(update={"data": {**event.data, "evidence": [quote], "text": words}})
    answer = ToldAlerts(TOPIC, [told], told.recorded_at, told.recorded_at)
    return FORMATS[ending].write(feed_of(answer, OPTIONS, ending))


@ENDINGS
def test_hostile_words_are_words(docks: Docks, ending: str) -> None:
    event = docks.report("b1").alert
    [entry] = entries(hostile_feed(event, HOSTILE, ending), ending)
    shown = Tags(entry["html"])
    assert HOSTILE in shown.text
    assert shown.names == {"dl", "dt", "dd", "h2", "p", "blockquote", "footer", "a"}
    assert shown.links == [entry["link"]]
    assert not {name for name in shown.attributes if name.startswith("on")}


@ENDINGS
@pytest.mark.parametrize(
    "words",
    [
        "lone \ud800 surrogate",
        "nul \x00 bell \x07",
        "no character \ufffe\uffff",
        "]]> <!-- &amp;",
        "\u202eturned",
    ],
    ids=["surrogate", "controls", "no-character", "markup", "turned"],
)
def test_odd_characters_leave_the_feed_readable(docks: Docks, words: str, ending: str) -> None:
    [entry] = entries(hostile_feed(docks.report("b1").alert, words, ending), ending)
    assert entry["title"] == "Union and port authority: talks proposed (reported)"
    assert "Look it up on the dashboard" in entry["html"]


def _of_one_alert() -> Feed:
    data = {
        "alert_id": "1" * 32, "shift_id": "2" * 32, "channel": "pay", "from": "none", "to": "proposed",
        "name": "talks proposed", "effective_at": None, "severity": "minor", "certainty": "reported",
        "text": "talks proposed", "evidence": [], "reason": "new_shift",
    }  # fmt: skip
    event = Event(
        id="3" * 32, type="alert.raised", schema_version=1, topic="docks", recorded_at=NOW, cause=None,
        by="test/1", data=data,
    )  # fmt: skip
    return feed_of(ToldAlerts(TOPIC, [event], NOW, NOW), OPTIONS, "atom")


ONE_ALERT = _of_one_alert()
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


@given(ANY_TEXT)
def test_any_title_makes_a_feed_that_is_read_again(words: str) -> None:
    """Straight to the writers: nothing has cleaned these words before."""
    entry = ONE_ALERT.entries[0]._replace(title=words, summary=words, html=words)
    feed = ONE_ALERT._replace(title=words, entries=(entry,))
    assert etree.fromstring(atom(feed)).tag.endswith("feed")
    assert len(etree.fromstring(rss(feed)).findall("channel/item")) == 1
    assert len(json.loads(json_feed(feed))["items"]) == 1


@ENDINGS
def test_the_example_of_a_feed_is_one(client: httpx.Client, ending: str) -> None:
    described = client.get("/openapi.json").json()["paths"][f"/v1/topics/{{topic}}/alerts.{ending}"]["get"]
    [(media_type, told)] = described["responses"]["200"]["content"].items()
    assert media_type == FORMATS[ending].media_type
    body = json.dumps(told["example"]) if ending == "json" else told["example"]
    [entry] = entries(body.encode(), ending)
    assert entry["title"] == "Union and port authority: talks rejected (reported)"


def test_each_entry_is_a_document_of_the_common_alerting_protocol_too(
    client: httpx.Client, docks: Docks
) -> None:
    told = docks.report("b1")
    updated = docks.confirm(told)
    parsed = feedparser.parse(get(client, "atom").content)
    [newest, first] = [
        [link.href for link in entry.links if link.type == "application/cap+xml"] for entry in parsed.entries
    ]
    assert [address.rpartition("/")[2] for address in (*newest, *first)] == [
        f"{updated.id}.cap",
        f"{told.alert.id}.cap",
    ]
    answer = client.get(f"/v1/topics/docks/alerts/{updated.id}.cap")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/cap+xml")
    cap = {
        element.tag.rpartition("}")[2]: element.text for element in etree.fromstring(answer.content).iter()
    }
    assert (cap["identifier"], cap["msgType"], cap["status"]) == (updated.id, "Update", "Actual")
    assert client.get(f"/v1/topics/docks/alerts/{'0' * 32}.cap").status_code == 404
    assert client.get("/v1/topics/docks/alerts/x.cap").status_code == 422
