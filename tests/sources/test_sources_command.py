"""`parley sources`: an operator adds, checks, polls, pauses and removes sources, against a real web server."""

import io
import json
import logging
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import update

from monitor.cli import main
from monitor.readmodel.store import SERVICE_FILE, open_engine
from monitor.sources.opml import read_opml
from monitor.sources.poll import Poller
from monitor.sources.state import SourceState, SourceStates

KHAN = ("Khan rejects talks", "Imran Khan of PTI rejected talks with the federal government on Sunday.")
RAIN = ("Rain in Tarn", "It rained all of Monday in the harbour.")
SHIPS = ("Ships wait", "They waited for the tide.")


def rss(*entries: tuple[str, str], title: str = "The Dawn Paper") -> bytes:
    items = "".join(
        f"<item><title>{head}</title><link>https://a.example/{n}</link><description>{text}</description>"
        f"<pubDate>Sun, 0{n} Mar 2026 10:00:00 GMT</pubDate></item>"
        for n, (head, text) in enumerate(entries, 1)
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        assert self.returncode in (0, 1), self.stderr
        return json.loads(self.stdout)

    @property
    def refusal(self) -> str:
        """The one line that says what is wrong."""
        assert self.returncode == 2, self.stdout
        (line,) = self.stderr.strip().splitlines()
        return line


class Answering(io.StringIO):
    """A terminal on which somebody answers."""

    def isatty(self) -> bool:
        return True


Parley = Callable[..., Done]


@pytest.fixture
def data(data_dir: Path) -> Path:
    return data_dir


@pytest.fixture
def parley(data: Path, tmp_path: Path) -> Iterator[Parley]:
    """The command on a data folder without the seeds; with settings in `parley.toml`, where a test has written them."""
    config = tmp_path / "parley.toml"
    config.write_text("seeds = false\n")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str, answers: str | None = None, watched: bool = False) -> Done:
        out, err = io.StringIO(), Answering() if watched else io.StringIO()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        argv = ["parley", "--config", str(config), "--data", str(data), "sources", *arguments]
        stdin = io.StringIO() if answers is None else Answering(answers)
        with (
            mock.patch.object(sys, "argv", argv),
            mock.patch.object(sys, "stdin", stdin),
            mock.patch.dict(os.environ, clean, clear=True),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as left,
        ):
            main()
        return Done(int(left.value.code or 0), out.getvalue(), err.getvalue())

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def feed(site, answer) -> str:
    """The address of a page that names a feed with one entry about PTI and one about the weather."""
    site.routes["/"] = answer(
        b'<html><head><link rel="alternate" type="application/rss+xml" href="/politics.xml"></head></html>'
    )
    site.routes["/politics.xml"] = answer(rss(KHAN, RAIN, SHIPS))
    return site.url("/")


def written(data: Path) -> list[dict[str, Any]]:
    path = data / "sources.toml"
    return tomllib.loads(path.read_text()).get("sources", []) if path.exists() else []


def add(parley: Parley, url: str, *more: str) -> Done:
    return parley("add", url, "--allow-private", "--yes", *more)


def test_the_feed_of_a_page_is_shown_and_added(parley: Parley, feed: str, data: Path, site) -> None:
    done = add(parley, feed, "--country", "PK", "--trust", "high", "--interval", "30", "--no-full-text")

    assert done.returncode == 0, done.stderr
    assert written(data) == [
        {
            "id": "the-dawn-paper",
            "url": site.url("/politics.xml"),
            "topics": ["pti"],
            "country": "PK",
            "trust": "high",
            "interval_minutes": 30,
            "full_text": False,
            "allow_private": True,
        }
    ]
    lines = done.stdout.splitlines()
    assert lines[0] == f"The Dawn Paper: RSS 2.0 at {site.url('/politics.xml')}"
    assert lines[1] == "3 entries, 1 to be taken in; the last ones:"
    assert lines[2].split() == ["2026-03-03", "Ships", "wait"]
    assert "pti: passed over: it names no party" in lines[3]
    assert lines[6].split() == ["2026-03-01", *KHAN[0].split()]
    assert "pti: taken in: it names federal-government and pti" in lines[7]
    assert str(data / "sources.toml") in lines[-1]


