"""Whose account the credentials are for, as any process has learnt it from X: kept in the database, for all of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from triage.channels.x.post import Account
from triage.clock import Clock
from triage.errors import ChannelError, RetryLater
from triage.shapes import ready
from triage.store import Store

log = logging.getLogger(__name__)

_NAME: Final = "x_account"
#: Whoever could not be told comes again after so long.
_PAUSE: Final = timedelta(seconds=1)


class _Kept(msgspec.Struct, frozen=True):
    credentials: str
    id: str
    handle: str


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """The account of certain ``credentials`` (their fingerprint): what was learnt with others does not count."""

    store: Store
    credentials: str

    def get(self) -> Account | None:
        """``None`` where no process has learnt it yet."""
        with self.store.read() as transaction:
            kept = transaction.secrets.kept(_NAME)
        read = None if kept is None else msgspec.json.decode(kept, type=_Kept)
        return Account(read.id, read.handle) if read and read.credentials == self.credentials else None

    def note(self, account: Account) -> None:
        """X has said whose account it is."""
        kept = msgspec.json.encode(_Kept(self.credentials, account.id, account.handle)).decode()
        self.store.run(lambda transaction: transaction.secrets.keep(_NAME, kept))


class Whose:
    """Tells whose account it is to those who cannot wait for X.

    ``said`` is what X has said to this process, and ``ask`` asks it, which may take long.
    """

    def __init__(
        self, kept: KnownAccount, said: Callable[[], Account | None], ask: Callable[[], Account], clock: Clock
    ) -> None:
        self._kept = kept
        self._said = said
        self._ask = ask
        self._clock = clock
        self._asking = threading.Lock()

    def known(self) -> Account:
        """Whose it is. Where nobody knows, X is asked meanwhile, so that it is known later.

        Raises:
            RetryLater: it is not known yet.
        """
        account = self._said() or self._kept.get()
        if account is None:
            if self._asking.acquire(blocking=False):
                threading.Thread(target=self._learn, name="x: whose account", daemon=True).start()
            raise RetryLater("it is not known yet whose account this is", self._clock.now() + _PAUSE)
        return account

    def _learn(self) -> None:
        try:
            self._ask()
        except ChannelError as error:  # the call has told the watch
            log.warning("whose account of X this is could not be asked: %s", error)
        except Exception:
            log.exception("whose account of X this is could not be asked")
        finally:
            self._asking.release()


ready(_Kept)
