"""Timeline: every channel's statuses from the first that is known, with the articles that say so."""

from dashboard import timeline_view
from dashboard.live import Shown, View, live
from monitor.readmodel import queries


def _page(view: View) -> Shown:
    topic = view.topic.topic
    timeline = queries.timeline(view.model, topic, as_of=view.past.as_of, known_at=view.past.known_at)
    named = {
        quote.article
        for channel in timeline.channels
        for segment in channel.segments
        for quote in segment.evidence
    }
    articles = {one.article: one for one in queries.articles(view.model, topic, ids=sorted(named))}
    html = timeline_view.page(view.topic, timeline, articles, view.past.today(view.now))
    return Shown(f"Timeline – {view.topic.label}", html)


live("timeline", _page)
