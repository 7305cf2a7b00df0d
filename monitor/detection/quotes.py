"""Which sentences stand wholly within a quotation that an earlier sentence opened."""

from dataclasses import dataclass

from monitor.detection.model import Sentence

_LONGEST = 12
"""Sentences; a quotation that is never closed ends then, or with its paragraph."""


@dataclass
class Quotes:
    """The quotations of a text, sentence by sentence. Only paired marks count: straight ones open and close alike."""

    _open: int = 0
    _end: int = 0

    def holds(self, sentence: Sentence) -> bool:
        """True where the whole sentence is quoted; to be asked once for each sentence, in order."""
        text = sentence.text
        # More than one space between two sentences: a blank line, at which a new paragraph begins.
        is_new_paragraph = sentence.start - self._end > 1 and not text.startswith("“")
        inside = 0 < self._open <= _LONGEST and not is_new_paragraph
        self._end = sentence.end
        opened, closed = text.rfind("“"), max(text.rfind("”"), text.rfind("»"))
        if opened > closed:
            self._open = 1
        elif closed >= 0 or not inside:
            self._open = 0
        else:
            self._open += 1
        return inside and (closed < 0 or not text[closed + 1 :].strip(" .,»”’"))
