"""Marks in a text: passages by their code points, which may lie over one another. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from dashboard.markup import e


class Mark(NamedTuple):
    """A passage of a text, from `start` up to `end`, and the HTML that stands behind it."""

    start: int
    end: int
    note: str = ""


def marked(text: str, marks: Sequence[Mark]) -> str:
    """The text as HTML. Where passages lie over one another, their common part is marked as such.

    A mark that does not lie in the text is left out.
    """
    inside = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    edges = sorted({0, len(text), *(mark.start for mark in inside), *(mark.end for mark in inside)})
    html = []
    for start, end in pairwise(edges):
        part = e(text[start:end])
        depth = sum(mark.start <= start and end <= mark.end for mark in inside)
        html.append(f"<mark{' class=common' if depth > 1 else ''}>{part}</mark>" if depth else part)
        html += [mark.note for mark in inside if mark.end == end]
    return "".join(html)
