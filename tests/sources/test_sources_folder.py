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
        ("[[article]]\nfile='a.txt'\nauthor='x'", "[[article]] number 1, author: "),
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
