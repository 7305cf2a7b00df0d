"""The colours of statuses and of sources: seen on page and card, told apart by all readers, never the only sign."""

import itertools
import math
import re
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
LEAST_DISTANCE = 9.0
"""CIEDE2000; 1 is the least that people notice side by side, and chips stand apart."""
TEXT, MARK = 4.5, 3.0
"""WCAG 2.2: what is read, and what is only recognised."""
SHEET = (Path(__file__).parents[2] / "dashboard" / "style" / "base.css").read_text()
VARIABLES = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(
        r"--(\w+): light-dark\((#[0-9A-Fa-f]{6}), (#[0-9A-Fa-f]{6})\);", SHEET
    )
}


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


def distance(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """CIEDE2000 of two colours in L*a*b* (Sharma, Wu & Dalal 2005, whose names the letters are)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    c1, c2 = math.hypot((1 + g) * a1, b1), math.hypot((1 + g) * a2, b2)
    h1 = math.degrees(math.atan2(b1, (1 + g) * a1)) % 360
    h2 = math.degrees(math.atan2(b2, (1 + g) * a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    l, c = (l1 + l2) / 2, (c1 + c2) / 2  # noqa: E741  (the formula's letter)
    h = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    waves = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63))
    t = 1 + sum(size * math.cos(math.radians(times * h + by)) for size, times, by in waves)
    sl = 1 + 0.015 * (l - 50) ** 2 / math.sqrt(20 + (l - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    blue = 60 * math.exp(-(((h - 275) / 25) ** 2))
    r = -2 * math.sqrt(c**7 / (c**7 + 25**7)) * math.sin(math.radians(blue))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, dh / sh
    return math.sqrt(dl**2 + dc**2 + dh**2 + r * dc * dh)


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
        if contrast(getattr(look, theme), ground) < MARK
    }
    assert not weak


@TABLES
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_no_two_look_alike(looks: Looks, theme: str, sight: str) -> None:
    colours = {status: lab(getattr(look, theme), sight) for status, look in looks.items()}
    apart = {
        pair: round(distance(colours[pair[0]], colours[pair[1]]), 1)
        for pair in itertools.combinations(colours, 2)
    }
    assert not {pair: far for pair, far in apart.items() if far < LEAST_DISTANCE}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_written_is_read_on_page_and_card(theme: str) -> None:
    colours = {name: both[theme] for name, both in VARIABLES.items()}
    grounds = THEMES[theme]["backgroundColor"], THEMES[theme]["secondaryBackgroundColor"]
    assert colours["card"] == grounds[1], "the card is the theme's"
    weak = [
        (ink, ground)
        for ink, ground in itertools.product(("ink", "soft", "link", "warn"), grounds)
        if contrast(colours[ink], ground) < TEXT
    ]
    assert not weak
    assert contrast(colours["ink"], colours["marked"]) >= TEXT, "a marked passage"
    assert contrast(THEMES[theme]["primaryColor"], grounds[0]) >= MARK, "what has the focus"
    for ground in grounds:
        assert contrast(THEMES[theme]["borderColor"], ground) >= MARK, "where an input begins and ends"
    assert THEMES["showWidgetBorder"]
    assert contrast(colours["grey"], grounds[1]) >= MARK, "the border of an old status"


@TABLES
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_glyph_is_seen_on_its_colour(looks: Looks, theme: str) -> None:
    glyph = VARIABLES["glyph"][theme]
    assert not {name for name, look in looks.items() if contrast(glyph, getattr(look, theme)) < MARK}


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        # Of the test data that Sharma, Wu & Dalal publish with the formula.
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ],
)
def test_the_distance_is_that_of_its_authors(
    one: tuple[float, float, float], other: tuple[float, float, float], far: float
) -> None:
    assert distance(one, other) == pytest.approx(far, abs=1e-4)
