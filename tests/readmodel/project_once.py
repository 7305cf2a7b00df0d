"""Projects what a log holds into a data folder, as a process that a test may kill: URL of the log, data folder."""

import sys
from pathlib import Path

from monitor.log.connect import connect
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from tests.readmodel.story import Story, project

if __name__ == "__main__":
    with connect(sys.argv[1]) as client:
        project(Story(EventLog(client)), ReadModel(Path(sys.argv[2])))
