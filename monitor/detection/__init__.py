"""Detection: a text and a topic in, claims out. Pure: no clock, no network, nothing learned."""

from monitor.detection.detector import DETECTOR, detect, main_claim
from monitor.detection.evaluate import evaluate
from monitor.detection.explain import Considered, Explained, Explanation, explain
from monitor.detection.labelled import Answer, Item
from monitor.detection.model import Detection, Document, Dropped, Sentence
from monitor.detection.report import Report

__all__ = [
    "DETECTOR",
    "Answer",
    "Considered",
    "Detection",
    "Document",
    "Dropped",
    "Explained",
    "Explanation",
    "Item",
    "Report",
    "Sentence",
    "detect",
    "evaluate",
    "explain",
    "main_claim",
]
