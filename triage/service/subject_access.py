"""Everything that is held about a person, for the person to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.clock import Clock
from triage.domain.case import Case
from triage.domain.erasure import Certificate
from triage.domain.event import Event
from triage.domain.message import StoredMessage
from triage.errors import NotFound
from triage.service.worklist import ReplyLine, reply_line
from triage.store import Store
from triage.store.judgements import Judged


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message with all that was made of it: scores with their reasons, decision, replies, and what happened."""

    message: StoredMessage
    judged: Judged | None
    answers: Sequence[StoredMessage]  # the brand's own posts that answer it
    replies: Sequence[ReplyLine]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Dossier:
    """All about one author, on one channel or on all; messages are the oldest first."""

    author_id: str
    channel: str | None
    made_at: datetime
    messages: Sequence[HeldMessage]
    cases: Sequence[Case]
    erasures: Sequence[Certificate]


def dossier(store: Store, clock: Clock, author_id: str, channel: str | None = None) -> Dossier:
    """Everything that is held about an author, as one consistent picture.

    Raises:
        NotFound: nothing is held, and nothing was ever erased at their request.
    """
    with store.write() as transaction:  # writes at most the secret that authors are hashed under
        messages = transaction.messages.by_author(author_id, channel)
        ids = [message.id for message in messages]
        judged = transaction.judgements.of(ids)
        answers = transaction.messages.posts_answering(messages)
        replies = transaction.replies.to_messages(ids)
        events = transaction.events.of_messages(ids)
        erasures = transaction.erasures.of_author(transaction.secrets.author_hash(author_id))
        found = [transaction.cases.get(case_id) for case_id in sorted({message.case_id for message in messages})]
    if not messages and not erasures:
        raise NotFound("nothing is held of this author")
    held = [
        HeldMessage(
            message,
            judged.get(message.id),
            [answer for answer in answers if (answer.channel, answer.in_reply_to) == _place(message)],
            [reply_line(row) for row in replies if row.message_id == message.id],
            [event for event in events if event.message_id == message.id],
        )
        for message in messages
    ]
    return Dossier(author_id, channel, clock.now(), held, [case for case in found if case], erasures)


def _place(message: StoredMessage) -> tuple[str, str]:
    return message.channel, message.external_id
