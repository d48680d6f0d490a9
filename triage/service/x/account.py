"""Whose account this is: asked once, and then known."""

from __future__ import annotations

import threading
from collections.abc import Callable

from triage.channels.x.post import Account


class OwnAccount:
    """The brand's account. Safe to share between threads."""

    def __init__(self, ask: Callable[[], Account]) -> None:
        self._ask = ask
        self._known: Account | None = None
        self._lock = threading.Lock()

    def known(self) -> Account:
        """The account.

        Raises:
            RetryLater: X does not say now.
            GiveUp: X refuses to say.
        """
        with self._lock:
            if self._known is None:
                self._known = self._ask()
            return self._known

    def id(self) -> str:
        """The account's id; raises as :meth:`known` does."""
        return self.known().id
