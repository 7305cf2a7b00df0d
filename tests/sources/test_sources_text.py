"""Text made safe: hostile characters and markup go, sentences stay, and nothing takes longer than it should."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.boilerplate import strip_boilerplate
from monitor.sources.text import MAX_CHARS, MAX_TITLE_CHARS, clean_text, clean_title, html_to_text, shortened
from monitor.sources.titles import made_up_title, title_of_address

SENTENCE = "Imran Khan’s party (PTI) “will not talk”, it said — not on 26 November."


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (SENTENCE, SENTENCE),
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("a\x00b\x07c\x1bd\x7fe\x85f", "abcde\nf"),
        ("\ufeffa\ud800b", "a\ufffdb"),
        ("a  \n\n\n\n\n  b\t\n", "a\n\n  b"),
        ("safe \u202egnp.exe\u202c", "safe gnp.exe"),
        ("عمران خان می\u200cروم", "عمران خان می\u200cروم"),
        ("tab\tstays, nbsp\u00a0stays", "tab\tstays, nbsp\u00a0stays"),
        ("", ""),
        ("\x00\x00", ""),
    ],
)
def test_text_is_cleaned_and_nothing_else(raw: str, clean: str) -> None:
    assert clean_text(raw) == (clean, ())


@given(st.text(alphabet=st.characters(), max_size=200), st.integers(1, 50))
def test_cleaning_is_stable_and_safe_to_store(raw: str, limit: int) -> None:
    text, _ = clean_text(raw, limit)
    assert len(text) <= limit
    assert clean_text(text, limit)[0] == text
    text.encode("utf-8")
    assert not re.search("[\x00-\x08\r\u202a-\u202e\ud800-\udfff]", text)


def test_a_huge_text_is_cut_between_words_and_says_so() -> None:
    text, notes = clean_text("talks " * 300_000)
    assert len(text) <= MAX_CHARS
    assert text.endswith("talks")
    assert notes == (f"cut from 1800000 characters to {MAX_CHARS}",)


def test_titles_are_one_short_line() -> None:
    assert clean_title(" Khan\n\tsays\r\n no ") == "Khan says no"
    long = clean_title("word " * 500)
    assert len(long) <= MAX_TITLE_CHARS
    assert long.endswith("word…")
    assert shortened("x" * 50, 10) == "x" * 10


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain &amp; simple", "plain & simple"),
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("One.<br>Two.<BR/>Three.", "One.\n\nTwo.\n\nThree."),
        ("<ul><li>a<li>b</ul>", "a\n\nb"),
        ("a <b>bold</b> <a href='javascript:x'>link</a>, word", "a bold link, word"),
        ("x<script>alert('</p>')</script>y<style>p{}</style>z", "xyz"),
        ("<script>never closed", ""),
        ("a<!-- hidden -->b<![if IE]>c<![endif]>d<![CDATA[e]]>", "abcd"),
        ("<p>unclosed <b>bold <p>next", "unclosed bold\n\nnext"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("3 &lt; 4 &#8212; &#x2014; &#0; &bogus;", "3 < 4 — — \ufffd &bogus;"),
        ("<p>one\nline</p>", "one line"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, text: str) -> None:
    assert html_to_text(html) == text


@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "!", "[", "]", "--", "p", "/", "&", "#", "'", '"', " ", "script", "?", "="]
        ),
        max_size=40,
    )
)
def test_no_markup_makes_the_reader_crash(parts: list[str]) -> None:
    html_to_text("".join(parts))


HOSTILE = {
    "spaces": " " * 500_000 + "x",
    "lines": "a\n" * 250_000,
    "bullets": "• a\n" * 150_000,
    "letters": "x" * 1_000_000,
    "words": "talks " * 170_000,
    "tails": "About the author\n" * 60_000,
    "openings": "<" * 200_000,
    "tags": "<p>" * 200_000,
    "comments": "<!--" * 100_000,
    "declarations": "<![" * 100_000,
    "attributes": "<a " + "b=" * 200_000,
    "entities": "&#" * 200_000,
    "scripts": "<script>" * 50_000,
    "numbers": "&#1" * 100_000,
    "newlines": "\r" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("read", [html_to_text, clean_text, strip_boilerplate])
def test_hostile_text_takes_no_longer_than_its_length(name: str, read) -> None:
    started = time.thread_time()
    read(HOSTILE[name])
    assert time.thread_time() - started < 5


def page(*lines: str) -> str:
    return "\n".join(lines)


FIRST = "The first paragraph tells what happened in the capital on Sunday and why it matters."
SECOND = "The second paragraph goes on and says more about the talks that were held."


@pytest.mark.parametrize(
    ("text", "left", "title"),
    [
        (page("Home", FIRST, SECOND), page("Home", FIRST, SECOND), None),
        (page("Khan rejects talks", "", FIRST), FIRST, "Khan rejects talks"),
        (page("Khan: “No talks”", "", FIRST), FIRST, "Khan: “No talks”"),
        (page("Khan rejects talks", "Khan rejects talks", FIRST), FIRST, "Khan rejects talks"),
        (page("• Home", "• /World", "", "Khan rejects talks", FIRST), FIRST, "Khan rejects talks"),
        (page(FIRST, "Also read: Something else", SECOND), page(FIRST, SECOND), None),
        (page(FIRST, "ADVERTISEMENT", SECOND), page(FIRST, SECOND), None),
        (page(FIRST, "Share on Facebook", SECOND), page(FIRST, SECOND), None),
        (page(FIRST, "Add Geo News as a Preferred Source", SECOND), page(FIRST, SECOND), None),
        (
            page(FIRST, "They share on Facebook what they hear.", SECOND),
            page(FIRST, "They share on Facebook what they hear.", SECOND),
            None,
        ),
        (
            page("Highlights:", "the talks that were held", FIRST, SECOND),
            page("the talks that were held", FIRST, SECOND),
            None,
        ),
        (page("says more about the talks that were held", FIRST, SECOND), page(FIRST, SECOND), None),
        (
            page(*[FIRST, SECOND] * 3, "About the Author", "Jane Doe", "She writes."),
            page(*[FIRST, SECOND] * 3),
            None,
        ),
        (
            page("About the author", FIRST, SECOND),
            page(FIRST, SECOND),
            "About the author",
        ),
        (page("date 2025-05-24 " + FIRST, SECOND), page(FIRST, SECOND), None),
        (page("Published: 2025-05-24", FIRST, SECOND), page(FIRST, SECOND), None),
        (page("date 2025-99-99 " + FIRST, SECOND), page("date 2025-99-99 " + FIRST, SECOND), None),
        ("Khan rejects talks", "Khan rejects talks", None),
        (page("• one", "• two"), page("• one", "• two"), None),
        ("", "", None),
    ],
)
def test_furniture_goes_and_the_article_stays(text: str, left: str, title: str | None) -> None:
    stripped = strip_boilerplate(text)
    assert stripped.text == left
    assert stripped.title == title


@pytest.mark.parametrize(
    ("url", "text", "title"),
    [
        (
            "https://a.example/imran-khans-party-and-the-us-hold-talks-1748534390723",
            "In talks, Imran Khan’s men met the US. Party workers cheered.",
            "Imran Khan’s party and the US hold talks",
        ),
        ("https://a.example/2025/05/pti-resumes-talks-today.html", "", "Pti resumes talks today"),
        ("https://a.example/story/1305918", "", ""),
        ("https://a.example/short-slug", "", ""),
        ("https://a.example/", "", ""),
        ("https://a.example/%3Cscript%3E-a-b-c-d", "", ""),
        (None, "", ""),
    ],
)
def test_an_address_may_hold_a_title(url: str | None, text: str, title: str) -> None:
    assert title_of_address(url, text) == title


def test_the_first_sentence_is_the_last_resort() -> None:
    assert made_up_title(None, "Khan said no. More.") == ("Khan said no", "title from the first sentence")
    title, _ = made_up_title(None, "word " * 100)
    assert len(title) <= 120
    assert title.endswith("word…")
