"""A timeline as CSV: a line for each segment, days in ISO form."""

from monitor.readmodel.csv_text import csv_text
from monitor.readmodel.forms import TopicTimeline

COLUMNS = (
    "topic",
    "channel",
    "status",
    "name",
    "start_earliest",
    "start_latest",
    "end",
    "last_evidence",
    "stale_from",
    "certainty",
    "confidence",
    "contested",
    "articles",
)


def timeline_csv(timeline: TopicTimeline) -> str:
    """The segments channel by channel, oldest first; `articles` are the ids of those that carry one."""
    return csv_text(
        COLUMNS,
        (
            [
                timeline.topic,
                channel.channel,
                segment.status,
                segment.name,
                segment.start_earliest,
                segment.start_latest,
                segment.end,
                segment.last_evidence,
                segment.stale_from,
                segment.certainty,
                f"{segment.confidence:.2f}",
                str(segment.contested).lower(),
                " ".join(dict.fromkeys(quote.article for quote in segment.evidence)),
            ]
            for channel in timeline.channels
            for segment in channel.segments
        ),
    )
