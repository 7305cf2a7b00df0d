"""How sure "likely" has proved: counts of what became of the shifts that were told."""

from datetime import date

from monitor.log.events import Event, StatusChange
from monitor.readmodel.calibration import Proved, calibration
from monitor.readmodel.model import ReadModel
from monitor.vocabulary import Status
from tests.readmodel.story import Story, claim, project

LEAST = {"likely": 0.6, "very_likely": 0.8, "unclear": 0.0}
DAY = date(2026, 3, 1)


def tell(
    story: Story, key: str, confidence: float, *, certainty: str = "reported", type_: str = "alert.raised"
) -> tuple[Event, Event]:
    """A shift that is told with this confidence; its article, and itself."""
    text = story.article(key, f"Outlet {key}", DAY, "Talks", f"The port has offered talks {key}.")
    found = claim(text, "pay", "proposed", f"The port has offered talks {key}", DAY, DAY)
    story.claims(text, found)
    told = story.shift(
        text, "pay", Status.NONE, Status.PROPOSED, "talks proposed", (DAY, DAY), [found],
        certainty=certainty, confidence=confidence,
    )  # fmt: skip
    story.alert(told, text, [found], type_=type_, reason="new_shift")
    return text, told


def confirm(story: Story, told: tuple[Event, Event], confidence: float) -> None:
    text, shift = told
    about = StatusChange.model_validate(shift.data)
    story.shift(
        text, "pay", about.from_status, about.to_status, about.name, (DAY, DAY), type_="status.updated",
        first=about.shift_id, certainty="confirmed", confidence=confidence, reason="confirmed",
    )  # fmt: skip


def test_shifts_count_for_the_word_with_which_they_were_told_first(story: Story, model: ReadModel) -> None:
    story.define()
    confirm(story, tell(story, "a", 0.6), 0.95)
    tell(story, "b", 0.79)
    _, gone = tell(story, "c", 0.7)
    story.withdraw(gone)
    taken_back = tell(story, "d", 0.79)
    confirm(story, taken_back, 0.9)
    story.withdraw(taken_back[1])
    tell(story, "e", 0.8, certainty="confirmed")
    tell(story, "f", 0.9, type_="alert.suppressed")
    project(story, model)
    found = calibration(model, "docks", LEAST)
    assert list(found) == ["very_likely", "likely", "unclear"]
    assert found["likely"] == Proved(told=4, withdrawn=2, reported=4, confirmed=1)
    assert found["likely"].stood == 2
    assert found["very_likely"] == Proved(told=1, withdrawn=0, reported=0, confirmed=0)
    assert found["unclear"] == Proved(0, 0, 0, 0)
