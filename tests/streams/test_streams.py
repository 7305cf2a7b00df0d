"""Whole streams: what is told of them is as good as recorded, and with the right claims it is just right."""

import json
import tomllib
from datetime import date, datetime
from pathlib import Path

import pytest

from monitor.detection import Detection, Document
from monitor.ids import claim_id
from monitor.topics import Topic
from monitor.vocabulary import Attribution, Claim, ClaimKind, Position, Span, Status, When
from tests.streams.scoring import HERE, expected_of, scored, streams, timeline_of, topic_of

SCORES: dict[str, dict[str, float]] = tomllib.loads((HERE / "scores.toml").read_text(encoding="utf-8"))
KINDS = {kind.status: kind for kind in ClaimKind if kind.value[:5] == kind.status.value[:5]}
"""The plainest kind that leads to a status."""


@pytest.mark.drill
@pytest.mark.parametrize("name", streams())
def test_a_stream_is_told_no_worse_than_recorded(name: str, data_dir: Path) -> None:
    """Scores only change on purpose: better ones are recorded in scores.toml, worse ones fail here."""
    found = scored(name, data_dir)[0]
    got, recorded = found.to_json(), SCORES[name]
    assert got["f1"] >= recorded["f1"], f"F1 was {recorded['f1']}, is {got}"
    assert got["on_quiet"] <= recorded["on_quiet"], f"{len(found.on_quiet)} alerts rest on quiet articles"
    assert got["twice"] == 0, f"{len(found.twice)} shifts are announced twice"


def test_every_stream_has_its_scores() -> None:
    assert set(streams()) == set(SCORES)


@pytest.mark.drill
@pytest.mark.parametrize("name", streams())
def test_with_the_right_claims_just_the_expected_shifts_are_told(
    name: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with a stream is then wrong with its claims, and not with what is made of them."""
    claims = _claims_by_title_and_day(name)

    def right(document: Document, _: Topic, article: str) -> Detection:
        assert document.published is not None
        found = claims.get((document.title, document.published), [])
        return Detection(tuple(_claim(document, article, *one) for one in found), (), (), {})

    monkeypatch.setattr("monitor.service.claims.detect", right)
    found = scored(name, data_dir)[0]
    assert (found.missed, found.false, found.on_quiet) == ([], [], []), found.report()


Said = tuple[str, ClaimKind, date, Attribution]
"""Channel, kind, day, and whose word it is."""


def _claims_by_title_and_day(name: str) -> dict[tuple[str, datetime], list[Said]]:
    """What each article of a stream says by its hand-made timeline: the shifts it reports, what it denies."""
    timeline = timeline_of(name)
    said: dict[str, list[Said]] = {}
    for shift in timeline["shifts"]:
        for article in [] if shift.get("also") else shift["articles"]:
            kind = KINDS[Status(shift["status"])]
            by = Attribution.PARTY if shift.get("on_record") else Attribution.OUTLET
            said.setdefault(article, []).append(
                (shift["channel"], kind, date.fromisoformat(shift["latest"]), by)
            )
    denied = [(one["article"], channel) for one in timeline["quiet"] for channel in one.get("denies", ())]
    for article, channel in denied:
        said.setdefault(article, []).append((channel, ClaimKind.DENIED, date.max, Attribution.OUTLET))
    return {
        (one["title"], datetime.fromisoformat(one["published"])): said.get(one["id"], [])
        for one in _articles(name)
    }


def _claim(
    document: Document, article: str, channel: str, kind: ClaimKind, latest: date, by: Attribution
) -> Claim:
    assert document.published is not None
    day = min(latest, document.published.date())
    return Claim(
        id=claim_id(article, channel, kind.value, document.title, 0),
        channel=channel,
        kind=kind,
        position=Position.HEADLINE,
        when=When(start_earliest=day, start_latest=day),
        span=Span(start=0, end=len(document.title), text=document.title, in_title=True),
        confidence=0.9,
        attribution=by,
        rule="by hand",
    )


@pytest.mark.parametrize("name", streams())
def test_a_hand_made_timeline_is_sound(name: str) -> None:
    timeline, articles, topic = timeline_of(name), _articles(name), topic_of(name)
    days = {one["id"]: datetime.fromisoformat(one["published"]).date() for one in articles}
    assert len(days) == len(articles), "each article has an id of its own"
    assert 60 <= len(articles) <= 70
    assert len({one["outlet"] for one in articles}) >= 10
    assert all(".example/" in one["url"] for one in articles), "every outlet is invented"
    channels = {channel.id for channel in topic.channels}
    for shift in expected_of(name).shifts:
        assert shift.earliest <= shift.latest
        assert shift.channel in channels
        assert Status(shift.status) in KINDS
    for shift in timeline["shifts"]:
        first = min(days[article] for article in shift["articles"])
        assert date.fromisoformat(shift["earliest"]) <= first, f"{shift} is told before it happened"
    for one in timeline["quiet"]:
        assert one["article"] in days
        assert one["why"] in {"background", "denial", "late", "irrelevant", "opinion"}
        assert set(one.get("denies", ())) <= channels


def _articles(name: str) -> list[dict[str, str]]:
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
