"""A label as an id: letters first, digits kept, never longer than an id may be."""

import pytest
from pydantic import TypeAdapter

from monitor.errors import BadInputError
from monitor.topics.draft import name_of
from monitor.topics.model import Name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Rail union (RMT)", "rail-union-rmt"),
        ("Q5", "q5"),
        ("Group of 77", "group-of-77"),
        ("2024 pay round", "pay-round-2024"),
        ("2024-25 pay round", "pay-round-2024-25"),
        ("2024 pay round 2", "pay-round-2-2024"),
        ("Évian 2", "evian-2"),
        ("3F", "f-3"),
        (f"2024 {'long ' * 20}", "long-long-long-long-long-long-long-l-2024"),
        (f"{'9' * 60} talks", f"talks-{'9' * 20}"),
    ],
)
def test_an_id_keeps_the_digits_of_its_label_and_begins_with_a_letter(label: str, name: str) -> None:
    assert name_of(label) == name
    assert TypeAdapter(Name).validate_python(name) == name


@pytest.mark.parametrize("label", ["", "!!!", "2024", "--", "Ω 5"])
def test_a_label_without_letters_gives_no_id(label: str) -> None:
    with pytest.raises(BadInputError, match="gives no id"):
        name_of(label)
