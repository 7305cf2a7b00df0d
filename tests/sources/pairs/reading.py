"""The labelled pairs: assembled, by fixed rules, from the texts in this folder (see README.md)."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAIRS = Path(__file__).parent
HALVES = ("tuning", "held-back")
COPY, REWRITE, FOLLOWUP, OWN, BOILERPLATE = "copy", "rewrite", "follow-up", "own report", "boilerplate"
SAME = {COPY, REWRITE}
_SHORT_WORDS = 80
_TEASER_WORDS = 45
_SENTENCE = re.compile(r"(?<=[.!?۔。])[”\"]?\s*")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts; they are one story when `kind` is a copy or a rewrite."""

    id: str
    kind: str
    one: str
    other: str

    @property
    def same(self) -> bool:
        return self.kind in SAME


def sections(path: Path) -> dict[str, str]:
    """The texts of a file by their names."""
    _, *parts = re.split(r"^## (\S+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


def families(half: str) -> dict[str, dict[str, str]]:
    """The half's families of texts by their names."""
    paths = sorted((PAIRS / half).glob("*.md"))
    return {path.stem: sections(path) for path in paths if path.stem != "frames"}


def pairs(half: str) -> list[Pair]:
    """The half's pairs, always in the same order."""
    frames = list(sections(PAIRS / half / "frames.md").values())
    return [
        Pair(f"{name}/{id_}", kind, one, other)
        for name, texts in families(half).items()
        for id_, kind, one, other in _family(name, texts, frames)
    ]


def _family(name: str, texts: dict[str, str], frames: list[str]) -> Iterator[tuple[str, str, str, str]]:
    first = zlib.crc32(name.encode())

    def framed(text: str, frame: int) -> str:
        return frames[(first + frame) % len(frames)].replace("...", text, 1)

    report = texts["report"]
    yield "framed", COPY, report, framed(report, 0)
    yield "framed twice", COPY, framed(report, 1), framed(report, 2)
    if len(report.split()) >= _SHORT_WORDS or not report.isascii():
        yield "cut", COPY, report, _cut(report, 0.55)
        yield "cut and framed", COPY, framed(report, 0), framed(_cut(report, 0.6), 3)
        yield "teaser", COPY, framed(report, 2), _teaser(report)
        yield "headless", COPY, report, framed(report.partition("\n\n")[2], 1)
    for rewrite in (key for key in texts if key.startswith("rewrite")):
        yield rewrite, REWRITE, report, texts[rewrite]
        yield f"{rewrite} framed", REWRITE, framed(report, 0), framed(texts[rewrite], 3)
    yield "follow-up", FOLLOWUP, report, texts["followup"]
    yield "follow-up to rewrite", FOLLOWUP, texts["rewrite-a"], texts["followup"]
    yield "follow-up framed", FOLLOWUP, framed(report, 0), framed(texts["followup"], 0)
    for own in (key for key in ("own", "agency") if key in texts):
        yield own, OWN, report, texts[own]
        yield f"{own} to rewrite", OWN, texts["rewrite-a"], texts[own]
    if "agency" in texts:
        yield "agency to own", OWN, texts["agency"], texts["own"]
    yield "boilerplate", BOILERPLATE, report, texts["other"]
    yield "boilerplate framed", BOILERPLATE, framed(report, 1), framed(texts["other"], 1)
    yield "boilerplate to follow-up", BOILERPLATE, texts["followup"], texts["other"]


def _cut(text: str, share: float) -> str:
    return re.sub(r"\w*$", "...", text[: int(len(text) * share)])


def _teaser(text: str) -> str:
    teaser = ""
    for sentence in _SENTENCE.split(text):
        teaser += sentence + " "
        if len(teaser.split()) >= _TEASER_WORDS or len(teaser) > 8 * _TEASER_WORDS:
            break
    return teaser.strip()
