"""The end of a request: nothing leaves later, and no answer is waited for longer.

Time-outs of a socket begin anew with each part of an answer, and those of a connection with each address that a name
has; looking the name up has none. Whoever relies on it that a post is on X by some moment, or will never be there,
needs one end for all of it.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError

_of_thread: Final = threading.local()


class Deadline:
    """A block whose requests, made by this thread over :class:`PunctualAdapter`, end with it."""

    def __init__(self, span: timedelta) -> None:
        self._timer = threading.Timer(span.total_seconds(), self._pass)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._over = False

    @property
    def over(self) -> bool:
        """Whether it has passed."""
        return self._over

    def __enter__(self) -> Self:
        _of_thread.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _of_thread.deadline = None
        with self._lock:
            self._socket = None  # from here on it may be another request's

    def leave(self, connected: socket.socket | None) -> bool:
        """Whether a request may leave on this socket now; if so, the socket is hung up on when it is time."""
        with self._lock:
            self._socket = connected
            return not self._over

    def _pass(self) -> None:
        with self._lock:
            self._over = True
            if self._socket is not None:
                with suppress(OSError):  # it was closed already
                    self._socket.shutdown(socket.SHUT_RDWR)


class PunctualAdapter(HTTPAdapter):
    """The usual adapter of ``requests``, but nothing leaves after the deadline of the thread."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _make_punctual(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            _make_punctual(manager)
        return manager


class _Punctual(HTTPConnection):
    """Looks at the deadline when it is connected, and before a request on a connection that was kept open."""

    def connect(self) -> None:
        super().connect()
        self._check()

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            self._check()
        super().request(*args, **kwargs)

    def _check(self) -> None:
        deadline: Deadline | None = getattr(_of_thread, "deadline", None)
        if deadline is not None and not deadline.leave(self.sock):
            self.close()
            raise ConnectTimeoutError(self, "connected too late")


def _make_punctual(manager: PoolManager) -> None:
    """Have every kind of connection that it makes, secure ones and those by a proxy, look at the deadline."""
    manager.pool_classes_by_scheme = {
        scheme: type(
            f"Punctual{pool.__name__}",
            (pool,),
            {"ConnectionCls": type("Punctual", (_Punctual, pool.ConnectionCls), {})},  # type: ignore[attr-defined]
        )
        for scheme, pool in manager.pool_classes_by_scheme.items()
    }
