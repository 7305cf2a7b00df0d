"""The colours of statuses and of sources: seen on page and card, told apart by all readers, never the only sign."""

import itertools
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from dashboard.source_words import STANDINGS
from dashboard.words import STATUSES, Look
from monitor.vocabulary import Status

THEMES = tomllib.loads((Path(__file__).parents[2] / "dashboard" / "streamlit.toml").read_text())["theme"]
# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
SIGHT = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
LEAST_DISTANCE = 13.0
"""CIE 1976 distance; 2.3 is the least that people notice side by side."""


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    """WCAG 2: 1 to 21."""
    low, high = sorted(
        sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))
        for colour in (one, other)
    )
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, sight: str) -> tuple[float, float, float]:
    parts = linear(colour)
    seen = [min(1, max(0, sum(a * b for a, b in zip(row, parts, strict=True)))) for row in SIGHT[sight]]
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(a * b for a, b in zip(row, seen, strict=True)) for row in matrix]
    x, y, z = (
        part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116
        for part in (value / white for value, white in zip(xyz, (0.95047, 1, 1.08883), strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


TABLES = pytest.mark.parametrize(
    "looks", [pytest.param(STATUSES, id="statuses"), pytest.param(STANDINGS, id="sources")]
)
Looks = Mapping[str, Look]


def test_every_status_has_a_look() -> None:
    assert set(STATUSES) == {status.value for status in Status}


@TABLES
def test_each_has_a_glyph_a_word_and_a_colour_of_its_own(looks: Looks) -> None:
    for part in ("glyph", "word", "light", "dark"):
        values = [getattr(look, part) for look in looks.values()]
        assert len(set(values)) == len(values), part


@TABLES
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_stands_out_from_page_and_card(looks: Looks, theme: str) -> None:
    grounds = THEMES[theme]["backgroundColor"], THEMES[theme]["secondaryBackgroundColor"]
    weak = {
        (status, ground): round(contrast(getattr(look, theme), ground), 2)
        for status, look in looks.items()
        for ground in grounds
        if contrast(getattr(look, theme), ground) < 3
    }
    assert not weak


@TABLES
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_no_two_look_alike(looks: Looks, theme: str, sight: str) -> None:
    colours = {status: lab(getattr(look, theme), sight) for status, look in looks.items()}
    near = {
        (one, other): round(math.dist(colours[one], colours[other]), 1)
        for one, other in itertools.combinations(colours, 2)
        if math.dist(colours[one], colours[other]) < LEAST_DISTANCE
    }
    assert not near
