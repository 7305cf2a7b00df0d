"""The tables of status: complete, and named as the design has it."""

from itertools import product

import pytest

from monitor.status.rules import RULES, SHIFT_NAMES, shift_name
from monitor.vocabulary import Position, Status

CARRIED = [status for status in Status if status is not Status.NONE]


def test_every_pair_of_statuses_has_a_name():
    assert set(SHIFT_NAMES) == {
        (before, after)
        for before, after in product(Status, CARRIED)
        if before != after or after is Status.UNDERWAY
    }


def test_every_name_is_plain_lower_case():
    assert all(name and name == name.strip().lower() for name in SHIFT_NAMES.values())


@pytest.mark.parametrize(
    ("history", "to", "name"),
    [
        ("", "underway", "talks begun"),
        ("proposed scheduled", "underway", "talks begun"),
        ("collapsed", "underway", "talks resumed"),
        ("stalled proposed", "underway", "talks resumed"),
        ("rejected proposed scheduled", "underway", "talks resumed"),
        ("underway stalled", "proposed", "efforts to resume talks"),
        ("rejected", "proposed", "efforts to resume talks"),
        ("collapsed", "proposed", "efforts to resume talks"),
        ("collapsed scheduled", "proposed", "efforts to resume talks"),
        ("stalled proposed", "rejected", "talks rejected"),
        ("stalled proposed", "scheduled", "talks to resume"),
        ("collapsed underway proposed", "scheduled", "talks scheduled"),
        ("underway", "agreed", "agreement reached"),
        ("underway", "collapsed", "talks collapsed"),
        ("", "proposed", "talks proposed"),
    ],
)
def test_a_name_looks_past_proposals_and_dates(history, to, name):
    assert shift_name([Status(status) for status in history.split()], Status(to)) == name


def test_every_status_has_a_place_in_the_order_and_every_position_a_weight():
    assert set(RULES.order) == set(CARRIED)
    assert set(RULES.weight.position) == set(Position)


def test_only_claims_of_the_same_side_echo_a_status():
    assert all(current.is_open == said.is_open for current, row in RULES.echo_days.items() for said in row), (
        "an echo across the sides would hide a change"
    )
