"""How sure "likely" has proved: what became of the shifts that were told, by how sure Parley was when it told them."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import col

from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import topic_of
from monitor.readmodel.tables import AlertRow, ShiftRow
from monitor.vocabulary import Certainty


class Proved(NamedTuple):
    """What became, so far, of the shifts that were told with a word; a shift counts once, however often updated."""

    told: int
    withdrawn: int
    """Their evidence fell away."""
    reported: int
    """Were only reported when they were told first."""
    confirmed: int
    """Of those that were only reported: have been confirmed since, and stand."""

    @property
    def stood(self) -> int:
        """Were not taken back so far."""
        return self.told - self.withdrawn


def calibration(model: ReadModel, topic: str, least: Mapping[str, float]) -> dict[str, Proved]:
    """What became of a topic's told shifts, by the word for their first confidence.

    Args:
        model: where they are.
        topic: whose shifts.
        least: word -> from which confidence on it is said; one of them from 0 on.

    Raises:
        NotFoundError: there is no such topic.
        StoreError: the read model cannot be read.
    """
    surest_first = sorted(least.items(), key=lambda one: one[1], reverse=True)
    sure = col(ShiftRow.first_confidence)
    word = case(*((sure >= bound, name) for name, bound in surest_first), else_="").label("word")
    gone, was_reported = (
        col(ShiftRow.state) == "withdrawn",
        col(ShiftRow.first_certainty) == Certainty.REPORTED,
    )
    is_confirmed = was_reported & ~gone & (col(ShiftRow.certainty) == Certainty.CONFIRMED)
    counts = [
        func.count(),
        *(func.sum(case((one, 1), else_=0)) for one in (gone, was_reported, is_confirmed)),
    ]
    of_shift = (col(AlertRow.topic) == col(ShiftRow.topic)) & (
        col(AlertRow.shift_id) == col(ShiftRow.shift_id)
    )
    query = (
        select(word, *counts)
        .select_from(ShiftRow)
        .join(AlertRow, of_shift)
        .where(col(ShiftRow.topic) == topic, col(AlertRow.state) != "suppressed")
        .group_by("word")
    )
    with model.read() as session:
        topic_of(session, topic)
        found = {row[0]: Proved(*map(int, row[1:])) for row in session.connection().execute(query)}
    return {name: found.get(name, Proved(0, 0, 0, 0)) for name, _ in surest_first}