def test_whoever_is_asked_may_say_no(parley: Parley, feed: str, data: Path) -> None:
    no = parley("add", feed, "--allow-private", answers="n\n")
    assert (no.returncode, written(data)) == (0, [])
    assert "Nothing was added." in no.stdout
    assert "Add it as the-dawn-paper, for pti?" in no.stderr
    yes = parley("add", feed, "--allow-private", "--id", "dawn", answers="\n")
    assert (yes.returncode, [one["id"] for one in written(data)]) == (0, ["dawn"])


def test_where_nobody_can_be_asked_nothing_is_added(parley: Parley, feed: str, data: Path) -> None:
    assert "--yes" in parley("add", feed, "--allow-private").refusal
    shown = parley("add", feed, "--allow-private", "--json").document
    assert (shown["added"], shown["feed"]["kind"], shown["entries"], shown["relevant"]) == (
        False,
        "RSS 2.0",
        3,
        1,
    )
    assert written(data) == []
    assert add(parley, feed, "--json").document["added"] is True
    assert len(written(data)) == 1


def test_what_cannot_be_added_is_said_in_one_line(
    parley: Parley, feed: str, site, answer, data: Path
) -> None:
    assert "is private; Parley connects only to public addresses" in parley("add", feed, "--yes").refusal
    assert "(--allow-private)" in parley("add", feed, "--yes").refusal
    site.routes["/none"] = answer(b"<html></html>")
    refusal = add(parley, site.url("/none")).refusal
    assert "names no feed that can be read; tried were" in refusal
    assert f"{site.url('/none/feed')} (not found)" in refusal
    site.routes["/shut"] = answer(status=403)
    assert "answered 403" in add(parley, site.url("/shut")).refusal
    assert "two capitals" in add(parley, feed, "--country", "Pakistan").refusal
    assert "interval_minutes" in add(parley, feed, "--interval", "0").refusal
    assert "the topic 'docks' is not watched" in add(parley, feed, "--topic", "docks").refusal
    assert written(data) == []


def test_what_is_no_address_of_a_feed_is_told_apart_from_a_source_that_is_there(
    parley: Parley, feed: str, site, answer, data: Path, tmp_path: Path
) -> None:
    site.routes["/feed.xml"] = site.routes["/politics.xml"]
    add(parley, site.url("/feed.xml"), "--id", "dawn")
    site.routes["/odd.xml"] = answer(b"<rss><cha &&& no")
    refusal = add(parley, site.url("/odd.xml")).refusal
    assert (
        f"{site.url('/odd.xml')} is no feed itself; the one found for it, {site.url('/feed.xml')}" in refusal
    )
    assert "is the source 'dawn' already" in refusal
    folder = parley("add", str(tmp_path)).refusal
    assert "a folder" in folder
    assert 'kind = "folder"' in folder
    assert "{words}" in add(parley, site.url("/politics.xml?q={word}")).refusal
    assert "answered 404" in add(parley, site.url("/" + 300 * "x")).refusal
    assert len(written(data)) == 1


@pytest.mark.parametrize(("status", "said"), [(500, "try again later"), (410, "its page"), (404, "its page")])
def test_advice_for_an_address_that_is_no_source_yet_speaks_of_none(
    parley: Parley, feed: str, site, answer, status: int, said: str
) -> None:
    site.routes["/new"] = answer(status=status)
    refusal = add(parley, site.url("/new")).refusal
    assert said in refusal
    assert "by itself" not in refusal
    assert "polled no more" not in refusal


