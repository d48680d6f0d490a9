"""Whether an automatic reply that waits is wanted still."""

from __future__ import annotations

from triage.domain.case import Case, CaseState
from triage.domain.reply import Reply, ReplyKind
from triage.store import Transaction


def is_taken_over(reply: Reply, case: Case) -> bool:
    """Whether somebody else has to say now what an automatic reply was to say.

    An answer is wanted as long as the case waits for nobody. A request to go on in private is wanted beside a person
    too, until one has the case or has replied.
    """
    if reply.kind is not ReplyKind.AUTOMATIC or reply.released:
        return False
    return case.state is not CaseState.ANSWERED and not (reply.asks_to_move and case.state is CaseState.QUEUED)


def is_withheld(transaction: Transaction, reply: Reply) -> bool:
    """Whether an automatic reply may not leave: the customer has opted out since, or answering has stopped."""
    if reply.kind is not ReplyKind.AUTOMATIC:
        return False
    stopped = transaction.audits.answering().stopped is not None and not reply.released
    return stopped or bool(transaction.opt_outs.among([(reply.channel, reply.recipient)]))
