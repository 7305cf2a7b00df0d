"""Bytes that any parser of feeds can read: of one charset, without what XML forbids. Nothing else is changed.

Headers and declarations are often wrong. Text that reads as UTF-8 and has letters beyond ASCII is UTF-8, for no other
charset looks like it by chance; only for the rest does it count what is said.
"""

import codecs
import json
import re
from dataclasses import dataclass

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BARE_AMPERSAND = re.compile(rb"&(?!#?\w{1,40};)")
_NO_MARKUP = rb"<!\[CDATA\[[^\]]*(?:\](?!\]>)[^\]]*)*|<!--.*?(?:-->|\Z)"
_MARKUP_AMPERSAND = re.compile(_NO_MARKUP + rb"|" + _BARE_AMPERSAND.pattern, re.DOTALL)
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A body, the charset that it is sure to have ("" when what is said of it counts), and what was amiss."""

    body: bytes
    charset: str
    notes: tuple[str, ...] = ()


def narrowed(body: bytes) -> bytes:
    """UTF-16 and UTF-32, told by their mark or their zeros, as UTF-8; everything else as it is."""
    encoding = json.detect_encoding(body)
    return body if encoding.startswith("utf-8") else body.decode(encoding, "replace").encode()


def cleaned(body: bytes) -> Cleaned:
    """The (narrowed) body without leading space and forbidden characters, in UTF-8 if it can be told."""
    if b"\x1b" in body:
        return Cleaned(body, "")  # ISO-2022: its bytes mean other characters
    legal, dropped = without_forbidden(body.removeprefix(codecs.BOM_UTF8).lstrip())
    legal, escaped = _with_whole_references(legal)
    notes = tuple(
        f"{what}: {count}"
        for what, count in (("forbidden characters dropped", dropped), ("bare ampersands escaped", escaped))
        if count
    )
    text, broken = utf8(legal)
    if text is None:
        return Cleaned(legal, "", notes)
    if broken:
        notes = (*notes, f"broken characters replaced: {broken}")
    return Cleaned(text.lstrip("\ufeff").encode(), "utf-8", notes)


def utf8(body: bytes) -> tuple[str | None, int]:
    """The body read as UTF-8 (None when it is not) and how many broken characters were replaced by U+FFFD.

    Excerpts are cut between the bytes of a letter, and texts of other charsets are pasted in. In a text that is of
    another charset, letters that are whole by chance are at most four for ten that are not.
    """
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(body), 0  # the last character may be cut
    except UnicodeDecodeError:
        pass
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(text) - broken - len(text.encode("ascii", "ignore"))
    return (text, broken) if whole >= broken else (None, 0)


def without_forbidden(body: bytes) -> tuple[bytes, int]:
    """The body without control characters and references to what is no character, and how many there were."""
    dropped = 0

    def checked(found: re.Match[bytes]) -> bytes:
        nonlocal dropped
        digits = (found[1] or found[2]).lstrip(b"0") or b"0"
        if len(digits) <= 7 and _is_character(int(digits, 16 if found[1] else 10)):
            return found[0]
        dropped += 1
        return b""

    body, dropped_controls = _CONTROL.subn(b"", body)
    body = _REFERENCE.sub(checked, body) if b"&#" in body else body
    return body, dropped + dropped_controls


def _with_whole_references(body: bytes) -> tuple[bytes, int]:
    """The body with ampersands escaped that begin no reference, and how many there were.

    feedparser would make `&copy=1` of an address a sign, and `AT&T` of a title `AT&T;`.
    """
    if not _BARE_AMPERSAND.search(body):
        return body, 0
    escaped = 0

    def whole(found: re.Match[bytes]) -> bytes:
        nonlocal escaped
        if found[0] != b"&":
            return found[0]
        escaped += 1
        return b"&amp;"

    body = _MARKUP_AMPERSAND.sub(whole, body)
    return body, escaped


def _is_character(code: int) -> bool:
    """What XML 1.0 calls a character."""
    return (
        code in (9, 10, 13)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )
