"""Sources wherever they are written: read together, changed while Parley runs, written by Parley without harm."""

import logging
import multiprocessing
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from monitor.errors import BadInputError, SettingsError
from monitor.sources import ownfile
from monitor.sources.book import SourceBook, written_in
from monitor.sources.config import SourceConfig
from monitor.topics import load_topics

TOPICS = {"pti": load_topics()["pti"]}
SHIPPED = Path(__file__).parents[2] / "deploy" / "sources" / "pakistan.toml"


def table(id_: str, **more: str) -> str:
    fields = {"id": id_, "url": f"https://{id_}.example/feed", **more}
    return "[[sources]]\n" + "".join(f'{key} = "{value}"\n' for key, value in fields.items())


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "sources.toml"


def book(own: Path, files: Sequence[Path] = (), settings: Path | None = None) -> SourceBook:
    text = settings.read_text() if settings else ""
    configured = [SourceConfig.model_validate(one) for one in tomllib.loads(text).get("sources", [])]
    return SourceBook(configured, settings, files, own, TOPICS)


def ids(book: SourceBook) -> list[str]:
    return [source.id for source in book.current()]


def test_all_places_are_read_in_order(tmp_path: Path, own: Path) -> None:
    settings, more = tmp_path / "parley.toml", tmp_path / "more.toml"
    settings.write_text("seeds = false\n\n" + table("a"))
    more.write_text(table("b") + "\n" + table("c"))
    own.write_text(table("d"))
    together = book(own, [more], settings)
    assert ids(together) == ["a", "b", "c", "d"]
    assert [one.where for one in together.written()] == [
        f"{settings}, line 3",
        f"{more}, line 1",
        f"{more}, line 5",
        f"{own}, line 1",
    ]


def test_a_path_is_relative_to_the_file_that_names_it_in_the_settings_too(tmp_path: Path, own: Path) -> None:
    settings, more = tmp_path / "parley.toml", tmp_path / "below" / "more.toml"
    more.parent.mkdir()
    for file, id_ in ((settings, "a"), (more, "b")):
        file.write_text(f'[[sources]]\nid = "{id_}"\nkind = "folder"\npath = "texts"\n')
    found = book(own, [more], settings).current()
    assert [one.path for one in found] == [tmp_path / "texts", tmp_path / "below" / "texts"]


