"""Where a reader is, as it stands above every page: which topic of those there are, and which past. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard import markup, words
from dashboard.catalogue import say
from dashboard.links import Links, Past
from dashboard.markup import e
from monitor.readmodel.queries import TopicEntry


@dataclass(frozen=True)
class Place:
    """A page (its address, empty for the first), its topic and its past, and what else its address asks for."""

    page: str
    topic: TopicEntry
    past: Past
    others: Mapping[str, str]

    def banners(self) -> str:
        """What says that this is not now, and leads back: of two pasts each by its own way."""
        as_of, known_at = self.past
        said = ""
        if as_of:
            more = say("past.as_of_alone") if known_at else say("past.as_of_more")
            back = say("past.back_to_day") if known_at else say("past.back")
            left = self.past._replace(as_of=None)
            said += self._banner(say("past.as_of", day=words.day(as_of)), more, back, left)
        if known_at:
            back = say("past.back_to_knowledge") if as_of else say("past.back")
            left, day = self.past._replace(known_at=None), words.day(known_at.date())
            said += self._banner(say("past.known_at", day=day), say("past.known_at_more"), back, left)
        return said

    def _banner(self, title: str, more: str, back: str, left: Past) -> str:
        link = Links(self.topic.topic, left).to(back, self.page, **self.others)
        return markup.banner("↶", title, f"{e(more)} {link}", "past")

    def switch(self, known: Sequence[TopicEntry]) -> str:
        """Links to this page of each topic; nothing where there is one topic only."""
        if len(known) == 1:
            return ""
        links = "".join(
            Links(topic.topic, self.past)
            .to(topic.label, self.page)
            .replace("<a ", '<a aria-current="true" ' if topic == self.topic else "<a ", 1)
            for topic in known
        )
        return f'<nav class="topics" aria-label="{e(say("pages.topics"))}">{links}</nav>'
