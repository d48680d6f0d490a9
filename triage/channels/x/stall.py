"""Notices a connection that stands but says nothing, and ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

from triage.clock import Clock

#: How often within the silence that is borne the timer looks.
_LOOKS: Final = 12
#: Ends reading on a connection, from another thread (``urllib3.HTTPResponse.shutdown``).
Hangup = Callable[[], None]


class StallTimer:
    """Hangs up on a connection that is silent for longer than ``patience``, or when ``stop`` is set.

    A socket's own time-out does not do: it counts by another clock than the product's, and knows nothing
    of ``stop``. Only time spent waiting for X counts, not time in which what it said is being worked on, and
    none that jumps: a machine that was suspended may have a word of X's to read first.
    """

    def __init__(self, clock: Clock, stop: threading.Event, patience: timedelta) -> None:
        self._clock = clock
        self._stop = stop
        self._patience = patience
        self._lock = threading.Lock()
        self._over = False
        self._hangup: Hangup | None = None
        self._silent_looks: int | None = None  # since it is waited for; None while what it said is worked on
        self._heard_at = clock.now()
        self._stalled = False

    @property
    def heard_at(self) -> datetime:
        """When a connection last said something; at first, when the timer was made."""
        return self._heard_at

    @property
    def stalled(self) -> bool:
        """Whether the connection that is watched was hung up on for its silence."""
        return self._stalled

    def __enter__(self) -> Self:
        threading.Thread(target=self._look, name="x-stall-timer", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True

    def connected(self, hangup: Hangup) -> None:
        """Watch this connection from now on."""
        with self._lock:
            self._hangup, self._stalled, self._silent_looks = hangup, False, None
            self._heard_at = self._clock.now()
            if self._stop.is_set():
                self._hang_up()

    def disconnected(self) -> None:
        """There is nothing to watch."""
        with self._lock:
            self._hangup = self._silent_looks = None

    def wait(self) -> None:
        """The connection is about to be read."""
        with self._lock:
            self._silent_looks = 0

    def heard(self) -> None:
        """The connection said something."""
        with self._lock:
            self._silent_looks = None
            self._heard_at = self._clock.now()

    def _look(self) -> None:
        while not self._clock.wait(self._stop, self._patience / _LOOKS) and not self._over:
            with self._lock:
                if self._silent_looks is not None:
                    self._silent_looks += 1
                    if self._silent_looks > _LOOKS:
                        self._stalled = True
                        self._hang_up()
        with self._lock:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._hangup is not None:
            with suppress(OSError, RuntimeError, ValueError):  # it may have ended by itself meanwhile
                self._hangup()
