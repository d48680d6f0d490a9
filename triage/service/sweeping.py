"""Taking texts that are gone from the database out of the journals of sent replies too.

Journals are files, so they cannot be part of the transaction in which a text goes. The reply remembers
that it is still to be swept, until it is; being interrupted does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence

from triage.channels.protocol import Archive
from triage.clock import Clock
from triage.store import Store, Transaction


def sweep(store: Store, archives: Sequence[Archive], clock: Clock) -> None:
    """Sweep what can be swept, and finish the certificates that waited for it.

    A reply that is being sent right now is left for the next time: its text may yet be written.
    """
    store.run(lambda transaction: _sweep(transaction, archives, clock))


def _sweep(transaction: Transaction, archives: Sequence[Archive], clock: Clock) -> None:
    erased = transaction.replies.unswept()
    for archive in archives:
        keys = {reply.key for reply in erased if reply.channel == archive.name}
        if keys:
            archive.forget(keys)
    transaction.replies.swept([reply.id for reply in erased], clock.now())
    for erasure in transaction.erasures.unfinished():
        if transaction.replies.all_swept(erasure.replies):
            transaction.erasures.finish(erasure.id, clock.now())
