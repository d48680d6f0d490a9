"""How far the work has come, for who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triage.domain.message import MessageState
from triage.domain.reply import ReplyState
from triage.store import Store

_UNDER_WAY: Final = (ReplyState.PENDING, ReplyState.SENDING)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many messages are stored, the brand's posts among them, and how many of them nobody has decided; how many
    replies are on their way, and how many are sent."""

    stored: int
    undecided: int
    under_way: int
    sent: int

    @property
    def is_idle(self) -> bool:
        return not self.undecided and not self.under_way


def progress(store: Store) -> Progress:
    with store.read() as transaction:
        messages = transaction.messages.counts()
        replies = transaction.replies.counts()
    return Progress(
        stored=sum(messages.values()),
        undecided=sum(count for (_, state), count in messages.items() if state is MessageState.RECEIVED),
        under_way=sum(replies.get(state, 0) for state in _UNDER_WAY),
        sent=replies.get(ReplyState.SENT, 0),
    )
