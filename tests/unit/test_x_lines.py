"""Lines of a stream, however its bytes arrive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import ProtocolError

from triage.channels.x.lines import MOST_BYTES_OF_A_LINE, read_lines
from triage.errors import ChannelError

LINE = st.binary(max_size=40).filter(lambda line: not set(line) & set(b"\r\n"))


class Parts:
    """A body that arrives in these parts, and then ends, or breaks."""

    def __init__(self, *parts: bytes, breaks: Exception | None = None) -> None:
        self._parts = list(parts)
        self._breaks = breaks

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        if self._parts:
            return self._parts.pop(0)
        if self._breaks:
            raise self._breaks
        return b""


@given(st.lists(LINE, max_size=12), st.lists(st.integers(1, 60), max_size=40), st.sampled_from([b"\n", b"\r\n"]))
def test_lines_are_the_same_wherever_their_bytes_are_parted(lines: list[bytes], cuts: list[int], end: bytes) -> None:
    whole = b"".join(line + end for line in lines)
    parts = []
    for cut in cuts:
        parts.append(whole[:cut])
        whole = whole[cut:]
    assert list(read_lines(Parts(*[part for part in [*parts, whole] if part]))) == lines


def test_a_line_is_given_before_the_next_bytes_are_asked_for() -> None:
    lines = read_lines(Parts(b"one\r\ntw", breaks=AssertionError("asked for too early")))
    assert next(lines) == b"one"


def test_heartbeats_are_empty_lines() -> None:
    assert list(read_lines(Parts(b"\r\n", b"\r", b"\n{}\r\n\r\n"))) == [b"", b"", b"{}", b""]


def test_an_end_in_the_middle_of_a_line_is_an_error_after_the_whole_ones() -> None:
    lines = read_lines(Parts(b"one\r\ntw"))
    assert next(lines) == b"one"
    with pytest.raises(ChannelError, match="in the middle of a line"):
        next(lines)


@pytest.mark.parametrize("error", [ProtocolError("incomplete"), ConnectionResetError(), ValueError("closed")])
def test_a_broken_connection_is_an_error_of_the_channel(error: Exception) -> None:
    with pytest.raises(ChannelError, match=type(error).__name__):
        list(read_lines(Parts(b"one\r\n", breaks=error)))


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    part = b"x" * 65536
    with pytest.raises(ChannelError, match="over 4,194,304 bytes"):
        list(read_lines(Parts(*[part] * (MOST_BYTES_OF_A_LINE // len(part) + 2))))
