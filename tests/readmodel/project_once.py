"""Projects what a log holds into a store, as a process that a test may kill: URL of the log, data folder, database."""

import sys
from pathlib import Path

from monitor.log.connect import connect
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from tests.readmodel.story import Story, project_live

if __name__ == "__main__":
    with connect(sys.argv[1]) as client:
        project_live(Story(EventLog(client)), ReadModel(Store(Path(sys.argv[2]), sys.argv[3])))
