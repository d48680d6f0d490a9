"""What a scorer is asked about messages: each text with the text that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.domain.message import IncomingMessage, StoredMessage
from triage.domain.scores import Utterance
from triage.store import Store, Transaction
from triage.store.messages import Parent

Message = StoredMessage | IncomingMessage
#: By channel and the channel's id.
Parents = Mapping[tuple[str, str], Parent]


def utterances(messages: Sequence[Message], parents: Parents) -> list[Utterance]:
    return [
        Utterance(message.text, parent.text if (parent := parent_of(message, parents)) else None, message.lang)
        for message in messages
    ]


def parent_of(message: Message, parents: Parents) -> Parent | None:
    return parents.get((message.channel, message.in_reply_to)) if message.in_reply_to else None


def stored_parents(transaction: Transaction, messages: Sequence[Message]) -> dict[tuple[str, str], Parent]:
    """The parents of ``messages`` that are stored."""
    return transaction.messages.parents((one.channel, one.in_reply_to) for one in messages if one.in_reply_to)


def foreseen(store: Store, coming: Sequence[IncomingMessage]) -> list[Utterance]:
    """What deciding ``coming`` will ask a scorer, once they are taken in; nothing for those that are stored already.

    It may err, where something else changes a message or its parent until then.
    """
    if not coming:
        return []
    with store.read() as transaction:
        known = {
            (channel, key)
            for channel in {one.channel for one in coming}
            for key in transaction.messages.cases_of(channel, [one.external_id for one in coming])
        }
        new = [one for one in coming if (one.channel, one.external_id) not in known]
        own = {(one.channel, one.external_id): Parent(one.inbound, one.text, bool(one.in_reply_to)) for one in new}
        asked = [one for one in new if one.inbound]
        return utterances(asked, stored_parents(transaction, asked) | own)
