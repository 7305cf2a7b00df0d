"""A folder of texts: what a manifest may say, what is refused, and that one bad file hinders no other."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.sources.folder import read_file, read_folder
from monitor.vocabulary import Precision

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TEXT = "Khan said on Sunday that his party would not talk to the government.\n\nHe gave no reason."


def put(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = folder / name.replace("_", ".", 1)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def refusals(folder: Path) -> dict[str, str]:
    return {refused.name: refused.why for refused in read_folder(folder, now=NOW).refused}


def test_a_file_without_a_manifest_is_an_article_all_the_same(tmp_path: Path) -> None:
    put(tmp_path, a_txt="date 2026-02-03 " + TEXT)
    (article,) = read_folder(
        tmp_path, now=NOW, source="box", outlet="The Box", language="ur", history=False
    ).articles
    assert (article.title, article.text) == (
        "Khan said on Sunday that his party would not talk to the government",
        TEXT,
    )
    assert (article.published_at, article.precision) == (datetime(2026, 2, 3, tzinfo=UTC), Precision.DAY)
    assert (article.source, article.outlet, article.language, article.history) == (
        "box",
        "The Box",
        "ur",
        False,
    )
    assert article.url is None
    assert article.guid == str((tmp_path / "a.txt").resolve())


def test_the_manifest_knows_better_than_the_text(tmp_path: Path) -> None:
    manifest = """[[article]]
    file = "a.txt"
    outlet = "Dawn"
    url = "https://dawn.example/1"
    title = "Given title"
    published = 2026-02-03T10:00:00+05:00
    language = "ur"
    note = "by hand"
    [[article]]
    file = "b.txt"
    published = 2026-02-02
    precision = "month"
    """
    put(tmp_path, a_txt="date 2020-01-01 Some heading here\n\n" + TEXT, b_txt=TEXT, manifest_toml=manifest)
    month, dawn = read_folder(tmp_path, now=NOW).articles
    assert (dawn.outlet, dawn.url, dawn.title, dawn.language) == (
        "Dawn",
        "https://dawn.example/1",
        "Given title",
        "ur",
    )
    assert (dawn.published_at, dawn.precision) == (datetime(2026, 2, 3, 5, tzinfo=UTC), Precision.TIME)
    assert (month.published_at, month.precision) == (datetime(2026, 2, 2, tzinfo=UTC), Precision.MONTH)


def test_articles_come_in_order_of_publication_the_undated_last(tmp_path: Path) -> None:
    put(
        tmp_path,
        a_txt=TEXT,
        b_txt="date 2026-02-03 " + TEXT,
        c_txt="date 2026-02-01 " + TEXT,
        d_txt="date 2026-02-01 " + TEXT,
    )
    names = [Path(article.guid or "").name for article in read_folder(tmp_path, now=NOW).articles]
    assert names == ["c.txt", "d.txt", "b.txt", "a.txt"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "holds no text"),
        (b" \n\r\n\t", "holds no text"),
        (b"\xef\xbb\xbf", "holds no text"),
        (b"* * * --- !!!", "holds no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "not text in UTF-8: invalid start byte at byte 0"),
        (b"text \xff\xfe", "not text in UTF-8"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"\x00" * 500 + b"abc", "binary data"),
        (b"x" * 8_000_001, "larger than 8 MB"),
    ],
)
def test_what_is_no_text_is_refused_and_the_others_go_on(tmp_path: Path, content: bytes, why: str) -> None:
    put(tmp_path, bad_txt=content, good_txt=TEXT)
    read = read_folder(tmp_path, now=NOW)
    assert [article.text for article in read.articles] == [TEXT]
    (refused,) = read.refused
    assert refused.name == "bad.txt"
    assert why in refused.why
    with pytest.raises(SourceError, match=r"bad\.txt: "):
        read_file(tmp_path / "bad.txt", now=NOW)


@pytest.mark.parametrize("name", [b"back\\slash.txt", b"\xff.txt"])
def test_a_name_that_cannot_be_stored_refuses_its_file_alone(tmp_path: Path, name: bytes) -> None:
    put(tmp_path, good_txt=TEXT)
    path = tmp_path / os.fsdecode(name)
    path.write_text(TEXT)
    read = read_folder(tmp_path, now=NOW)
    assert [article.text for article in read.articles] == [TEXT]
    (refused,) = read.refused
    assert "rename it" in refused.why
    refused.name.encode("utf-8")
    with pytest.raises(SourceError, match="rename it"):
        read_file(path, now=NOW)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    put(tmp_path, good_txt=TEXT)
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    assert refusals(tmp_path) == dict.fromkeys(("folder.txt", "pipe.txt", "dangling.txt"), "not a file")


@pytest.mark.parametrize(
    ("encoded", "text"),
    [
        ("\ufeff".encode() + TEXT.encode(), TEXT),
        (TEXT.encode("utf-16"), TEXT),
        (TEXT.replace("\n", "\r\n").encode(), TEXT),
        (TEXT.replace("party", "par\x00ty").encode(), TEXT),
    ],
)
def test_every_common_way_of_writing_a_text_is_read(tmp_path: Path, encoded: bytes, text: str) -> None:
    put(tmp_path, a_txt=encoded)
    (article,) = read_folder(tmp_path, now=NOW).articles
    assert article.text == text


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("not toml [", "not a manifest that can be read"),
        (b"\xff\xfe\xff", "not a manifest that can be read"),
        ("[[articles]]\nfile='a.txt'", "nothing but [[article]] tables"),
        ("article = 3", "nothing but [[article]] tables"),
        ("[[article]]\nurl='https://a.example'", "[[article]] number 1, file: "),
        ("[[article]]\nfile='a.txt'\nurl='javascript:x'", "[[article]] number 1, url: "),
        ("[[article]]\nfile='a.txt'\npublished='soon'", "[[article]] number 1, published"),
        ("[[article]]\nfile='a.txt'\nprecision='sure'", "[[article]] number 1, precision: "),
        ("[[article]]\nfile='../a.txt'", "[[article]] number 1, file: "),
        ("[[article]]\nfile='a.txt'\neditor='x'", "[[article]] number 1, editor: "),
    ],
)
def test_a_bad_manifest_is_refused_and_the_files_are_still_read(
    tmp_path: Path, manifest: str | bytes, words: str
) -> None:
    put(tmp_path, a_txt=TEXT, manifest_toml=manifest)
    read = read_folder(tmp_path, now=NOW)
    assert len(read.articles) == 1
    (refused,) = read.refused
    assert refused.name == "manifest.toml"
    assert words in refused.why


def test_a_file_that_only_the_manifest_knows_is_missed(tmp_path: Path) -> None:
    put(tmp_path, manifest_toml="[[article]]\nfile='gone.txt'")
    assert refusals(tmp_path) == {"gone.txt": "the manifest names it, but there is no such file"}


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", put(tmp_path, a_txt=TEXT) / "a.txt"):
        with pytest.raises(SourceError, match="cannot read the folder") as raised:
            read_folder(folder, now=NOW)
        assert raised.value.reason == "folder"


def test_one_file_is_read_with_what_its_manifest_says(tmp_path: Path) -> None:
    put(tmp_path, a_txt=TEXT, manifest_toml="[[article]]\nfile='a.txt'\noutlet='Dawn'")
    article = read_file(tmp_path / "a.txt", now=NOW, history=False)
    assert (article.outlet, article.source, article.history) == ("Dawn", "import", False)
    with pytest.raises(SourceError, match=r"nowhere\.txt: not a file"):
        read_file(tmp_path / "nowhere.txt", now=NOW)


MARKDOWN = """---
title: "Khan: no talks # yet"
date: 2026-02-03T10:00:00+05:00
outlet: 'The Box'
url: https://box.example/1  # where it stood
language: ur-PK
author: N. N.
tags: [politics, talks]
categories:
  - pakistan
