"""What was learned from sentences: how signs are weighed, and what the judge may do to what the rules found."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.detection import Detection, Document, detect, main_claim
from monitor.detection import detector as detector_module
from monitor.detection import judge as judge_module
from monitor.detection.judge import Judge, Judgement, judge_from, judge_of_this_release
from monitor.detection.kin import kin
from monitor.detection.known import KnownSigns
from monitor.detection.signs import IN_A_ROW, ROWS, Shown
from monitor.errors import BadInputError
from monitor.topics import ANY
from monitor.vocabulary import Precision

TODAY = datetime(2025, 5, 29, tzinfo=UTC)
LABELS = ["none", "rejected", "stalled", "denied", "collapsed"]
STRONG = 10_000
Appoint = Callable[..., None]


def words(*row: str) -> Shown:
    """A sentence that shows these words in a row."""
    return Shown((row, (), (), (), ()))


def judge(**signs: list[int]) -> Judge:
    """A judge who knows these signs ("w_shelved": word), and else holds every label for as likely."""
    learned = {sign.replace("_", " "): [*row, *[0] * (len(LABELS) - len(row))] for sign, row in signs.items()}
    return judge_from(
        {
            "labels": LABELS,
            "scale": 1000,
            "bias": [0] * len(LABELS),
            "reliability": [[0.0, 0.1], [0.5, 0.4], [1.0, 0.9]],
            "signs": learned,
        }
    )


@pytest.fixture
def appointed(monkeypatch: pytest.MonkeyPatch) -> Appoint:
    def appoint(**signs: list[int]) -> None:
        chosen = judge(**signs)
        monkeypatch.setattr(detector_module, "judge_of_this_release", lambda: chosen)
        monkeypatch.setattr(detector_module, "encoder_of_this_release", None)

    return appoint


def read(text: str, title: str = "") -> Detection:
    return detect(Document(title, text, TODAY, Precision.DAY), ANY, "a" * 32)


def kind(text: str) -> str | None:
    return main_claim(read(text), TODAY)[0]


def test_likelihoods_add_up_to_one_and_unknown_signs_count_nothing() -> None:
    one = judge(w_shelved=[0, 0, 500])
    with_it, without = one.weigh(words("shelved", "unmet")), one.weigh(words("unmet"))
    assert sum(with_it.likely.values()) == pytest.approx(1.0)
    assert with_it.best == "stalled"
    assert len({round(share, 6) for share in without.likely.values()}) == 1


@given(
    st.lists(st.lists(st.sampled_from("abcde"), max_size=9), min_size=len(ROWS), max_size=len(ROWS)),
    st.randoms(),
)
def test_signs_are_found_as_by_looking_up_each(rows: list[list[str]], chance: random.Random) -> None:
    shown = Shown(tuple(rows), ("h question", "c first none"))
    others = [" ".join((name, *chance.choices("abcdf", k=IN_A_ROW))) for name in ROWS]
    learned = [
        sign for sign in (*shown.signs(), *others) if chance.random() < 0.5 and sign.count(" ") <= IN_A_ROW
    ]
    learned = list(dict.fromkeys(learned))
    found = [learned[at] for at in KnownSigns(learned).find(shown)]
    # What is learned of rows is found up to three in a row, of kin too.
    wanted = {
        " ".join((name, *row[i : i + n]))
        for name, row in zip(ROWS, rows, strict=True)
        for n in range(1, IN_A_ROW + 1)
        for i in range(len(row) - n + 1)
    } | set(shown.lone)
    assert sorted(found) == sorted(wanted.intersection(learned))


def test_doubt_makes_none_likelier() -> None:
    one = judge(w_shelved=[0, 0, 500])
    assert one.weigh(words("shelved"), doubt=3.0).share("none") > one.weigh(words("shelved")).share("none")


def test_what_tells_is_named_strongest_first() -> None:
    one = judge(w_a=[0, 0, 200], w_b=[0, 0, 700], w_c=[900, 0, 0])
    found = one.telling(one.weigh(words("a", "b", "c")), "stalled", "none")
    assert [sign for sign, _ in found] == ["w b", "w a"]


@pytest.mark.parametrize(
    ("likelihood", "right"), [(0.0, 0.1), (0.25, 0.25), (0.5, 0.4), (0.75, 0.65), (1.0, 0.9)]
)
def test_confidence_is_read_off_the_reliability(likelihood: float, right: float) -> None:
    judgement = Judgement({"none": likelihood}, np.array([], dtype=np.int64), judge().reliability)
    assert judgement.confidence("none") == pytest.approx(right)


def test_a_damaged_file_is_refused_with_the_way_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    damaged = tmp_path / "learned.json"
    damaged.write_text('{"labels": ["none"', encoding="utf-8")
    monkeypatch.setattr(judge_module, "_FILE", damaged)
    judge_of_this_release.cache_clear()
    with pytest.raises(BadInputError, match="make refit"):
        judge_of_this_release()
    judge_of_this_release.cache_clear()


def test_the_weights_of_this_release_are_whole() -> None:
    one = judge_of_this_release()
    assert set(one.labels) >= {"none", "rejected", "denied"}
    assert one.weights.shape == (len(one.signs), len(one.labels))
    rising = [right for _, right in one.reliability]
    assert rising == sorted(rising)


def test_words_of_one_meaning_are_kin_and_rare_words_are_all_alike() -> None:
    assert kin("refused") == kin("refuses") or kin("refused")[-1] == kin("rejected")[-1]
    assert kin("zzyzxian") == kin("qwertzuiop")
    assert kin("4") == ("4",) * len(kin("talks"))


def test_a_lone_sentence_says_what_the_judge_reads_and_names_the_words(appointed: Appoint) -> None:
    text = "The guild has shelved the whole thing."
    assert kind(text) is None
    appointed(w_shelved=[0, 0, STRONG])
    found = read(text)
    claim = found.claims[0]
    assert (claim.kind, claim.rule) == ("stalled", "learned stalled over what the words say")
    trigger = found.grounds[claim.id].triggers[0]
    assert (trigger.name, [word.text for word in trigger.words]) == ("learned stalled", ["shelved"])


def test_the_judge_takes_back_what_reads_as_no_claim(appointed: Appoint) -> None:
    text = "The guild refused to hold talks."
    appointed(w_refused=[0, STRONG, 0])
    assert kind(text) == "rejected"
    appointed(w_refused=[STRONG, 0, 0])
    found = read(text)
    assert not found.claims
    assert found.dropped[0].reason == "reads as no claim about now"


def test_another_reading_stands_on_the_chain_that_the_rules_found(appointed: Appoint) -> None:
    appointed(w_refused=[0, 0, STRONG])
    claim = read("The guild refused to hold talks.").claims[0]
    assert (claim.kind, claim.rule.partition(" over ")[0]) == ("stalled", "learned stalled")
    assert "REJECT" in claim.rule


def test_an_old_date_stays_an_old_date(appointed: Appoint) -> None:
    appointed(w_refused=[0, STRONG, 0])
    found = read("In November 2023 the guild refused to hold talks.")
    assert [claim.background for claim in found.claims] == [True]


@pytest.mark.parametrize(("weight", "expected"), [(500, "rejected"), (STRONG, "stalled")])
def test_in_an_article_only_a_sure_judge_overrules_the_rules(
    appointed: Appoint, weight: int, expected: str
) -> None:
    appointed(w_refused=[0, 0, weight])
    found = read("The guild refused to hold talks. Members cheered in the hall.")
    assert found.claims[0].kind == expected


@pytest.mark.parametrize("said", ["denied that", "dismissed claims that"])
def test_who_denies_to_have_left_denies_no_talks_whatever_the_judge_reads(
    said: str, appointed: Appoint
) -> None:
    appointed(w_guild=[0, 0, 0, STRONG])
    found = read(f"The guild {said} it had abandoned the talks. Members cheered in the hall.")
    assert [(claim.kind, claim.mood) for claim in found.claims] == [("collapsed", "denied")]


def test_a_sentence_of_an_article_that_names_no_talks_is_left_alone(appointed: Appoint) -> None:
    appointed(w_cheered=[0, STRONG, 0])
    found = read("The guild refused to hold talks. Members cheered in the hall.")
    assert [claim.span.text for claim in found.claims] == ["The guild refused to hold talks."]


def test_nothing_learned_speaks_by_rules_alone() -> None:
    document = Document("", "The guild has shelved the whole thing.", TODAY, Precision.DAY)
    found = detect(document, ANY, "a" * 32, by_rules_alone=True)
    assert not [claim for claim in found.claims if "learned" in claim.rule]


def test_learned_data_can_be_read_by_a_person() -> None:
    raw = json.loads((Path(judge_module.__file__).parent / "learned.json").read_text(encoding="utf-8"))
    assert all(
        sign.split(" ", 1)[0] in {"w", "k0", "k1", "k2", "s", "p", "h", "c", "t", "d", "u", "x"}
        for sign in raw["signs"]
    )
