"""Marks in a text: they stand where the passages stand, whatever the text holds and however they overlap."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from dashboard.spans import Mark, marked


def test_passages_that_overlap_share_a_part_that_says_so() -> None:
    text = "The talks are off, he said."
    html = marked(text, [Mark(4, 17, "[1]"), Mark(10, 26, "[2]")])
    assert html == ("The <mark>talks </mark><mark class=common>are off</mark>[1]<mark>, he said</mark>[2].")


def test_one_passage_may_lie_in_another_and_two_may_be_the_same() -> None:
    assert marked("abcd", [Mark(0, 4, "[1]"), Mark(1, 2, "[2]"), Mark(1, 2, "[3]")]) == (
        "<mark>a</mark><mark class=common>b</mark>[2][3]<mark>cd</mark>[1]"
    )


def test_offsets_are_code_points_and_the_text_stays_text() -> None:
    assert marked("😀 مذاکرات <b>", [Mark(2, 9)]) == "😀 <mark>مذاکرات</mark> &lt;b&gt;"


def test_a_mark_beyond_the_text_is_left_out() -> None:
    assert marked("ab", [Mark(1, 3), Mark(2, 2), Mark(-1, 1)]) == "ab"


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(-2, 32), st.integers(-2, 32)).map(sorted), max_size=6),
)
def test_the_text_is_whole_and_marked_just_where_passages_stand(text: str, spans: list[list[int]]) -> None:
    marks = [Mark(start, end) for start, end in spans]
    html = marked(text, marks)
    parts = re.split(r"(<mark(?: class=common)?>|</mark>)", html)
    seen, inside = [], 0
    for part in parts:
        if part.startswith("<mark"):
            inside = 2 if "common" in part else 1
        elif part == "</mark>":
            inside = 0
        else:
            seen += [(letter, inside) for letter in unescape(part)]
    valid = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    depths = [min(2, sum(mark.start <= at < mark.end for mark in valid)) for at in range(len(text))]
    if not any(letter in text for letter in "\r\0") and unescape(text) == text:
        assert seen == list(zip(text, depths, strict=True))
