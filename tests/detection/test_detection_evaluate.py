"""The scores say what they claim to say: each on answers whose score can be reckoned by hand."""

import json
from datetime import UTC, datetime

import pytest

from monitor.detection import Answer, Document, Item, Report, evaluate
from monitor.detection.reliability import calibration_error, reliability
from monitor.topics import ANY
from monitor.vocabulary import Precision

DAY = datetime(2025, 3, 4, tzinfo=UTC)


def item(label: str, *also: str, tags: tuple[str, ...] = (), text: str = "", id_: str = "x") -> Item:
    return Item(id_, Document("", text, DAY, Precision.DAY), label, also, tags)


def answer(label: str, kind: str, confidence: float = 0.8, *also: str, tags: tuple[str, ...] = ()) -> Answer:
    return Answer(item(label, *also, tags=tags), kind, confidence)


def test_calibration_is_reckoned_in_bins_of_a_tenth_over_answers_other_than_none() -> None:
    said = [(0.8, True), (0.85, True), (0.89, False), (0.3, False), (1.0, True)]
    assert reliability(said) == [
        {"from": 0.3, "to": 0.4, "confidence": 0.3, "right": 0.0, "count": 1},
        {"from": 0.8, "to": 0.9, "confidence": 0.847, "right": 0.6667, "count": 3},
        {"from": 0.9, "to": 1.0, "confidence": 1.0, "right": 1.0, "count": 1},
    ]
    assert calibration_error(said) == pytest.approx((0.3 + abs(0.8 + 0.85 + 0.89 - 2) + 0) / 5)


@pytest.mark.parametrize("tenth", range(10))
def test_a_bin_holds_its_lower_bound(tenth: int) -> None:
    assert reliability([(tenth / 10, True)])[0]["from"] == tenth / 10


def test_confidence_that_keeps_its_word_has_no_calibration_error() -> None:
    assert calibration_error([(0.8, True)] * 4 + [(0.8, False)]) == pytest.approx(0)
    assert calibration_error([(0.6, False)] * 4) == pytest.approx(0.6)
    assert calibration_error([]) is None


def test_calibration_leaves_none_out_and_takes_right_leniently() -> None:
    report = Report((answer("none", "none", 0.0), answer("resumed", "underway", 0.75, "underway")))
    assert report.calibration() == [{"from": 0.7, "to": 0.8, "confidence": 0.75, "right": 1.0, "count": 1}]
    assert report.calibration_error == pytest.approx(0.25)
    assert Report((answer("rejected", "none", 0.0),)).calibration_error is None


def test_strict_lenient_inversions_and_false_alarms_are_told_apart() -> None:
    report = Report(
        (
            answer("rejected", "rejected"),
            answer("resumed", "underway", 0.8, "underway"),
            answer("rejected", "underway"),
            answer("none", "proposed"),
            answer("none", "none", 0.0),
        )
    )
    assert report.summary() == {
        "texts": 5,
        "strict": 0.4,
        "lenient": 0.6,
        "status_f1": round(2 * 3 / (4 + 3), 4),
        "inversions": 0.2,
        "false_alarms": 0.5,
    }


def test_slices_score_the_texts_of_each_tag_the_commonest_first() -> None:
    report = Report(
        (
            answer("rejected", "rejected", tags=("plain",)),
            answer("rejected", "none", 0.0, tags=("idiom", "plain", "idiom")),
            answer("none", "none", 0.0, tags=("market",)),
        )
    )
    slices = report.slices()
    assert list(slices) == ["plain", "idiom", "market"]
    assert (slices["plain"]["texts"], slices["plain"]["strict"]) == (2, 0.5)
    assert (slices["idiom"]["texts"], slices["idiom"]["strict"]) == (1, 0.0)
    assert slices["plain"]["false_alarms"] is None
    assert slices["market"]["status_f1"] is None


def test_the_worst_errors_are_the_most_confident_and_inversions_come_first() -> None:
    wrong_kind, inversion, unsure = (
        answer("rejected", "stalled", 0.9),
        answer("rejected", "underway", 0.9),
        answer("rejected", "underway", 0.4),
    )
    right, missed = answer("rejected", "denied", 0.95, "denied"), answer("rejected", "none", 0.0)
    report = Report((unsure, wrong_kind, right, inversion, missed))
    assert report.worst() == [inversion, wrong_kind, unsure]
    assert report.worst(1) == [inversion]
    assert report.errors == list(report.answers)


def test_what_is_not_the_label_is_explained_and_names_the_rule_that_spoke() -> None:
    text = "The union has refused to return to talks."
    right, wrong = evaluate([item("rejected", text=text), item("resumed", text=text)], ANY).answers
    assert right.explanation is None
    told = json.loads(json.dumps(wrong.to_json()))
    assert {key: told[key] for key in ("label", "answer", "accepted", "inversion", "rule", "published")} == {
        "label": "resumed",
        "answer": "rejected",
        "accepted": False,
        "inversion": True,
        "rule": "REJECT(RESUME(talks)): ~refuse, ~return to",
        "published": "2025-03-04",
    }
    assert told["explanation"]["sentences"][0]["candidates"][0]["verdict"] == "accepted"


def test_only_detection_is_timed_and_each_text_is_told_of() -> None:
    clock, passed = iter(range(100)), []
    report = evaluate(
        [item("none")] * 4, ANY, timer=lambda: float(next(clock)), passed=lambda: passed.append(1)
    )
    assert report.seconds == 4.0
    assert report.to_json()["texts_per_second"] == 1.0
    assert len(passed) == 4


def test_the_report_has_the_keys_that_tools_rely_on() -> None:
    report = json.loads(json.dumps(Report((answer("rejected", "underway", tags=("plain",)),), 0.5).to_json()))
    assert set(report) == {
        "texts",
        "strict",
        "lenient",
        "status_f1",
        "inversions",
        "false_alarms",
        "texts_per_second",
        "calibration_error",
        "calibration",
        "kinds",
        "slices",
        "confusion",
        "worst",
    }
    assert report["confusion"] == {"rejected": {"underway": 1}}
    assert set(report["kinds"]["rejected"]) == {"precision", "recall", "f1", "count"}
