"""Unpacking: whatever the pieces that it comes in, and whatever the server calls it."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import SourceError
from monitor.sources.unpack import Unpacker

BODIES = st.builds(lambda unit, times: unit * times, st.binary(max_size=40), st.integers(0, 9_000))
STEPS = st.integers(1, 100_000)


def unpacked(packed: bytes, encoding: str, step: int = 100_000) -> tuple[bytes, bool]:
    unpacker, body = Unpacker(encoding), b""
    step = max(step, len(packed) // 500)
    for start in range(0, len(packed), step):
        for piece in unpacker.feed(packed[start : start + step]):
            assert len(piece) <= max(65_536, step + 1)
            body += piece
    return body + unpacker.end(), unpacker.complete


@given(BODIES, STEPS, st.sampled_from(["gzip", " X-GZIP", "", "identity", "deflate"]))
def test_gzip_is_unpacked_whatever_it_is_called(body: bytes, step: int, name: str) -> None:
    assert unpacked(gzip.compress(body), name, step) == (body, True)


@given(BODIES, STEPS)
def test_deflate_is_unpacked_with_its_mark_and_without(body: bytes, step: int) -> None:
    packed = zlib.compress(body)
    assert unpacked(packed, "deflate", step) == (body, True)
    assert unpacked(packed[2:-4], "deflate", step) == (body, True)


@pytest.mark.parametrize("size", [65_536, 65_537, 65_539, 131_073])
def test_nothing_is_left_inside_when_the_last_byte_has_gone_in(size: int) -> None:
    assert unpacked(zlib.compress(bytes(size))[2:-4], "deflate") == (bytes(size), True)


@given(st.binary(max_size=200_000).filter(lambda body: body[:2] != b"\x1f\x8b"), STEPS)
def test_what_is_not_packed_stays_as_it_is_whatever_it_is_called(body: bytes, step: int) -> None:
    for name in ("gzip", "", "identity", "none", "UTF-8"):
        assert unpacked(body, name, step) == (body, True)


@given(st.lists(BODIES, min_size=2, max_size=5), STEPS, st.sampled_from([b"", b"\0", b"\0" * 600, b"\x1f"]))
def test_members_in_a_row_are_one_body_and_padding_is_none(bodies, step: int, padding: bytes) -> None:
    packed = b"".join(map(gzip.compress, bodies)) + padding
    assert unpacked(packed, "gzip", step) == (b"".join(bodies), True)


@given(st.binary(min_size=2_000, max_size=5_000), st.integers(2, 500), STEPS)
def test_what_breaks_off_is_not_complete(body: bytes, missing: int, step: int) -> None:
    got, complete = unpacked(gzip.compress(body)[:-missing], "gzip", step)
    assert body.startswith(got)
    assert not complete


@pytest.mark.parametrize("name", ["br", "zstd", "gzip, gzip", "compress", "x" * 1_000])
def test_what_was_not_asked_for_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match="not asked for") as raised:
        Unpacker(name)
    assert raised.value.reason == "encoding"
    assert len(str(raised.value)) < 120


@given(st.binary(max_size=3_000), st.sampled_from(["gzip", "deflate", ""]))
def test_broken_bytes_are_an_error_or_a_body(garbage: bytes, name: str) -> None:
    for packed in (garbage, b"\x1f\x8b\x08" + garbage):
        try:
            unpacked(packed, name)
        except SourceError as error:
            assert error.reason == "encoding"  # noqa: PT017 - both outcomes are right
