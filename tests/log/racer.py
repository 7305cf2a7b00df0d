# ruff: noqa: T201 - it speaks with the test through its output
"""A writer of its own process: makes decisions on a topic until it has won some, reading on after each lost race.

Usage: racer.py URL NAME WINS; prints the ids of the decisions that it won, one a line.
"""

import sys
from datetime import UTC, datetime

from monitor.errors import LogConflictError
from monitor.ids import fact_id
from monitor.log.connect import connect
from monitor.log.events import Event, StatusWithdrawn
from monitor.log.stream import EventLog
from monitor.vocabulary import Status


def decision(name: str) -> Event:
    data = StatusWithdrawn(
        shift_id=fact_id(name), channel="government", to_status=Status.STALLED, reason="race"
    )
    moment = datetime(2025, 5, 29, tzinfo=UTC)
    return Event.of(
        "status.withdrawn", data, id_=fact_id("race", name), topic="pti", at=moment, cause=None, by="racer"
    )


def main(url: str, name: str, wins: int) -> None:
    with connect(url) as client:
        log = EventLog(client)
        print("ready", flush=True)
        sys.stdin.readline()
        for n in range(wins):
            event = decision(f"{name}-{n}")
            while True:
                try:
                    log.append("pti", [event], expected_decisions=log.decisions("pti"))
                except LogConflictError:
                    continue
                break
            print(event.id, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
