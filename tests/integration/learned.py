"""`parley` with a detector that has learned: it knows that a palaver is talks, and that rumours are none.

As a process of its own, to be killed by a test: `python -m tests.integration.learned --data FOLDER redetect pti`. There
it appends what it read again one by one, so that there are more places to die.
"""

from dataclasses import replace
from unittest import mock

from monitor.cli import main
from monitor.detection import DETECTOR, Detection, Document, detect
from monitor.log.events import Detector
from monitor.service import claims, redetection
from monitor.topics import Topic

LEARNED = Detector(name=DETECTOR.name, version="learned")


def read(document: Document, topic: Topic, article_id: str) -> Detection:
    """The claims by today's rules and these two words."""
    if "doomed" in document.text:
        raise ValueError("a defect of the new detector")
    known = replace(document, title=_known(document.title), text=_known(document.text))
    found = detect(known, topic, article_id)
    return replace(found, claims=() if "umour" in document.text else found.claims)


def _known(text: str) -> str:
    return text.replace("palaver", "talks")


def learn() -> "mock._patch_dict":
    """While it lasts, this process's service reads so."""
    return mock.patch.dict(vars(claims), {"DETECTOR": LEARNED, "detect": read})


def run() -> None:
    """The command, which reads so and appends one by one."""
    redetection.PAGE = 1
    with learn():
        main()


if __name__ == "__main__":
    run()
