"""A timeline as CSV: a line for each segment, days in ISO form. No cell begins like a formula of a spreadsheet."""

import csv
import io

from monitor.readmodel.forms import TopicTimeline

COLUMNS = (
    "topic",
    "channel",
    "status",
    "name",
    "start_earliest",
    "start_latest",
    "end",
    "certainty",
    "confidence",
    "contested",
    "articles",
)


def timeline_csv(timeline: TopicTimeline) -> str:
    """The segments channel by channel, oldest first; `articles` are the ids of those that carry one."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for channel in timeline.channels:
        for segment in channel.segments:
            lines.writerow(
                [
                    timeline.topic,
                    channel.channel,
                    segment.status,
                    segment.name,
                    segment.start_earliest,
                    segment.start_latest,
                    segment.end,
                    segment.certainty,
                    f"{segment.confidence:.2f}",
                    str(segment.contested).lower(),
                    " ".join(dict.fromkeys(quote.article for quote in segment.evidence)),
                ]
            )
    return text.getvalue()
