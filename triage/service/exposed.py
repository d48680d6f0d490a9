"""What a case has exposed so far, for the guard to compare replies with."""

from __future__ import annotations

from triage.domain.scores import Span
from triage.privacy.guard import Guard
from triage.privacy.repeats import Exposed
from triage.store import Transaction


def exposed_in(transaction: Transaction, guard: Guard, case_id: int) -> tuple[Exposed, ...]:
    """The personal data in the customers' messages of a case: as judged when they came in, and as found now.

    Both, because a message may not have been judged yet, and rules learn.
    """
    if transaction.cases.get(case_id) is None:
        return ()
    messages = [message for message in transaction.messages.in_case(case_id) if message.inbound]
    judged = transaction.judgements.of(message.id for message in messages)
    items: dict[Exposed, None] = {}
    for message in messages:
        spans = judged[message.id].scores.spans if message.id in judged else ()
        kept = [span for span in spans if _lies_in(span, message.text)]
        items |= dict.fromkeys(guard.exposed_by(message.text, kept))
    return tuple(items)


def _lies_in(span: Span, text: str) -> bool:
    """Whether the span can be one of this text: an edit or an erasure may have shortened it."""
    return 0 <= span.start < span.end <= len(text)
