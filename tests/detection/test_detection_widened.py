"""Plain news prose in many wordings, of peace, coalition, trade, pay and climate talks, is read as meant."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.detection import Document, detect, main_claim
from monitor.topics import ANY
from monitor.vocabulary import Precision

PUBLISHED = datetime(2025, 6, 11, tzinfo=UTC)
PROSE = tomllib.loads((Path(__file__).parent / "plain_prose.toml").read_text(encoding="utf-8"))
ROWS = [(kind, text) for kind, texts in PROSE.items() for text in texts]


@pytest.mark.drill
@pytest.mark.parametrize(("kind", "text"), ROWS)
def test_plain_prose_is_read_as_meant(kind: str, text: str) -> None:
    found = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "prose")
    main, _ = main_claim(found, PUBLISHED)
    assert (main.value if main else "none") == kind, [claim.rule for claim in found.claims]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Talks between the rebels and the army open in Luanda on Monday.", "scheduled"),
        ("Talks between the rebels and the army opened in Luanda on Monday.", "underway"),
        ("Talks between the rebels and the army open in Luanda.", "underway"),
    ],
)
def test_a_simple_present_with_a_day_to_come_announces(text: str, kind: str) -> None:
    main, _ = main_claim(detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "prose"), PUBLISHED)
    assert main == kind


@pytest.mark.parametrize(
    "text", ["The club clinched a deal for the striker.", "The league meeting was postponed."]
)
def test_a_deal_or_meeting_in_sport_is_none_of_talks(text: str) -> None:
    main, _ = main_claim(detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "prose"), PUBLISHED)
    assert main is None