def test_a_double_is_refused_whether_by_page_address_or_id(
    parley: Parley, feed: str, site, data: Path
) -> None:
    add(parley, feed, "--id", "dawn")
    for url in (feed, site.url("/politics.xml"), site.url("/politics.xml?utm_source=x")):
        assert f"is the source 'dawn' already, in {data / 'sources.toml'}, line " in add(parley, url).refusal
    site.routes["/other"] = site.routes["/politics.xml"]
    assert "there is a source 'dawn' already" in add(parley, site.url("/other"), "--id", "dawn").refusal
    add(parley, site.url("/other"))
    site.routes["/third"] = site.routes["/politics.xml"]
    add(parley, site.url("/third"))
    assert [one["id"] for one in written(data)] == ["dawn", "the-dawn-paper", "the-dawn-paper-2"]


def test_a_search_is_added_with_its_words_left_open(parley: Parley, feed: str, site, data: Path) -> None:
    done = add(parley, site.url("/politics.xml?q={words}"), "--id", "web")
    assert done.returncode == 0, done.stderr
    assert site.requests[-1][0].startswith("/politics.xml?q=PTI%20OR%20%22")
    assert written(data)[0]["kind"] == "search"
    assert written(data)[0]["url"] == site.url("/politics.xml?q={words}")
    assert [one["id"] for one in parley("list", "--json").document] == ["web:pti"]
    assert [one["id"] for one in parley("check", "web", "--json").document] == ["web:pti"]
    assert "is a page" in add(parley, site.url("/?q={words}")).refusal


def test_a_check_takes_nothing_in_and_says_why_each_entry_would_be(
    parley: Parley, feed: str, site, data: Path
) -> None:
    add(parley, feed, "--id", "dawn")
    site.requests.clear()
    done = parley("check", "dawn")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "dawn: 3 entries, 1 to be taken in"
    assert done.stdout.count("passed over: it names no party") == 2
    assert "passed over" not in parley("check").stdout
    (found,) = parley("check", "--json").document
    assert (found["ok"], found["entries"], found["relevant"]) == (True, 3, 1)
    assert found["articles"][2]["topics"]["pti"]["relevant"] is True
    assert {path for path, _ in site.requests} == {"/politics.xml"}
    assert not (data / SERVICE_FILE).exists()


def test_a_check_of_failing_sources_says_what_to_do_and_leaves_with_one(
    parley: Parley, feed: str, site, answer, tmp_path: Path
) -> None:
    add(parley, feed, "--id", "dawn")
    gone = f'id = "gone"\nurl = "{site.url("/gone")}"\nallow_private = true'
    box = 'id = "box"\nkind = "folder"\npath = "/nowhere"'
    near = f'id = "near"\nurl = "{site.url("/politics.xml?near")}"'
    tables = "".join(f"[[sources]]\n{one}\n" for one in (gone, box, near))
    (tmp_path / "parley.toml").write_text("seeds = false\n" + tables)
    done = parley("check")
    assert done.returncode == 1
    assert "gone: failed: http" in done.stdout
    assert "answered 404" in done.stdout
    assert "with `parley sources add SITE`" in done.stdout
    assert "box: failed: cannot read the folder /nowhere" in done.stdout
    assert "near: failed: 127.0.0.1 is private" in done.stdout
    assert "4 sources, 3 failed." in done.stdout
    found = {one["id"]: one["problem"] for one in parley("check", "--json").document}
    assert {id_: problem and problem["reason"] for id_, problem in found.items()} == {
        "gone": "not_found",
        "box": "folder",
        "near": "forbidden_address",
        "dawn": None,
    }


