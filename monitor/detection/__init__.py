"""Detection: a text and a topic in, claims out. Pure: no clock, no network, nothing learned."""

from monitor.detection.detector import DETECTOR, detect, main_claim
from monitor.detection.evaluate import Answer, Item, Report, evaluate
from monitor.detection.model import Detection, Document, Dropped, Sentence

__all__ = [
    "DETECTOR",
    "Answer",
    "Detection",
    "Document",
    "Dropped",
    "Item",
    "Report",
    "Sentence",
    "detect",
    "evaluate",
    "main_claim",
]
