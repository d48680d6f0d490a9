"""A reply of which nobody knew whether it went out is on its channel: what follows for it, and for its case.

However that is found out, by its post that comes back or by a person who has seen it there, the same follows.
"""

from __future__ import annotations

from datetime import datetime

from triage.domain.event import SERVICE, Event, EventKind
from triage.domain.message import MessageState
from triage.domain.reply import Reply, ReplyKind
from triage.service.ledger import Ledger
from triage.store import Transaction


def settle_as_sent(
    transaction: Transaction, reply: Reply, external_id: str | None, at: datetime, actor: str = SERVICE
) -> None:
    """It is sent, under this id on its channel, if that is known; after it was locked.

    A case that went to a queue because the reply seemed lost waits for nobody any more: not even the person who
    was to look for it. One that waits for anything else stays where it is.
    """
    case_id = transaction.replies.lock(reply.id).case_id  # a merge moves replies: where it is now counts
    ledger = Ledger(transaction, [case_id])
    settles = _is_all_that_is_owed(transaction, reply, case_id)
    data = {"reply": reply.id, "kind": reply.kind.value, "settles": settles}
    ledger.add(Event(case_id, at, EventKind.REPLY_SENT, actor, reply.message_id, data))
    ledger.commit()
    transaction.replies.confirm(reply.id, external_id)


def _is_all_that_is_owed(transaction: Transaction, reply: Reply, case_id: int) -> bool:
    """Whether it answers the last that the customer wrote, on either leg, and is all that was to be said to it.

    An automatic reply may only ask the customer to go on in private, while a person has the message.
    """
    last = transaction.messages.latest_inbound([case_id]).get(case_id)
    if last is None or last.id != reply.message_id:
        return False
    return reply.kind is ReplyKind.AGENT or last.state is MessageState.ANSWERED