def test_one_id_in_two_places_is_refused_with_both(tmp_path: Path, own: Path) -> None:
    more = tmp_path / "more.toml"
    more.write_text(table("b") + "\n" + table("a"))
    own.write_text("# mine\n" + table("a"))
    with pytest.raises(BadInputError) as error:
        book(own, [more]).current()
    assert f"two sources are called 'a': in {more}, line 5, and in {own}, line 2" in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table("a", topics="pti"), "line 4: sources[1].topics: expected a list"),
        ("\n" + table("a", colour="red"), "line 5: there is no setting 'sources[1].colour'"),
        (
            table("a") + table("b", interval_minutes="often"),
            "line 7: sources[2].interval_minutes: expected a whole",
        ),
        (table("a", country="Pakistan"), "line 4: sources[1].country: expected a country code"),
        ("[[source]]\n", "there is no setting 'source'"),
        ("[[sources]\n", "is not valid TOML"),
        (table("a").removesuffix('"\n'), "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(own: Path, text: str, words: str) -> None:
    own.write_text(text)
    with pytest.raises(SettingsError, match=str(own)) as error:
        book(own).current()
    assert words in str(error.value)


def test_a_secret_in_a_wrong_file_is_not_shown(own: Path) -> None:
    own.write_text(table("a") + 'headers = { X-Key = ["hunter2"], "X Y" = "hunter2" }\n')
    with pytest.raises(SettingsError) as error:
        book(own).current()
    assert "line 4: sources[1].headers.X-Key" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_a_file_that_cannot_be_read_or_a_topic_that_is_not_watched_is_named(
    tmp_path: Path, own: Path
) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the sources in .*gone\.toml: No such file"):
        book(own, [tmp_path / "gone.toml"]).current()
    own.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        book(own).current()
    own.write_text("[[sources]]\nid = 'a'\nurl = 'https://a.example/'\ntopics = ['docks']\n")
    with pytest.raises(BadInputError, match="line 1: source 'a': there is no topic 'docks' that is watched"):
        book(own).current()


def test_paths_in_a_file_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    file = tmp_path / "sub" / "more.toml"
    file.write_text(
        "[[sources]]\nid = 'box'\nkind = 'folder'\npath = 'texts'\n"
        + table("a")
        + "headers_files = { X-Key = 'key' }\n"
    )
    box, feed = (one.source for one in written_in(file))
    assert box.path == tmp_path / "sub" / "texts"
    assert feed.headers_files == {"X-Key": tmp_path / "sub" / "key"}


def test_a_change_is_noticed_and_a_file_that_breaks_changes_nothing(
    own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = book(own)
    assert ids(kept) == []
    own.write_text(table("a"))
    assert ids(kept) == ["a"]
    unchanged = kept.current()
    assert kept.current() is unchanged
    with caplog.at_level(logging.ERROR):
        own.write_text(table("a") + "[[sources]]\nid = ")
        assert [ids(kept), ids(kept), ids(kept)] == [["a"]] * 3
    assert len(caplog.records) == 1
    assert f"the sources stay as they were: {own} is not valid TOML" in caplog.text
    own.write_text(table("a") + table("b"))
    assert ids(kept) == ["a", "b"]
    own.unlink()
    assert ids(kept) == []


def test_a_change_that_keeps_size_and_date_is_noticed_too(own: Path) -> None:
    own.write_text(table("a"))
    kept = book(own)
    assert ids(kept) == ["a"]
    before = own.stat()
    other = own.with_name("other")
    other.write_text(table("b"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(own)
    assert ids(kept) == ["b"]


def test_searches_are_filled_and_the_shipped_list_is_right(own: Path) -> None:
    shipped = book(own, [SHIPPED])
    polled = shipped.current()
    assert len(polled) == len(shipped.written()) > 30
    assert {source.id for source in polled} >= {"dawn", "google-news:pti"}
    assert not [source.url for source in polled if "{" in source.url]
    assert len({source.url for source in polled}) == len(polled)
    assert "NONE OF THESE ADDRESSES HAS BEEN TRIED" in SHIPPED.read_text()


COMMENTED = """# My feeds.

# The first.
[[sources]]
id = "a"  # short
url = "https://a.example/feed"

# The second.
[[sources]]
id = "b"
url = "https://b.example/feed"

[sources.headers]
X-Key = "k"

# The third.
[[sources]]
id = "c"
url = "https://c.example/feed"
# The end.
"""
COMMENTS = ["# My feeds.", "# The first.", "# The second.", "# The third.", "# The end."]


def test_what_is_added_stands_last_and_the_rest_stays_as_it_was(own: Path) -> None:
    own.write_text(COMMENTED)
    ownfile.add(own, [{"id": "d", "url": 'https://d.example/"x"', "topics": ["pti"]}])
    text = own.read_text()
    assert text.startswith(COMMENTED)
    assert [one.source.id for one in written_in(own)] == ["a", "b", "c", "d"]
    assert written_in(own)[3].source.url == 'https://d.example/"x"'
    ownfile.remove(own, "d")
    assert own.read_text().rstrip() == COMMENTED.rstrip()


@pytest.mark.parametrize(("gone", "left"), [("a", ["b", "c"]), ("b", ["a", "c"]), ("c", ["a", "b"])])
def test_whichever_source_is_removed_the_comments_around_it_stay(
    own: Path, gone: str, left: list[str]
) -> None:
    own.write_text(COMMENTED)
    ownfile.remove(own, gone)
    assert [one.source.id for one in written_in(own)] == left
    lines = own.read_text().splitlines()
    assert [line for line in lines if line.startswith("#")] == COMMENTS
    after = {"# The second.": "b", "# The third.": "c"}
    for comment, id_ in after.items():
        if id_ in left:
            at = lines.index(comment)
            assert lines[at + 2] == f'id = "{id_}"'


def test_all_can_be_removed_and_others_added_again(own: Path) -> None:
    for id_ in ("a", "b"):
        ownfile.add(own, [{"id": id_, "url": f"https://{id_}.example/", "topics": ["pti"]}])
    ownfile.remove(own, "a")
    ownfile.remove(own, "b")
    assert written_in(own) == []
    ownfile.add(own, [{"id": "c", "url": "https://c.example/", "topics": ["pti"]}])
    assert [one.source.id for one in written_in(own)] == ["c"]


def test_the_comments_around_the_only_source_outlive_it(own: Path) -> None:
    own.write_text(f"# Mine.\n\n{table('a')}\n# Once more:\n")
    ownfile.remove(own, "a")
    assert [line for line in own.read_text().splitlines() if line] == ["# Mine.", "# Once more:"]
    ownfile.add(own, [{"id": "b", "url": "https://b.example/"}])
    assert own.read_text().startswith("# Mine.")
    assert "# Once more:" in own.read_text()
    assert [one.source.id for one in written_in(own)] == ["b"]


def test_one_empty_line_stands_between_two_sources_however_they_are_added(own: Path) -> None:
    def some(*names: str) -> list[dict[str, str]]:
        return [{"id": name, "url": f"https://{name}.example/"} for name in names]

    ownfile.add(own, some("a", "b"))
    ownfile.add(own, some("c"))
    ownfile.add(own, some("d", "e"))
    head, *tables = own.read_text().split("[[sources]]")
    assert (
        head == "# Sources that `parley sources add` has written. You may write here too: comments stay.\n\n"
    )
    assert [len(one) - len(one.rstrip("\n")) for one in tables] == [2, 2, 2, 2, 1]
    assert [one.source.id for one in written_in(own)] == ["a", "b", "c", "d", "e"]


def test_a_list_of_inline_tables_is_written_to_as_well(own: Path) -> None:
    own.write_text('sources = [\n  { id = "a", url = "https://a.example/" },  # one\n]\n')
    ownfile.add(own, [{"id": "b", "url": "https://b.example/"}])
    assert [one.source.id for one in written_in(own)] == ["a", "b"]
    assert "# one" in own.read_text()
    ownfile.remove(own, "a")
    assert [one.source.id for one in written_in(own)] == ["b"]


@pytest.mark.parametrize(
    "text", ["[[sources]]\nid = ", "[[sources]]\nid = 'A'\nurl = 'https://a.example/'\n"]
)
def test_a_broken_file_is_not_written_to(own: Path, text: str) -> None:
    own.write_text(text)
    with pytest.raises(SettingsError, match=str(own)):
        ownfile.add(own, [{"id": "b", "url": "https://b.example/"}])
    with pytest.raises(SettingsError, match=str(own)):
        ownfile.remove(own, "a")
    assert own.read_text() == text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"id": "a", "url": "https://other.example/"}, "has a source 'a' already"),
        ({"id": "b", "url": "ftp://b.example/"}, "begins with http"),
    ],
)
def test_what_would_make_the_file_wrong_is_not_written(own: Path, source: dict[str, str], words: str) -> None:
    own.write_text(table("a"))
    with pytest.raises(BadInputError, match=words):
        ownfile.add(own, [source])
    assert own.read_text() == table("a")
    assert sorted(path.name for path in own.parent.iterdir()) == ["sources.toml", "sources.toml.lock"]
    with pytest.raises(SettingsError, match="there is no source 'b'"):
        ownfile.remove(own, "b")


