# ruff: noqa: T201 - it speaks with the test through its output
"""A process that owns a data folder: starts its server, says so, and appends facts until it is killed.

Usage: owner.py DATA_DIR [orphan]; with "orphan", its server does not die with it. Prints the server's process and URL,
then the id of every fact that the log acknowledged.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.child import launch
from monitor.ids import fact_id
from monitor.log import embedded
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import ArticleRemoved, Event
from monitor.log.stream import EventLog


def fact(n: int) -> Event:
    data = ArticleRemoved(article_id=fact_id("owner", n), reason="test")
    moment = datetime(2025, 5, 29, tzinfo=UTC)
    return Event.of(
        "article.removed", data, id_=fact_id("owned", n), topic="pti", at=moment, cause=None, by="owner"
    )


def main(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server, connect(server.url) as client:
        print(server.pid, server.url, flush=True)
        log = EventLog(client)
        for n in range(100_000):
            log.append("pti", [fact(n)])
            print(fact(n).id, flush=True)
            time.sleep(0.001)


def without_death_signal(*arguments: Any, **options: Any) -> Any:
    return launch(*arguments, **{**options, "death_signal": 0})


if __name__ == "__main__":
    if sys.argv[2:] == ["orphan"]:
        embedded.launch = without_death_signal
    main(Path(sys.argv[1]))
