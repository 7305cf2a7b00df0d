"""Whether a topic's sources are being read, as HTML: the one line that ticks. Pure."""

from datetime import datetime

from dashboard import markup, words
from dashboard.catalogue import say
from dashboard.links import Links
from dashboard.markup import e
from monitor.readmodel.queries import Checks


def line(checks: Checks, now: datetime, links: Links) -> str:
    """Whether the sources are being read, and since when not: the line that ticks."""
    said = say("status.well", count=checks.total, well=checks.well)
    sources = links.to(said if checks.total else say("status.no_sources"), "sources")
    if checks.is_current:
        seen = checks.last_at and say("status.checked", length=words.lasting(now - checks.last_at))
        parts = [e(seen or say("status.not_checked"))] if checks.total else []
        mark = "well" if checks.well else "none"
        dot = f'<span class="dot {mark}" aria-hidden="true"></span>'
        return f'<p class="fresh">{dot} {" · ".join([*parts, sources])}</p>'
    if checks.last_at:
        why = say("status.unchecked_since", length=words.lasting(now - checks.last_at))
    else:
        why = say("status.unchecked_never")
    return markup.banner("◷", say("status.unchecked"), f"{e(why)} {sources}", "old unchecked")
