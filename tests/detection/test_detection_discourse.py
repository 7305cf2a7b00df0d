"""When what a text tells happened, beyond the dates that stand beside it."""

from datetime import UTC, datetime

from monitor.detection import Document, detect
from monitor.topics import load_topics

PTI = load_topics()["pti"]


def test_what_is_told_of_an_old_day_happened_around_it() -> None:
    text = (
        "The march ended on the night of November 26 in Islamabad. The PTI and the federal government held talks. "
        "Nothing came of it."
    )
    found = detect(Document("", text, datetime(2025, 6, 3, tzinfo=UTC)), PTI, "0" * 32).claims
    told = [one for one in found if one.background and one.kind == "underway"]
    assert [(str(one.when.start_earliest), str(one.when.start_latest)) for one in told] == [
        ("2024-11-01", "2024-11-30")
    ]
