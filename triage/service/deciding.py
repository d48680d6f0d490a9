"""Deciding what is to be done with messages that came in: the heart of the worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triage.domain.case import Case
from triage.domain.decision import Action, Decision, Match, PrivateMove
from triage.domain.event import CHANNEL, Event, EventKind
from triage.domain.legs import Leg, is_private, leg_of
from triage.domain.limits import Lack
from triage.domain.message import MessageState, StoredMessage
from triage.domain.reply import ReplyKind
from triage.domain.scores import Scores
from triage.policy import Context, decide, may_ask_to_move, may_be_answered
from triage.service.auditing import audit_mark, sample
from triage.service.customers import Customers
from triage.service.ledger import Ledger
from triage.service.opinions import Opinions, opinions_ahead
from triage.service.ports import Judge
from triage.service.utterances import Parents, parent_of, stored_parents, utterances
from triage.service.x.gate import Gate
from triage.store import Store, Transaction
from triage.store.judgements import Judged
from triage.store.messages import Parent
from triage.store.replies import NewReply
from triage.text.mentions import mentioned

_FINAL = {Action.ANSWER: MessageState.ANSWERED, Action.QUEUE: MessageState.QUEUED, Action.CLOSE: MessageState.CLOSED}

#: When the brand's people wrote, by case and leg.
Posts = Mapping[tuple[int, Leg], Sequence[datetime]]


def decide_pending(store: Store, judge: Judge, limit: int) -> int:
    """Decide up to ``limit`` of the oldest waiting messages; how many were waiting.

    The decision, the state it leads to and the reply it causes are committed together, so a process
    that dies leaves each message either untouched or wholly decided.
    """
    opinions = opinions_ahead(store, judge, limit)
    return store.run(lambda transaction: _decide_pending(transaction, judge, limit, opinions))


def _decide_pending(transaction: Transaction, judge: Judge, limit: int, opinions: Opinions) -> int:
    pending = transaction.messages.claim_pending(limit)
    if not pending:
        return 0
    inbound = [message for message in pending if message.inbound]
    parents = stored_parents(transaction, inbound)
    opinions.scores(utterances(inbound, parents))  # all at once is faster than one by one

    gate = Gate(transaction, inbound, judge.brand.x)
    ledger = Ledger(transaction, (message.case_id for message in pending))
    customers = Customers(transaction, inbound, judge.brand.signature)
    posts = _posts(transaction, ledger, inbound)
    echoes = _echoes(transaction, pending)
    judged: list[Judged] = []
    settled: dict[int, MessageState] = {}
    for message in pending:  # oldest first: what happened before a message is its context
        if message.inbound:
            one = _decide(message, opinions, ledger, parents, posts, judge, gate, customers)
            judged.append(one)
            settled[message.id] = _FINAL[one.decision.action]
        else:
            _record(transaction, message, ledger, judge, is_echo=(message.channel, message.external_id) in echoes)
            settled[message.id] = MessageState.RECORDED
    transaction.replies.add(gate.sayings.new)
    customers.withdraw(ledger)
    ledger.commit()
    transaction.judgements.add(judged)
    transaction.audits.add(sample(judged, inbound, judge.brand.policy))
    transaction.messages.settle(settled)
    return len(pending)


def _decide(
    message: StoredMessage,
    opinions: Opinions,
    ledger: Ledger,
    parents: Parents,
    posts: Posts,
    judge: Judge,
    gate: Gate,
    customers: Customers,
) -> Judged:
    case = ledger.case(message.case_id)
    at, leg = judge.clock.seen(message.created_at), leg_of(message.channel)
    answered_since = any(message.created_at < written <= at for written in posts.get((case.id, leg), ()))
    known = _context(message, case, parent_of(message, parents), judge.brand.folded_handles, answered_since)
    context = gate.around(message, customers.around(message, case, known), at)
    (scores,) = opinions.scores(utterances([message], parents))
    match = opinions.match(message) if may_be_answered(scores, judge.brand.policy, context) else None
    sure = match is not None and match.confidence >= judge.brand.policy.min_match_confidence
    text = _text(message, match, judge, gate, at) if match is not None and sure else None
    context = replace(context, lack=text if isinstance(text, Lack) else None)
    decision = decide(scores, match, judge.brand.policy, judge.brand.routing, context)
    ledger.add(
        Event(
            message.case_id,
            at,
            EventKind.MESSAGE_DECIDED,
            message_id=message.id,
            data=facts(message.created_at, scores, decision) | audit_mark(message, decision, judge.brand.policy),
        )
    )
    customers.heard(message, context.said, decision, ledger, at)
    if decision.action is Action.ANSWER and match is not None and text is not None:
        gate.add(message, _automatic(message, text, at, match.snippet))
        customers.answered(message, text, at)
    elif decision.move is not None and _moves_by_itself(judge, scores, context):
        request = _request_to_move(message, decision.move, judge, at)
        if gate.allows(message, request.text, at):
            ledger.add(_moved(message, decision.move, at))
            gate.add(message, request)
            customers.answered(message, request.text, at)
    return Judged(message.id, scores, decision)


def _text(message: StoredMessage, match: Match, judge: Judge, gate: Gate, at: datetime) -> str | Lack:
    """What would be sent, or what is against all that the snippet can say."""
    return gate.wording(message, judge.answers.texts(match.snippet, message.channel, automatic=True), at)


def _context(
    message: StoredMessage, case: Case, parent: Parent | None, handles: frozenset[str], answered_since: bool
) -> Context:
    return Context(
        addressed=is_private(message.channel)
        or not handles.isdisjoint(mentioned(message.text))
        or (parent is not None and not parent.inbound),
        with_a_person=case.with_a_person,
        answered_since=answered_since,
        automatic_replies=case.automatic_replies,
        in_private=case.private_since is not None,
        private=is_private(message.channel),
        summoned=message.summoned,
        answers_a_person=parent is not None and not parent.inbound and parent.answers and not case.automatic_replies,
    )


def facts(created_at: datetime, scores: Scores, decision: Decision) -> dict[str, Any]:
    """What the log keeps of a decision on a message of this moment: labels and references, never words."""
    kept: dict[str, Any] = {
        "action": decision.action.value,
        "queue": decision.queue,
        "priority": decision.priority,
        "because": [reason.code for reason in decision.reasons],
        "created_at": created_at.isoformat(),
        "intent": scores.intent.label,
        "sentiment": scores.sentiment.label,
        "urgency": scores.urgency.label,
        "privacy": scores.privacy.label,
        "model": scores.model,
    }
    if decision.move is not None:
        kept["move"] = decision.move.code
    if decision.match is not None:
        kept["snippet"] = decision.match.snippet
        kept["snippet_version"] = decision.match.version
    return kept


def _moves_by_itself(judge: Judge, scores: Scores, context: Context) -> bool:
    return judge.brand.private.automatic and may_ask_to_move(scores, judge.brand.policy, context)


def _request_to_move(message: StoredMessage, move: PrivateMove, judge: Judge, at: datetime) -> NewReply:
    """A person gets the case all the same; this only saves the customer the wait for being asked."""
    text = judge.brand.private.ready(
        message.case_id, message.external_id, delete=move.delete, signature=judge.brand.signature
    )
    return _automatic(message, text, at)


def _moved(message: StoredMessage, move: PrivateMove, at: datetime) -> Event:
    data = {"kind": ReplyKind.AUTOMATIC.value, "code": move.code}
    return Event(message.case_id, at, EventKind.MOVED_TO_PRIVATE, message_id=message.id, data=data)


def _automatic(message: StoredMessage, text: str, at: datetime, snippet: str | None = None) -> NewReply:
    return NewReply(
        key=f"auto:{message.channel}:{message.external_id}",
        case_id=message.case_id,
        message_id=message.id,
        channel=message.channel,
        in_reply_to=message.external_id,
        kind=ReplyKind.AUTOMATIC,
        author="",
        text=text,
        created_at=at,
        snippet=snippet,
    )


def _posts(transaction: Transaction, ledger: Ledger, inbound: Sequence[StoredMessage]) -> Posts:
    """When the brand's people posted in the cases of these messages, recorded yet or not.

    A post that still waits to be recorded has been read by the customer all the same.
    """
    cases = {ledger.case(message.case_id) for message in inbound}
    posts: dict[tuple[int, Leg], list[datetime]] = defaultdict(list)
    for case in cases:
        if case.last_brand_at is not None and case.private_since is None:
            posts[case.id, leg_of(case.channel)].append(case.last_brand_at)
    waiting = transaction.messages.pending_posts(case.id for case in cases)
    # What is said on one leg answers nothing on the other, and a case remembers only one moment for both.
    waiting += transaction.private.brand_wrote([case.id for case in cases if case.private_since is not None])
    own = _own_replies(transaction, [(post.channel, post.external_id) for post in waiting])
    for post in waiting:
        if (post.channel, post.external_id) not in own:
            posts[post.case_id, leg_of(post.channel)].append(post.created_at)
    return posts


def _echoes(transaction: Transaction, pending: Sequence[StoredMessage]) -> set[tuple[str, str]]:
    """Which outbound posts are our own replies coming back through the channel."""
    return _own_replies(transaction, [(m.channel, m.external_id) for m in pending if not m.inbound])


def _own_replies(transaction: Transaction, posts: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for channel in {channel for channel, _ in posts}:
        ids = (external_id for own, external_id in posts if own == channel)
        found |= {(channel, external_id) for external_id in transaction.replies.echoes(channel, ids)}
    return found


def _record(transaction: Transaction, message: StoredMessage, ledger: Ledger, judge: Judge, *, is_echo: bool) -> None:
    """A post of the brand's own. Our replies were counted when they were sent.

    A person who replies elsewhere has taken over: what the service has not sent yet is withdrawn.
    """
    if is_echo:
        return
    case = ledger.case(message.case_id)
    if case.automatic_replies:
        for reply in transaction.replies.cancel_pending(case.id):
            at = judge.clock.seen(message.created_at)
            ledger.add(Event(case.id, at, EventKind.REPLY_CANCELLED, CHANNEL, message.id, {"reply": reply}))
    ledger.add(
        Event(
            message.case_id,
            judge.clock.seen(message.created_at),
            EventKind.BRAND_REPLIED,
            actor=CHANNEL,
            message_id=message.id,
            data={"created_at": message.created_at.isoformat()},
        )
    )
