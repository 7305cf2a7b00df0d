"""The encoder: how a sentence falls into pieces, what the sums give, and when it is heard beside the judge."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detection import encoder as encoder_module
from monitor.detection.encoder import LONGEST, Encoder, encoder_from, encoder_of_this_release, pieces
from monitor.detection.labelled import LABELS
from monitor.detection.verdict import pooled
from monitor.errors import BadInputError

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "talks",
    "talk",
    "##s",
    "##ing",
    "no",
    "the",
    ",",
    "£",
    "9",
    "##0",
    "cafe",
]
NUMBERS = {piece: row for row, piece in enumerate(PIECES)}
WIDTH, HEADS, WIDE = 8, 2, 12


@pytest.fixture
def small() -> Encoder:
    """An encoder of two layers with weights by chance."""
    chance = np.random.default_rng(7)

    def some(*shape: int) -> np.ndarray:
        return chance.integers(-127, 128, shape).astype(np.int8)

    held: dict[str, np.ndarray] = {
        "labels": np.array(["none", "rejected", "stalled"]),
        "pieces": np.array("\n".join(PIECES)),
        "reliability": np.array([[0.0, 0.2], [1.0, 0.9]]),
        "layers": np.array(2),
        "heads": np.array(HEADS),
        "embedding.w": some(len(PIECES), WIDTH),
        "embedding.s": np.full(len(PIECES), 0.01),
        "places": chance.normal(size=(LONGEST, WIDTH)),
        "start.w": np.ones(WIDTH),
        "start.b": np.zeros(WIDTH),
    }
    sizes = {
        "look": (WIDTH, 3 * WIDTH),
        "gather": (WIDTH, WIDTH),
        "widen": (WIDTH, WIDE),
        "narrow": (WIDE, WIDTH),
    }
    lines = {f"{at}.{name}": size for at in range(2) for name, size in sizes.items()} | {"head": (WIDTH, 3)}
    for name, size in lines.items():
        held |= {
            f"{name}.w": some(*size),
            f"{name}.s": np.full(size[1], 0.01),
            f"{name}.b": np.zeros(size[1]),
        }
    for name in ("0.after_look", "0.after_thought", "1.after_look", "1.after_thought"):
        held |= {f"{name}.w": np.ones(WIDTH), f"{name}.b": np.zeros(WIDTH)}
    return encoder_from(held)


@pytest.fixture
def mislaid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where the weights are sought instead."""
    monkeypatch.setattr(encoder_module, "FILE", tmp_path / "encoder.npz")
    encoder_of_this_release.cache_clear()
    yield tmp_path / "encoder.npz"
    encoder_of_this_release.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No talks, the talking", ["no", "talks", ",", "the", "talk", "##ing"]),
        ("CAFÉ", ["cafe"]),
        ("£90", ["£", "9", "##0"]),
        ("zebra talks", ["[UNK]", "talks"]),
        ("", []),
    ],
)
def test_a_word_falls_into_the_longest_pieces_from_the_left(text: str, expected: list[str]) -> None:
    assert [PIECES[row] for row in pieces(text, NUMBERS)] == ["[CLS]", *expected, "[SEP]"]


def test_a_long_text_is_read_so_far_and_no_further(small: Encoder) -> None:
    assert len(list(pieces("talks " * 5000, NUMBERS))) == LONGEST
    assert small.weigh("talks " * 5000) == small.weigh("talks " * 400)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_likelihoods_that_add_up_to_one(text: str) -> None:
    said = encoder_of_this_release().weigh(text)
    assert set(said) == set(LABELS)
    assert sum(said.values()) == pytest.approx(1.0, abs=1e-4)


def test_the_order_of_the_words_counts(small: Encoder) -> None:
    one, other = small.weigh("no talks, the talk"), small.weigh("talks, no the talk")
    assert max(abs(one[label] - other[label]) for label in one) > 0.01


def test_what_both_say_lies_between_them_and_a_veto_of_either_holds() -> None:
    both = pooled({"none": 0.8, "rejected": 0.2}, {"none": 0.3, "rejected": 0.7})
    assert 0.3 < both["none"] < 0.8
    assert sum(both.values()) == pytest.approx(1.0)
    assert pooled({"none": 0.5, "rejected": 0.5}, {"none": 1.0, "rejected": 0.0})["rejected"] == 0.0


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 half a file"])
def test_missing_or_damaged_weights_are_refused_with_the_way_to_mend_it(
    mislaid: Path, content: bytes | None
) -> None:
    if content is not None:
        mislaid.write_bytes(content)
    with pytest.raises(BadInputError, match="take it from the release again"):
        encoder_of_this_release()


def test_the_weights_of_this_release_are_whole() -> None:
    one = encoder_of_this_release()
    rising = [right for _, right in one.reliability]
    assert set(one.labels) == set(LABELS)
    assert rising == sorted(rising)
    assert one.embedding.shape == (len(one.numbers), one.places.shape[1])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The guild said no to the ministers but wants to sit down with the mayor.", "proposed"),
        ("Nobody has heard from the other side since the chairs were pushed back in March.", "stalled"),
        ("The committee threw out the bill after a long debate.", "none"),
        (
            "Neither side would confirm that their envoys had met, and the ministry called the report a fairy tale.",
            "denied",
        ),
    ],
)
def test_the_encoder_of_this_release_hears_how_words_hang_together(text: str, label: str) -> None:
    said = encoder_of_this_release().weigh(text)
    assert max(said, key=lambda one: said[one]) == label
