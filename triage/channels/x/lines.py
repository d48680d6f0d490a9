"""The lines of a streaming answer: each is given on as soon as its last byte is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from urllib3.exceptions import HTTPError

from triage.errors import ChannelError

#: No post is longer by far; what is longer is not a stream of posts.
MOST_BYTES_OF_A_LINE: Final = 4 * 1024 * 1024
_BYTES_AT_A_TIME: Final = 64 * 1024


class Body(Protocol):
    """What is needed of ``urllib3.HTTPResponse``."""

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """What is there, but at least a byte; none at the end."""
        ...


def read_lines(body: Body) -> Iterator[bytes]:
    """Whole lines without their ends, until the other side closes properly. A heartbeat is an empty line.

    Nothing waits for a buffer to fill: a read gives back what has arrived.

    Raises:
        ChannelError: the connection broke, or ended in the middle of a line; whole lines came before.
    """
    begun = b""
    while data := _read(body):
        *whole, begun = (begun + data).split(b"\n")
        for line in whole:
            yield line.rstrip(b"\r")
        if len(begun) > MOST_BYTES_OF_A_LINE:
            raise ChannelError(f"X sent a line of over {MOST_BYTES_OF_A_LINE:,} bytes")
    if begun.strip():
        raise ChannelError("X ended the connection in the middle of a line")


def _read(body: Body) -> bytes:
    try:
        return body.read1(_BYTES_AT_A_TIME, decode_content=True)
    except (HTTPError, OSError, ValueError) as error:  # ValueError: a TLS socket that was shut down beside us
        raise ChannelError(f"the connection to X broke ({type(error).__name__})") from error
