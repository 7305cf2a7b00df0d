"""Done once, before new processes of drills come from this one: detection reads its words and weights."""

from monitor.detection import Document, detect
from tests.drills.lives import TOPIC

detect(Document("Talks resume", "The unions say that they have returned to the talks."), TOPIC, "warm")
