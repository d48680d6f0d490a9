"""One case as a conversation: who said what, what the model made of it, and what became of our replies.

Messages come masked. One alone may be unmasked: that which somebody was just shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.desk import highlight, words
from app.desk.highlight import Piece
from triage.domain.decision import Action, Because
from triage.domain.legs import is_private
from triage.domain.reply import ReplyKind, ReplyState
from triage.domain.scores import Head, Judgement, Reason, Risk, Scores
from triage.service.revealing import Reveal, Revealed
from triage.service.showing import Shown
from triage.service.worklist import CaseView, ReplyLine

_WHY = {
    Action.ANSWER: "Why answered automatically?",
    Action.QUEUE: "Why a person?",
    Action.CLOSE: "Why no answer?",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One head's judgement, in words. ``cues`` are reasons that are no words of the text."""

    head: Head
    title: str
    label: str
    confidence: str
    found: tuple[Reason, ...]
    cues: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """What the customer wrote. Without ``verdicts`` it has not been looked at yet."""

    id: int
    external_id: str
    author: str
    at: datetime
    pieces: Sequence[Piece]
    verdicts: Sequence[Verdict]
    why: str
    reasons: Sequence[str]
    language: str | None
    model: str | None
    exposed: tuple[str, ...]  # types of personal data in it
    risk: Risk | None
    latest: bool
    revealed: bool  # its pieces are those of the text as received
    looks: Sequence[Reveal]  # who was shown it so, oldest first
    pictures: bool
    private: bool  # only the brand and the customer can read it


@dataclass(frozen=True, slots=True)
class OurMessage:
    """What the brand wrote: through this product (``state`` is known) or elsewhere."""

    text: str
    author: str
    at: datetime
    state: ReplyState | None = None
    problem: str | None = None
    reply: int | None = None
    released_by: str | None = None
    release_reason: str | None = None
    private: bool = False


Entry = CustomerMessage | OurMessage


def of(view: CaseView, brand: str, revealed: Revealed | None = None) -> list[Entry]:
    """The conversation, oldest first; the message that was ``revealed`` without its masks."""
    latest = next((message.id for message in reversed(view.messages) if message.inbound), None)
    sent = [reply for reply in view.replies if reply.state is ReplyState.SENT]
    echoed = {(reply.channel, reply.external_id or (reply.in_reply_to, reply.text)) for reply in sent}
    entries: list[Entry] = []
    for message in view.messages:
        if message.inbound:
            own = revealed if revealed and revealed.id == message.id else None
            looks = [look for look in view.reveals if look.message == message.id]
            entries.append(_customer(message, own, looks, latest=message.id == latest))
        elif echoed.isdisjoint(_as_echo(message)):  # else it is our own reply coming back
            author, private = f"{brand}, outside this desk", is_private(message.channel)
            entries.append(OurMessage(message.text, author, message.created_at, private=private))
    entries += [_ours(reply) for reply in view.replies]
    return sorted(entries, key=lambda entry: entry.at)


def _as_echo(message: Shown) -> set[tuple[str, str | tuple[str | None, str]]]:
    """What a reply that this is would be known by: its id, or where a person has said that it is out, its words."""
    return {(message.channel, message.external_id), (message.channel, (message.in_reply_to, message.text))}


def _customer(message: Shown, revealed: Revealed | None, looks: Sequence[Reveal], *, latest: bool) -> CustomerMessage:
    scores, decision = revealed.scores if revealed else message.scores, message.decision
    text, items = (revealed.text, revealed.spans) if revealed else (message.text, message.masks)
    reasons = {head: scores.head(head).why for head in Head} if scores else {}
    return CustomerMessage(
        id=message.id,
        external_id=message.external_id,
        author=message.author_id,
        at=message.created_at,
        pieces=highlight.pieces(text, items, reasons),
        verdicts=_verdicts(text, scores) if scores else (),
        why=_WHY[decision.action] if decision else "",
        reasons=[_in_words(reason, scores) for reason in decision.reasons] if decision and scores else (),
        language=scores.language if scores else message.lang,
        model=scores.model if scores else None,
        exposed=message.exposed,
        risk=scores.risk if scores else None,
        latest=latest,
        revealed=revealed is not None,
        looks=looks,
        pictures=message.pictures,
        private=is_private(message.channel),
    )


def _in_words(reason: Because, scores: Scores) -> str:
    """The reason with the intent as people call it."""
    intent = scores.intent.label
    return reason.text.replace(f"“{intent}”", f"“{words.label(Head.INTENT, intent)}”")


def _verdicts(text: str, scores: Scores) -> list[Verdict]:
    return [_verdict(text, head, scores.head(head)) for head in words.HEADS]


def _verdict(text: str, head: Head, judgement: Judgement) -> Verdict:
    found = highlight.words_found(text, judgement.why)
    return Verdict(
        head=head,
        title=words.HEADS[head],
        label=words.label(head, judgement.label),
        confidence=words.percent(judgement.confidence),
        found=tuple(found),
        cues=tuple(reason for reason in judgement.why if reason not in found),
    )


def _ours(reply: ReplyLine) -> OurMessage:
    author = "Answered automatically" if reply.kind is ReplyKind.AUTOMATIC else reply.author
    return OurMessage(
        reply.text,
        author,
        reply.created_at,
        reply.state,
        reply.problem,
        reply.id,
        reply.released_by,
        reply.release_reason,
        is_private(reply.channel),
    )
