"""A server whose answer comes a byte at a time and never ends a line; with a certificate, over TLS nothing comes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
_BYTE = b"1\r\n \r\n"


@contextmanager
def drips(
    tls: ssl.SSLContext | None = None, every_seconds: float = 0.2, head: bytes = _HEAD, byte: bytes = _BYTE
) -> Iterator[str]:
    """Its address. Each connection is served by a thread until the client goes: ``head``, then drops."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    given = (connection, tls, every_seconds, over, head, byte)
                    threading.Thread(target=_serve, args=given, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()


def _serve(
    plain: socket.socket,
    tls: ssl.SSLContext | None,
    every_seconds: float,
    over: threading.Event,
    head: bytes,
    byte: bytes,
) -> None:
    with suppress(OSError), tls.wrap_socket(plain, server_side=True) if tls else plain as connection:
        connection.recv(65536)
        connection.sendall(head)
        while not over.wait(every_seconds):
            connection.sendall(byte)
