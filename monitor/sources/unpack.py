"""Unpacking what a server sends, a slice at a time: a small file can hold gigabytes, which are counted first.

One layer is unpacked and no more; a bomb inside a bomb stays closed. The first bytes say whether there is a layer:
servers send packed bodies that they call plain, and plain ones that they call packed.
"""

import zlib
from collections.abc import Iterator

from monitor.errors import SourceError

_SLICE = 65_536
_GZIP = b"\x1f\x8b"
_PLAIN_NAMES = {"", "identity", "none", "utf-8"}  # the last two are what misconfigured servers say
_PACKED_NAMES = {"gzip", "x-gzip", "deflate"}
_MOST_MEMBERS = 1_000
"""A server that packs as it goes makes a few hundred of 8 MB; more is a way to keep a reader busy."""


class Unpacker:
    """Takes a body's bytes as they come, and yields them unpacked.

    Args:
        encoding: the Content-Encoding as declared.

    Raises:
        SourceError: `encoding`, for one that Parley does not ask for.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in _PLAIN_NAMES | _PACKED_NAMES:
            raise SourceError(
                "encoding", f"the answer is packed as {encoding[:40]!r}, which was not asked for"
            )
        self._head = b""
        self._begun = False
        self._layer: zlib._Decompress | None = None
        self._members = 1

    @property
    def complete(self) -> bool:
        """Whether what came so far can be all: a packed body has an end mark."""
        return self._layer is None or self._layer.eof

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Unpack some more bytes, in pieces of at most 64 kB.

        Raises:
            SourceError: `encoding`, when they are broken.
        """
        packed, self._head = self._head + packed, b""
        if len(packed) < len(_GZIP) and (not self._begun or (self._layer and self._layer.eof)):
            self._head = packed  # too short to tell what begins here
            return
        if not self._begun:
            self._layer, self._begun = _layer(packed, self._encoding), True
        if self._layer is None:
            yield packed
            return
        try:
            yield from self._unpacked(self._layer, packed)
        except zlib.error as error:
            raise SourceError("encoding", f"the answer's compression is broken: {error}") from error

    def end(self) -> bytes:
        """What is left when no more bytes come: a body too short to be packed."""
        return b"" if self._begun else self._head

    def _unpacked(self, layer: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
        while packed:
            if layer.eof:  # gzip allows several members in a row; anything else after the end is padding
                if len(packed) < len(_GZIP):
                    self._head = packed
                if not packed.startswith(_GZIP):
                    return
                layer = self._layer = self._next_member()
            piece = layer.decompress(packed, _SLICE)
            yield piece
            packed = layer.unconsumed_tail or layer.unused_data
            while len(piece) == _SLICE and not packed:  # the last bytes taken in may not all have come out
                piece = layer.decompress(b"", _SLICE)
                yield piece
                packed = layer.unused_data

    def _next_member(self) -> "zlib._Decompress":
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise SourceError("encoding", f"the answer is packed in more than {_MOST_MEMBERS} pieces")
        return zlib.decompressobj(zlib.MAX_WBITS | 16)


def _layer(head: bytes, encoding: str) -> "zlib._Decompress | None":
    """What unpacks a body that begins with `head` (two bytes or more), or None when it is not packed."""
    if head.startswith(_GZIP):
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    if encoding == "deflate":  # some servers leave zlib's own two bytes out (RFC 1950, section 2.2)
        has_mark = head[0] & 0x0F == zlib.DEFLATED and int.from_bytes(head[:2], "big") % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if has_mark else -zlib.MAX_WBITS)
    return None
