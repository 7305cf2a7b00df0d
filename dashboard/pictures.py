"""The state as a picture: the browser tab's icon, and the preview that a shared link shows. Pure; no font from afar.

Both are drawn from the shapes of `statuses.toml`. What is old is grey, as on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from dashboard import words

GRID = 24
SIZE = (1200, 630)
"""Of a preview: what the places where links are shared ask for."""
_GREY, _PAPER, _CARD, _INK, _SOFT, _LINE, _WARN = (
    "#6A7179", "#FFFFFF", "#F5F7F9", "#14181D", "#4A525B", "#C9D0D8", "#7A5200",
)  # fmt: skip
_GLYPH = "#FFFFFF"
_LONGEST = 300
"""Characters of a line that are looked at: more have no room, and each is measured."""
_FINER = 2
"""Pictures are drawn larger and made smaller: then their edges are smooth."""


@dataclass(frozen=True)
class Preview:
    """What a preview says, line by line, as plain text."""

    status: str
    is_old: bool
    over: str
    word: str
    lines: Sequence[str]
    banner: str = ""


def icon(status: str, *, is_old: bool) -> str:
    """The status as an SVG picture."""
    look = words.look(status)
    ground = _GREY if is_old else look.light
    drawn = "".join(_svg(shape, ground) for shape in look.shape)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID} {GRID}">'
        f'<rect width="{GRID}" height="{GRID}" rx="5" fill="{ground}"/>{drawn}</svg>'
    )


def _svg(shape: str, ground: str) -> str:
    fill = f'fill="{ground if shape.startswith("-") else _GLYPH}"'
    kind, points = _parsed(shape)
    if kind == "circle":
        (x, y), (radius, _) = points
        return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" {fill}/>'
    return f'<polygon points="{" ".join(f"{x:g},{y:g}" for x, y in points)}" {fill}/>'


def _parsed(shape: str) -> tuple[str, list[tuple[float, float]]]:
    """What it is, and its points; a circle's are its centre and (radius, 0)."""
    shape = shape.removeprefix("-")
    if shape.startswith("circle "):
        _, centre, radius = shape.split()
        return "circle", [_point(centre), (float(radius), 0.0)]
    return "polygon", [_point(one) for one in shape.split()]


def _point(text: str) -> tuple[float, float]:
    x, _, y = text.partition(",")
    return float(x), float(y)


def preview(shown: Preview) -> bytes:
    """A picture of 1200 x 630 pixels as PNG."""
    width, height = (side * _FINER for side in SIZE)
    image = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(image)
    ground = _GREY if shown.is_old else words.look(shown.status).light
    unit = 10 * _FINER
    draw.rounded_rectangle(
        (4 * unit, 4 * unit, width - 4 * unit, height - 4 * unit), 2 * unit, _CARD, _LINE, 2 * _FINER
    )
    draw.rectangle((4 * unit, 6 * unit, 6 * unit, height - 6 * unit), ground)
    left, room = 10 * unit, width - 18 * unit
    _line(draw, (left, 9 * unit), shown.over, 30, _SOFT, room)
    _chip(draw, (left, 15 * unit), 9 * unit, shown.status, ground)
    _line(draw, (left + 12 * unit, 15 * unit), shown.word, 84, _INK, room - 12 * unit)
    top = 30 * unit
    for text in shown.lines:
        _line(draw, (left, top), text, 38, _INK, room)
        top += int(6.5 * unit)
    if shown.banner:
        draw.rounded_rectangle(
            (left, top, width - 8 * unit, top + 7 * unit), unit, outline=_WARN, width=3 * _FINER
        )
        _line(draw, (left + 2 * unit, top + int(1.2 * unit)), shown.banner, 34, _INK, room - 4 * unit)
    _line(draw, (left, height - 9 * unit), "Parley", 26, _SOFT, room)
    out = BytesIO()
    image.resize(SIZE, Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _chip(draw: ImageDraw.ImageDraw, at: tuple[int, int], side: int, status: str, ground: str) -> None:
    left, top = at
    draw.rounded_rectangle((left, top, left + side, top + side), side // 5, ground)
    scale = side / GRID
    for shape in words.look(status).shape:
        fill = ground if shape.startswith("-") else _GLYPH
        kind, points = _parsed(shape)
        if kind == "circle":
            (x, y), (radius, _) = points
            edges = (x - radius, y - radius, x + radius, y + radius)
            draw.ellipse([part * scale + (left, top)[index % 2] for index, part in enumerate(edges)], fill)
        else:
            draw.polygon([(left + x * scale, top + y * scale) for x, y in points], fill)


def _line(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, colour: str, room: int
) -> None:
    """One line; where there is no room for it, in smaller letters, and then cut."""
    text = " ".join(text[:_LONGEST].split())
    font = ImageFont.load_default(size * _FINER)
    while size > 24 and font.getlength(text) > room:
        size -= 4
        font = ImageFont.load_default(size * _FINER)
    while len(text) > 1 and font.getlength(text) > room:
        text = f"{text[:-2].rstrip()}…"
    draw.text(at, text, colour, font)
