"""A small transformer that reads a whole sentence: how likely each label is, by the order and the sense of its words.

The judge counts signs; the encoder hears how they hang together ("no to the ministers, yes to the generals"), at fifty
times the price. So it is asked about lone sentences only: headlines, captions, lines of a ticker. It is a small BERT,
taught further from the sentences in tests/corpus (teach.py there); its weights are bytes with a scale for each row
or column, and numpy does the sums.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from monitor.detection.judge import Curve, shares
from monitor.errors import BadInputError

LONGEST = 96
"""So many pieces of a sentence are read, first and last mark included."""
FILE = Path(__file__).parent / "encoder.npz"
_UNKNOWN, _FIRST, _LAST = "[UNK]", "[CLS]", "[SEP]"
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_LONGEST_WORD = 60
_TINY = 1e-12

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Layer:
    """Attention (query, key, value side by side), then a wider step and back; each is added to its input."""

    look: tuple[Floats, Floats]
    gather: tuple[Floats, Floats]
    after_look: tuple[Floats, Floats]
    widen: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    after_thought: tuple[Floats, Floats]

    def __call__(self, states: Floats, heads: int) -> Floats:
        """The states after this layer; (pieces, width) in and out."""
        size, width = states.shape
        depth = width // heads
        looks = _line(states, self.look).reshape(size, 3, heads, depth).transpose(1, 2, 0, 3)
        weights = shares(looks[0] @ looks[1].transpose(0, 2, 1) / np.float32(depth**0.5))
        seen = (weights @ looks[2]).transpose(1, 0, 2).reshape(size, width)
        states = _scaled(states + _line(seen, self.gather), self.after_look)
        return _scaled(states + _line(_gelu(_line(states, self.widen)), self.narrow), self.after_thought)


@dataclass(frozen=True, eq=False)
class Encoder:
    """The weights: an embedding of each piece and place, layers, and a head with a column for each label."""

    labels: tuple[str, ...]
    numbers: Mapping[str, int]
    """Piece -> its row."""
    embedding: npt.NDArray[np.int8]
    scales: Floats
    places: Floats
    start: tuple[Floats, Floats]
    layers: tuple[Layer, ...]
    head: tuple[Floats, Floats]
    heads: int
    reliability: Curve
    """Of what encoder and judge say together."""

    def weigh(self, text: str) -> dict[str, float]:
        """How likely each label is for a sentence, adding up to one."""
        rows = list(pieces(text, self.numbers))
        states = self.embedding[rows] * self.scales[rows, None] + self.places[: len(rows)]
        states = _scaled(states, self.start)
        for layer in self.layers:
            states = layer(states, self.heads)
        odds = shares(_line(states.mean(axis=0), self.head))
        return dict(zip(self.labels, odds.tolist(), strict=True))


def pieces(text: str, numbers: Mapping[str, int]) -> Iterator[int]:
    """The rows of a sentence's pieces, between two marks: of each word the longest that fits, from the left."""
    plain = "".join(
        one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one)
    )
    yield numbers[_FIRST]
    left = LONGEST - 2
    for match in _WORD.finditer(plain):
        for number in _pieces_of(match.group(), numbers):
            if not left:
                break
            left -= 1
            yield number
    yield numbers[_LAST]


def _pieces_of(word: str, numbers: Mapping[str, int]) -> list[int]:
    found: list[int] = []
    start = 0
    while start < len(word):
        mark = "##" if start else ""
        ends = range(min(len(word), start + _LONGEST_WORD), start, -1)
        end = next((end for end in ends if mark + word[start:end] in numbers), None)
        if end is None:
            return [numbers[_UNKNOWN]]
        found.append(numbers[mark + word[start:end]])
        start = end
    return found


@cache
def encoder_of_this_release() -> Encoder:
    """The encoder that encoder.npz describes.

    Raises:
        BadInputError: the file is missing or damaged; it is part of the release.
    """
    try:
        with FILE.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return encoder_from(stored)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise BadInputError(f"{FILE} cannot be read ({error}); take it from the release again") from error


def encoder_from(stored: Mapping[str, npt.NDArray[np.generic]]) -> Encoder:
    """An encoder from its file's arrays: `NAME.w` bytes, `NAME.s` a scale for each column, `NAME.b` what is added."""

    def line(name: str) -> tuple[Floats, Floats]:
        weights = stored[f"{name}.w"].astype(np.float32) * stored[f"{name}.s"].astype(np.float32)
        return np.ascontiguousarray(weights), stored[f"{name}.b"].astype(np.float32)

    def scale(name: str) -> tuple[Floats, Floats]:
        return stored[f"{name}.w"].astype(np.float32), stored[f"{name}.b"].astype(np.float32)

    layers = tuple(
        Layer(
            line(f"{at}.look"),
            line(f"{at}.gather"),
            scale(f"{at}.after_look"),
            line(f"{at}.widen"),
            line(f"{at}.narrow"),
            scale(f"{at}.after_thought"),
        )
        for at in range(int(stored["layers"]))
    )
    return Encoder(
        labels=tuple(str(one) for one in stored["labels"]),
        numbers={piece: row for row, piece in enumerate(str(stored["pieces"]).split("\n"))},
        embedding=stored["embedding.w"].astype(np.int8),
        scales=stored["embedding.s"].astype(np.float32),
        places=stored["places"].astype(np.float32),
        start=scale("start"),
        layers=layers,
        head=line("head"),
        heads=int(stored["heads"]),
        reliability=tuple((float(x), float(y)) for x, y in stored["reliability"].astype(np.float64)),
    )


def _line(states: Floats, line: tuple[Floats, Floats]) -> Floats:
    return np.asarray(states @ line[0] + line[1], dtype=np.float32)


def _scaled(states: Floats, scale: tuple[Floats, Floats]) -> Floats:
    middle = states - states.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(middle).mean(axis=-1, keepdims=True) + _TINY)
    return np.asarray(middle / spread * scale[0] + scale[1], dtype=np.float32)


def _gelu(states: Floats) -> Floats:
    bent = np.tanh(np.float32(0.7978845608) * (states + np.float32(0.044715) * states * states * states))
    return np.asarray(np.float32(0.5) * states * (1 + bent), dtype=np.float32)