empty:
---
# Another heading

Khan said on **Sunday** that [his party](https://box.example/pti) would
not talk.

- He gave no reason.
"""


def test_markdown_is_read_with_what_stands_above_it(tmp_path: Path) -> None:
    put(tmp_path, a_md=MARKDOWN.replace("\n", "\r\n"))
    (article,) = read_folder(tmp_path, now=NOW).articles
    assert article.title == "Khan: no talks # yet"
    assert article.published_at == datetime(2026, 2, 3, 5, tzinfo=UTC)
    assert (article.precision, article.outlet, article.language) == (Precision.TIME, "The Box", "ur")
    assert (article.url, article.guid, article.author) == ("https://box.example/1", None, "N. N.")
    assert article.text.endswith("Khan said on Sunday that his party would not talk.\n\nHe gave no reason.")


def test_markdown_without_front_matter_has_its_heading_as_title(tmp_path: Path) -> None:
    put(tmp_path, a_markdown=f"# Khan refuses all talks\n\n{TEXT}")
    (article,) = read_folder(tmp_path, now=NOW, outlet="The Box").articles
    assert (article.title, article.text, article.outlet) == ("Khan refuses all talks", TEXT, "The Box")


@pytest.mark.parametrize(
    ("stated", "published", "precision"),
    [
        ("date: 2026-02-03", datetime(2026, 2, 3, tzinfo=UTC), Precision.DAY),
        ("published: 2026-02-03 10:00", datetime(2026, 2, 3, 10, tzinfo=UTC), Precision.TIME),
        ("date: 2026-02-03 10:00:00 +0500", datetime(2026, 2, 3, 5, tzinfo=UTC), Precision.TIME),
        ("date: 2026-02-03 10:00 PKT", datetime(2026, 2, 3, 5, tzinfo=UTC), Precision.TIME),
        ("date: 2026-02-03 10:00 GMT+5", datetime(2026, 2, 3, 5, tzinfo=UTC), Precision.TIME),
        ("date: 2026-02-03T00:00:00Z", datetime(2026, 2, 3, tzinfo=UTC), Precision.TIME),
        ("Date: February 3, 2026", datetime(2026, 2, 3, tzinfo=UTC), Precision.DAY),
        ("published: 2026-02-03\ndate: 2020-01-01", datetime(2026, 2, 3, tzinfo=UTC), Precision.DAY),
        ("title: x", None, Precision.UNKNOWN),
    ],
)
def test_a_date_above_the_text_is_read_in_every_usual_form(
    tmp_path: Path, stated: str, published: datetime | None, precision: Precision
) -> None:
    put(tmp_path, a_md=f"---\n{stated}\n---\n{TEXT}")
    (article,) = read_folder(tmp_path, now=NOW).articles
    assert (article.published_at, article.precision) == (published, precision)


@pytest.mark.parametrize(
    ("top", "why"),
    [
        ("---\ntitle: no end\n\n", "no other --- ends"),
        ("---\ndate: soon\n---\n", "its date is 'soon'; expected one like 2026-02-03"),
        ("---\ndate: 03/04/2026\n---\n", "its date is '03/04/2026'"),
        ("---\ndate: February 2026\n---\n", "its date is 'February 2026'"),
        ("---\ndate: 2026-02-31\n---\n", "its date is '2026-02-31'"),
        ("---\ndate: 2026-02\n---\n", "its date is '2026-02'"),
        ("---\ndate: 0001-01-01T00:00:00+05:00\n---\n", "its date is '0001-01-01T00:00:00+05:00'"),
        ("---\nurl: javascript:x\n---\n", "its url is 'javascript:x', which cannot be"),
    ],
)
def test_wrong_front_matter_refuses_its_file_alone(tmp_path: Path, top: str, why: str) -> None:
    put(tmp_path, bad_md=top + TEXT, good_md=TEXT)
    read = read_folder(tmp_path, now=NOW)
    assert [article.text for article in read.articles] == [TEXT]
    assert [refused.name for refused in read.refused] == ["bad.md"]
    assert why in read.refused[0].why


PAGE = """<!doctype html><html lang="en"><head><meta charset="windows-1252">
<title>Khan refuses talks – The Box</title><meta property="og:title" content="Khan refuses talks">
<meta property="og:site_name" content="The Box"><meta property="og:url" content="https://box.example/2">
<meta property="article:published_time" content="2026-02-03T10:00:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Khan refuses talks</h1>{body}</article>
<footer>All rights reserved</footer></body></html>"""
BODY = "".join(
    f"<p>Imran Khan’s party said on day {n} of the talks that it would not meet the government again.</p>"
    for n in range(9)
)


def test_a_saved_page_is_read_without_what_stands_around_it(tmp_path: Path) -> None:
    put(tmp_path, a_html=PAGE.format(body=BODY).encode("windows-1252"))
    (article,) = read_folder(tmp_path, now=NOW).articles
    assert (article.title, article.outlet, article.url) == (
        "Khan refuses talks",
        "The Box",
        "https://box.example/2",
    )
    assert (article.published_at, article.precision) == (datetime(2026, 2, 3, tzinfo=UTC), Precision.DAY)
    assert "Imran Khan’s party said on day 8" in article.text
    assert "World" not in article.text
    assert "All rights" not in article.text


def test_the_day_of_a_saved_page_is_neither_one_that_it_tells_of_nor_that_of_a_change(tmp_path: Path) -> None:
    published = '<meta property="article:published_time" content="2026-02-03T10:00:00Z">'
    changed = published.replace("published", "modified").replace("-03T", "-05T")
    told = BODY + "<p>The council was founded on 12 March 1987 and moved on 4 May 2019.</p>"
    put(
        tmp_path,
        a_html=PAGE.replace(published, published + changed).format(body=BODY),
        b_html=PAGE.replace(published, "").format(body=told),
    )
    day, none = read_folder(tmp_path, now=NOW).articles
    assert day.published_at == datetime(2026, 2, 3, tzinfo=UTC)
    assert none.published_at is None


def test_a_moment_before_the_calendar_refuses_its_file_alone(tmp_path: Path) -> None:
    manifest = "[[article]]\nfile='a.txt'\npublished=0001-01-01T00:00:00+05:00"
    put(tmp_path, a_txt=TEXT, b_txt=TEXT, manifest_toml=manifest)
    read = read_folder(tmp_path, now=NOW)
    assert len(read.articles) == 1
    assert "no day of our calendar" in read.refused[0].why


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("'It''s on: talks'", "It's on: talks"),
        ('"Khan: \\"no\\" # to talks" # so far', 'Khan: "no" # to talks'),
        (">-\n  Folded title\n  of two lines", "Imran Khan refuses talks"),
    ],
)
def test_a_title_is_read_as_it_is_quoted(tmp_path: Path, stated: str, title: str) -> None:
    put(tmp_path, a_md=f"---\ntitle: {stated}\n---\nImran Khan refuses talks. He said so.")
    (article,) = read_folder(tmp_path, now=NOW).articles
    assert article.title == title


def test_a_page_with_a_line_of_text_only_is_an_article_too(tmp_path: Path) -> None:
    put(tmp_path, a_htm=f"<p>{TEXT}</p>", b_html=b"<html></html>", c_html=b"\x89PNG\r\n\x1a\n\x00\x00\x00")
    read = read_folder(tmp_path, now=NOW)
    assert [article.text for article in read.articles] == [TEXT.replace("\n\n", " ")]
    assert [refused.name for refused in read.refused] == ["b.html", "c.html"]


def test_the_manifest_knows_better_than_the_file_too(tmp_path: Path) -> None:
    manifest = "[[article]]\nfile='a.md'\noutlet='Dawn'\npublished=2026-02-01"
    put(tmp_path, a_md=MARKDOWN, manifest_toml=manifest)
    (article,) = read_folder(tmp_path, now=NOW).articles
    assert (article.outlet, article.url) == ("Dawn", "https://box.example/1")
    assert (article.published_at, article.precision) == (datetime(2026, 2, 1, tzinfo=UTC), Precision.DAY)


def test_one_file_of_any_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    put(tmp_path, a_md=MARKDOWN, b_log=TEXT)
    assert read_file(tmp_path / "a.md", now=NOW).outlet == "The Box"
    assert read_file(tmp_path / "b.log", now=NOW).text == TEXT