def test_sources_that_fail_alike_are_told_of_together(
    parley: Parley, feed: str, site, answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Poller.__init__.__kwdefaults__, "host_pause", timedelta())
    tables = "".join(
        f'[[sources]]\nid = "{name}"\nurl = "{site.url("/" + name)}"\nallow_private = true\n'
        for name in ("north", "south", "busy")
    )
    site.routes["/busy"] = answer(status=500)
    (tmp_path / "parley.toml").write_text("seeds = false\n" + tables)
    for command in ("check", "poll", "list"):
        said = parley(command).stdout
        assert said.count("Nothing is at this address any more") == 1, command
        lines = said.splitlines()
        head = next(number for number, line in enumerate(lines) if line.startswith("2 sources failed. "))
        for name, line in zip(("north", "south"), lines[head + 1 :], strict=False):
            assert line.startswith(f"  {name}: ")
            assert f"{site.url('/' + name)} answered 404" in line
        assert re.search(r"^busy: failed.* answered 500 .*\(The site itself has trouble", said, re.MULTILINE)


def test_who_watches_sees_what_is_waited_for_and_a_pipe_does_not(parley: Parley, feed: str) -> None:
    def waits(said: str, *arguments: str) -> None:
        seen, piped = (parley(*arguments, watched=watched) for watched in (True, False))
        assert said in seen.stderr
        assert piped.stderr == ""

    waits("Looking for the feed", "add", feed, "--allow-private", "--json")
    add(parley, feed, "--id", "dawn")
    waits("sources", "check")
    waits("sources", "poll")


