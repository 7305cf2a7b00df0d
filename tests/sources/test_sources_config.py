"""What an operator may write of a source, how a wrong one is named, and what a search is filled with."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import ValidationError

from monitor.errors import BadInputError, SourceError
from monitor.sources.config import SourceConfig
from monitor.sources.search import MAX_ENCODED_CHARS, searched, words_of, written_id
from monitor.topics import Channel, Party, Topic, load_topics

URL = "https://a.example/feed"


def source(**fields: object) -> SourceConfig:
    return SourceConfig.model_validate({"id": "a", "url": URL, **fields})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"id": "A b"}, "an id of at most 41 lower-case letters"),
        ({"url": "ftp://a.example/"}, "begins with http:// or https://"),
        ({"url": "https://a.example/\x01"}, "begins with http:// or https://"),
        ({"url": "https://[a.example/"}, "and a host"),
        ({"url": "https://a.example:http/"}, "and a host"),
        ({"url": "https:///feed"}, "and a host"),
        ({"url": f"{URL}?q={{words}}"}, 'say kind = "search"'),
        ({"url": f"{URL}?q={{word}}"}, "but those of {words}"),
        ({"kind": "search"}, "has {words} once"),
        ({"kind": "search", "url": "https://a.example/{words}/{words}"}, "has {words} once"),
        ({"kind": "search", "url": "https://{words}.example/"}, "has {words} once"),
        ({"kind": "search", "url": "", "path": "x"}, "a search has a url, and no path"),
        ({"country": "pk"}, "two capitals"),
        ({"country": "PAK"}, "two capitals"),
        ({"language": "English"}, "two or three lower-case letters"),
        ({"trust": "some"}, "'low', 'normal' or 'high'"),
        ({"interval_minutes": 0}, "greater than or equal to 1"),
        ({"min_interval_minutes": 30}, r"more than interval_minutes \(15\)"),
        ({"max_interval_minutes": 10}, r"less than interval_minutes \(15\)"),
        ({"kind": "folder", "url": "", "path": "x", "headers": {"X-Key": "k"}}, "not asked with headers"),
        ({"headers": {"X Key": "k"}}, "'x key' cannot be the name of a header"),
        ({"headers": {"host": "b.example"}}, "host is set by Parley itself"),
        ({"headers": {"If-None-Match": "x"}}, "if-none-match is set by Parley itself"),
        ({"headers": {"X-Key": "k"}, "headers_files": {"x-key": "f"}}, "x-key is given twice"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        source(**fields)


def test_a_source_may_be_polled_every_minute_without_a_word_on_its_bounds() -> None:
    assert source(interval_minutes=1).interval_minutes == 1


def test_the_values_of_headers_are_shown_nowhere() -> None:
    one = source(headers={"X-Key": "hunter2"})
    assert one.request_headers() == {"X-Key": "hunter2"}
    for shown in (repr(one), str(one), one.model_dump_json(), repr(one.model_dump())):
        assert "hunter2" not in shown
    with pytest.raises(ValidationError) as error:
        source(headers={"X-Key": "hunter2\r\nX-Other: 1"})
    problem = error.value.errors()[0]
    assert "hunter2" not in problem["msg"]
    assert problem["msg"].endswith("the value of the header X-Key has characters that no header can have")


def test_a_header_is_read_from_its_file_at_each_request(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    one = source(headers_files={"Authorization": secret})
    with pytest.raises(SourceError, match=r"cannot read the header Authorization from .*key") as error:
        one.request_headers()
    assert error.value.reason == "header"
    secret.write_text("Bearer first\n")
    assert one.request_headers() == {"Authorization": "Bearer first"}
    secret.write_text("Bearer second\n")
    assert one.request_headers() == {"Authorization": "Bearer second"}
    secret.write_text("two\nlines")
    with pytest.raises(SourceError, match="expected one line of text"):
        one.request_headers()


def docks(*parties: Party) -> Topic:
    ids = tuple(party.id for party in parties)
    channel = Channel(id="pay", label="Pay", parties=ids)
    return Topic(id="docks", label="Docks", parties=parties, channels=(channel,))


PORT = Party(id="port", label="Port", aliases=("the harbour", "Tarn", "Port of Tarn", "Port of Tarn board"))
GUILD = Party(id="guild", label="Guild", aliases=("DGW", "Dockers' Guild"), leaders=("Brandt", "Ida Brandt"))


def test_a_search_takes_the_surest_names_of_all_parties_by_turns() -> None:
    # Neither the name that another one holds, nor a surname alone; what has no capital comes last.
    assert words_of(docks(GUILD, PORT)) == (
        'DGW OR "Port of Tarn" OR "Ida Brandt" OR "Dockers\' Guild" OR Tarn OR "the harbour"'
    )


def test_who_is_in_no_channel_is_not_searched_for() -> None:
    topic = docks(GUILD, PORT)
    outsider = Party(id="pilots", label="Pilots", aliases=("Pilots' League",))
    assert "Pilots" not in words_of(topic.model_copy(update={"parties": (*topic.parties, outsider)}))


def test_the_words_are_of_bounded_length_however_many_names_there_are() -> None:
    many = Party(id="many", label="Many", aliases=tuple(f"Größere Gesellschaft {n:03}" for n in range(500)))
    template = "https://s.example/rss?q={words}&f=1"
    (filled,) = searched(
        source(kind="search", url=template, topics=("docks",)), {"docks": docks(GUILD, many)}
    )
    assert 300 < len(filled.url) <= len(template) + MAX_ENCODED_CHARS
    for topic in load_topics().values():
        if topic.kind == "talks":
            assert len(words_of(topic)) > 50


def test_a_topic_without_names_cannot_be_searched_for() -> None:
    nameless = Party(id="nobody", label="Nobody", generic_aliases=("the board",))
    with pytest.raises(BadInputError, match="'docks' has no party with a name"):
        words_of(docks(nameless))


def test_a_search_has_an_address_and_a_row_for_each_topic() -> None:
    topics = {"docks": docks(GUILD, PORT), "pti": load_topics()["pti"]}
    search = source(
        id="web", kind="search", url="https://s.example/rss?q={words}&f=1", topics=("pti", "docks")
    )
    pti, other = searched(search, topics)
    assert (pti.id, other.id, pti.topics, other.topics) == ("web:pti", "web:docks", ("pti",), ("docks",))
    assert {written_id(pti.id), written_id(other.id)} == {"web"}
    assert " " not in other.url
    assert '"' not in other.url
    assert unquote(other.url) == f"https://s.example/rss?q={words_of(topics['docks'])}&f=1"
    assert searched(source(), topics) == (source(),)
