"""The last backup, as whoever made it has noted beside the data: when, where, and of how many events."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

FILE = "last_backup.json"


class Backup(NamedTuple):
    """A backup that was made."""

    at: datetime
    """UTC-aware."""
    place: str
    """The folder or store that it is in."""
    events: int


def last_backup(data: Path) -> Backup | None:
    """The last backup of this data folder; None when none is known of, or what is noted of it cannot be read."""
    try:
        noted = json.loads((data / FILE).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(noted["at"])
        return Backup(at.replace(tzinfo=at.tzinfo or UTC), str(noted["place"]), int(noted["events"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
