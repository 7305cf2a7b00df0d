"""Moves the log in or out of Redis as a process that a test may kill: what to do, URL of the log, place.

Segments are short, so that there are several. `archive` moves what is below the third-last entry of each stream.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from monitor.log import segments
from monitor.log.archive import Archiver
from monitor.log.connect import connect
from monitor.log.export import export, require
from monitor.log.importing import LogImport
from monitor.log.keys import Stream
from monitor.log.place import Folder, Place
from monitor.log.stream import EventLog

NOW = datetime(2025, 6, 1, tzinfo=UTC)
KEPT = 3


def archive_all(log: EventLog, place: Place) -> int:
    """Move all but the newest entries of every stream; how many were."""
    moved = 0
    for topic in log.topics():
        for stream in Stream:
            newest = log.entries.newest(topic, stream, KEPT)
            if newest:
                moved += Archiver(log, place).move(topic, stream, newest[0].position, NOW)
    return moved


def main(action: str, url: str, folder: str) -> None:
    segments.MOST_ENTRIES = 10
    place = Folder(Path(folder))
    with connect(url) as client:
        log = EventLog(client, place)
        if action == "export":
            export(log, place, NOW)
        elif action == "import":
            LogImport(log, place, require(place)).run()
        else:
            archive_all(log, place)


if __name__ == "__main__":
    main(*sys.argv[1:])