def test_the_list_can_be_read_on_eighty_columns(
    parley: Parley, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    names = ("harbour-post", "evening-anchor")
    tables = "".join(
        f'[[sources]]\nid = "{name}"\nurl = "https://{name}.example/"\noutlet = "The Evening Anchor of Tarn"\n'
        for name in names
    )
    (tmp_path / "parley.toml").write_text("seeds = false\n" + tables)
    parley("pause", "harbour-post")
    head, *rows = parley().stdout.splitlines()
    assert "taken in" in head
    assert [row.split()[:3] for row in rows] == [
        ["harbour-post", "pti", "paused"],
        ["evening-anchor", "pti", "not"],
    ]


def test_a_silent_source_is_listed_with_what_to_do(parley: Parley, feed: str, data: Path) -> None:
    add(parley, feed, "--id", "dawn")
    parley("poll")
    engine = open_engine(data / SERVICE_FILE)
    with engine.begin() as connection:
        old = (datetime.now(UTC) - timedelta(days=300)).isoformat()
        connection.execute(update(SourceState).values(newest_at=old, entries_per_week=21.0))
    engine.dispose()
    (shown,) = parley("--json").document
    assert (shown["state"], shown["problem"]["reason"]) == ("silent", "silent")
    assert re.search(
        r"^dawn: silent: no new entry since \d{4}-.* \(The source answers", parley().stdout, re.MULTILINE
    )


def test_a_source_that_another_process_has_is_no_trouble_of_its_site(
    parley: Parley, feed: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(parley, feed, "--id", "dawn")
    monkeypatch.setattr("monitor.cli.sources._NO_PROGRESS_S", 0.0)
    monkeypatch.setattr(Poller, "poll_due", lambda _: pytest.fail("nothing is to be polled"))
    (report,) = parley("poll", "--json").document["sources"]
    assert report["problem"]["reason"] == "busy"
    assert "browser" not in report["problem"]["advice"]


def test_sources_are_polled_here_when_no_service_runs(
    parley: Parley, feed: str, site, answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Poller.__init__.__kwdefaults__, "host_pause", timedelta())
    add(parley, feed, "--id", "dawn")
    first = parley("poll")
    assert (first.returncode, first.stdout) == (0, "dawn: 3 new entries, 1 about pti\n")
    again = parley("poll", "dawn", "--json").document
    assert (again["by_service"], again["sources"][0]["entries"]) == (False, 0)
    (shown,) = parley("--json").document
    assert (shown["state"], shown["entries_seen"], shown["entries_relevant"]) == ("well", 3, 1)
    assert shown["last_ok_at"] <= datetime.now(UTC).isoformat() < shown["next_poll_at"]
    site.routes["/politics.xml"] = answer(status=500)
    failed = parley("poll", "dawn")
    assert failed.returncode == 1
    assert "dawn: failed: " in failed.stdout
    assert "answered 500" in failed.stdout
    assert failed.stderr == ""  # it is said once
    (shown,) = parley("list", "--json").document
    assert (shown["state"], shown["error_streak"], shown["problem"]["reason"]) == ("failing", 1, "server")
    assert "dawn: failed once, since " in parley("list").stdout
    assert "it is tried again by itself" in parley("list").stdout


def test_a_service_that_runs_is_asked_to_poll_at_once(
    parley: Parley, feed: str, site, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(parley, feed, "--id", "dawn")
    parley("poll")
    (before,) = parley("--json").document
    site.requests.clear()
    monkeypatch.setattr("monitor.service.once.is_running", lambda *_: True)
    asked = parley("poll", "dawn")
    assert asked.stdout == "1 due at once: the service that runs polls them. See `parley sources list`.\n"
    assert parley("poll", "--json").document == {"by_service": True, "sources": []}
    (after,) = parley("--json").document
    assert after["next_poll_at"] < before["next_poll_at"]
    assert site.requests == []


def test_two_sources_of_one_host_are_both_polled(parley: Parley, feed: str, site) -> None:
    site.routes["/two"] = site.routes["/politics.xml"]
    add(parley, feed, "--id", "one")
    add(parley, site.url("/two"), "--id", "two")
    polled = parley("poll", "--json").document["sources"]
    assert [(one["id"], one["problem"]) for one in polled] == [("one", None), ("two", None)]


def test_a_paused_source_is_left_alone_until_it_is_resumed(parley: Parley, feed: str, site) -> None:
    add(parley, feed, "--id", "dawn")
    assert parley("pause", "dawn").returncode == 0
    (shown,) = parley("--json").document
    assert (shown["state"], shown["next_poll_at"]) == ("paused", None)
    site.requests.clear()
    assert "`parley sources resume dawn`" in parley("poll", "dawn").refusal
    assert parley("poll").returncode == 0
    assert site.requests == []
    assert parley("resume", "dawn").returncode == 0
    assert parley("poll").stdout == "dawn: 3 new entries, 1 about pti\n"


def test_a_source_is_removed_with_its_state_where_parley_has_written_it(
    parley: Parley, feed: str, data: Path, tmp_path: Path, site
) -> None:
    add(parley, feed, "--id", "dawn")
    parley("poll")
    config = tmp_path / "parley.toml"
    config.write_text(f'seeds = true\n\n[[sources]]\nid = "mine"\nurl = "{site.url("/mine")}"\n')
    refusal = parley("remove", "mine").refusal
    assert f"'mine' stands in {config}, line 3: take it out there" in refusal
    assert "set seeds = false" in parley("remove", "seeds").refusal
    assert "there is no source 'nope'; known are mine, dawn, seeds" in parley("remove", "nope").refusal
    assert parley("remove", "dawn").returncode == 0
    assert written(data) == []
    engine = open_engine(data / SERVICE_FILE)
    assert "dawn" not in {row.source_id for row in SourceStates(engine).rows()}
    engine.dispose()


def test_a_broken_file_of_sources_is_said_and_left_as_it_is(parley: Parley, feed: str, data: Path) -> None:
    add(parley, feed, "--id", "dawn")
    path = data / "sources.toml"
    broken = path.read_text() + "[[sources]]\nid = "
    path.write_text(broken)
    for arguments in (
        ["list"],
        ["remove", "dawn"],
        ["add", feed, "--allow-private", "--yes"],
        ["poll"],
        ["check"],
    ):
        assert f"{path} is not valid TOML" in parley(*arguments).refusal
    assert path.read_text() == broken


def test_headers_and_logins_are_shown_nowhere(parley: Parley, feed: str, tmp_path: Path, site) -> None:
    url = site.url("/politics.xml").replace("http://", "http://user:hunter2@")
    (tmp_path / "parley.toml").write_text(
        f'seeds = false\n[[sources]]\nid = "a"\nurl = "{url}"\nheaders = {{ X-Key = "hunter3" }}\n'
    )
    for arguments in (["list"], ["list", "--json"], ["check"], ["check", "--json"], ["poll"], ["export"]):
        done = parley(*arguments)
        assert "hunter" not in done.stdout + done.stderr
    assert "'a' already" in add(parley, url).refusal
    assert "hunter" not in add(parley, url).refusal


def test_a_list_is_imported_without_doubles_and_exported_again(
    parley: Parley, feed: str, data: Path, tmp_path: Path, site
) -> None:
    add(parley, feed, "--id", "dawn")
    file = tmp_path / "feeds.opml"
    outlines = [
        ("Dawn", site.url("/politics.xml")),
        ("The Tarn Times", "https://tarn.example/rss"),
        ("The Tarn Times", "https://tarn.example/rss?section=port"),
        ("Again", "http://www.tarn.example/rss/"),
        ("دنیا", "https://www.dunya.example/feed"),
        ("Odd", "javascript:alert(1)"),
    ]
    file.write_text(
        "<opml><body>"
        + "".join(f'<outline text="{t}" xmlUrl="{u}"/>' for t, u in outlines)
        + "</body></opml>"
    )
    done = parley("import", str(file), "--topic", "pti")
    assert done.returncode == 0, done.stderr
    assert [one["id"] for one in written(data)] == ["dawn", "the-tarn-times", "the-tarn-times-2", "dunya"]
    assert written(data)[1] == {
        "id": "the-tarn-times",
        "url": "https://tarn.example/rss",
        "topics": ["pti"],
        "outlet": "The Tarn Times",
    }
    assert f"Passed over Dawn: its address is in {data / 'sources.toml'}, line " in done.stdout
    assert "Passed over Again: its address is in this list already" in done.stdout
    assert "Passed over Odd: 'javascript:alert(1)' is no http" in done.stdout
    assert f"3 added to {data / 'sources.toml'}, 2 there already, 1 refused." in done.stdout
    again = parley("import", str(file), "--json").document
    assert (again["added"], len(again["doubles"]), len(again["refused"])) == ([], 5, 1)

    out = tmp_path / "out.opml"
    assert parley("export", str(out)).stdout == f"4 feeds written to {out}.\n"
    dated = re.compile("<dateCreated>.*</dateCreated>")
    assert dated.sub("", out.read_text()) == dated.sub("", parley("export").stdout)
    assert [one.title for one in read_opml(out.read_bytes()).feeds] == [
        "dawn",
        "The Tarn Times",
        "The Tarn Times",
        "دنیا",
    ]
    assert "exists already" in parley("export", str(out)).refusal


def test_a_search_that_was_exported_is_known_again(
    parley: Parley, feed: str, data: Path, tmp_path: Path, site
) -> None:
    add(parley, site.url("/politics.xml?q={words}"), "--id", "web")
    out = tmp_path / "out.opml"
    parley("export", str(out))
    assert "Passed over web:pti: its address is in" in parley("import", str(out)).stdout
    assert [one["id"] for one in written(data)] == ["web"]
    filled = parley("add", read_opml(out.read_bytes()).feeds[0].url, "--allow-private", "--yes")
    assert "is the source 'web' already" in filled.refusal


def test_what_is_no_list_is_refused_in_one_line(parley: Parley, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    assert "cannot read" in parley("import", str(file)).refusal
    file.write_text("<html/>")
    assert f"{file}: no OPML" in parley("import", str(file)).refusal
    file.write_text("<opml><body/></opml>")
    assert "names no feeds" in parley("import", str(file)).refusal


def test_without_sources_it_says_how_to_get_one(parley: Parley, data: Path) -> None:
    assert parley().stdout == "No sources yet. Add one: `parley sources add ADDRESS`\n"
    assert parley("--json").document == []
    assert not data.exists()
