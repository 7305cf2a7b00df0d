"""A topic whose alerts are followed through the HTTP interface."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from monitor.api.context import ApiOptions, Context
from monitor.log.events import Event
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projector import Projector
from monitor.vocabulary import Status
from tests.api.serving import NOW
from tests.readmodel.story import Story, claim

OPTIONS = ApiOptions("https://dash.example/parley/", "https://api.example")
QUOTE = "The port authority has offered talks"
DAY = date(2026, 3, 1)


@dataclass
class Told:
    """An alert: its article, its shift and its own event."""

    article: Event
    shift: Event
    alert: Event


class Docks:
    """A topic: what happens there is appended to its log and projected at once, as the service does it."""

    def __init__(self, log: EventLog, data: Path) -> None:
        self.story = Story(log)
        self.model = ReadModel(data)
        self._projector = Projector(self.model, self.story.topic)
        self._position = "0-0"
        self.story.define()
        self._projector.catch_up(log)
        self.project()

    def context(self, stopping: Callable[[], bool] = lambda: False) -> Context:
        """What the interface is told to serve."""
        return Context(self.model, dict, lambda: NOW, OPTIONS, stopping)

    def project(self) -> None:
        for recorded in list(self.story.log.read_all("docks", self._position)):
            self._projector.project(recorded)
            self._position = recorded.position

    def report(
        self,
        key: str,
        quote: str = QUOTE,
        *,
        outlet: str = "Harbour Post",
        type_: str = "alert.raised",
        **article: Any,
    ) -> Told:
        """An article with this quote, the shift that it makes, and its alert."""
        text = self.story.article(key, outlet, DAY, "Talks", f"{quote}.", **article)
        found = claim(text, "pay", "proposed", quote, DAY, DAY)
        self.story.claims(text, found)
        shift = self.story.shift(
            text, "pay", Status.NONE, Status.PROPOSED, "talks proposed", (DAY, DAY), [found]
        )
        alert = self.story.alert(shift, text, [found], type_=type_, reason="new_shift")
        self.project()
        return Told(text, shift, alert)

    def confirm(self, told: Told) -> Event:
        """A second outlet reports it: the shift and its alert are updated."""
        text = self.story.article(
            "more", "Daily Tide", DAY, "Talks", "The union has confirmed the offer of talks."
        )
        found = claim(text, "pay", "proposed", "The union has confirmed the offer of talks", DAY, DAY)
        self.story.claims(text, found)
        shift = self.story.shift(
            text, "pay", Status.NONE, Status.PROPOSED, "talks proposed", (DAY, DAY), [found],
            type_="status.updated", first=told.shift.data["shift_id"], certainty="confirmed", reason="confirmed",
        )  # fmt: skip
        alert = self.story.alert(shift, text, [found], type_="alert.updated", reason="confirmed")
        self.project()
        return alert

    def withdraw(self, told: Told) -> Event:
        _, cancelled = self.story.withdraw(told.shift)
        self.project()
        return cancelled

    def remove(self, told: Told) -> None:
        self.story.remove(told.article.data["article_id"])
        self.project()