def test_a_disk_that_cannot_be_written_leaves_the_file_as_it_was(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.write_text(table("a"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("monitor.sources.ownfile.os.fsync", full)
    with pytest.raises(SettingsError, match=r"cannot write the sources to .*: No space left"):
        ownfile.add(own, [{"id": "b", "url": "https://b.example/"}])
    assert own.read_text() == table("a")
    assert sorted(path.name for path in own.parent.iterdir()) == ["sources.toml", "sources.toml.lock"]


def test_its_permissions_and_a_link_to_it_stay(tmp_path: Path, own: Path) -> None:
    real = tmp_path / "elsewhere.toml"
    real.write_text(table("a"))
    real.chmod(0o640)
    own.symlink_to(real)
    ownfile.add(own, [{"id": "b", "url": "https://b.example/"}])
    assert own.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert [one.source.id for one in written_in(real)] == ["a", "b"]


def _add(path: Path, number: int) -> None:
    ownfile.add(path, [{"id": f"s{number}", "url": f"https://{number}.example/"}])


@pytest.mark.drill
def test_processes_that_add_at_once_lose_nothing(own: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        pool.starmap(_add, [(own, number) for number in range(12)])
    assert {one.source.id for one in written_in(own)} == {f"s{number}" for number in range(12)}
