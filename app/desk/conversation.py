"""One case as a conversation: who said what, what the model made of it, and what became of our replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.desk import highlight, words
from app.desk.exposed import spans_of
from app.desk.highlight import Piece
from triage.domain.decision import Action, Because
from triage.domain.message import StoredMessage
from triage.domain.reply import ReplyKind, ReplyState
from triage.domain.scores import Head, Judgement, Reason, Scores
from triage.privacy.redact import mask
from triage.service.worklist import CaseView, ReplyLine
from triage.store.judgements import Judged

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
    author: str
    at: datetime
    pieces: Sequence[Piece]
    verdicts: Sequence[Verdict]
    why: str
    reasons: Sequence[str]
    language: str | None
    model: str | None
    exposed: tuple[str, ...]  # types of personal data in it
    latest: bool


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


Entry = CustomerMessage | OurMessage


def of(view: CaseView, brand: str, *, reveal: bool) -> list[Entry]:
    """The conversation, oldest first. ``reveal`` shows exposed personal data instead of masking it."""
    latest = next((message.id for message in reversed(view.messages) if message.inbound), None)
    echoed = {(reply.in_reply_to, reply.text) for reply in view.replies if reply.state is ReplyState.SENT}
    entries: list[Entry] = []
    for message in view.messages:
        if message.inbound:
            judged = view.judged.get(message.id)
            entries.append(_customer(message, judged, latest=message.id == latest, reveal=reveal))
        elif (message.in_reply_to, message.text) not in echoed:  # else it is our own reply coming back
            text = message.text if reveal else mask(message.text, spans_of(message, None))
            entries.append(OurMessage(text, f"{brand}, outside this desk", message.created_at))
    entries += [_ours(reply) for reply in view.replies]
    return sorted(entries, key=lambda entry: entry.at)


def _customer(message: StoredMessage, judged: Judged | None, *, latest: bool, reveal: bool) -> CustomerMessage:
    scores = judged.scores if judged else None
    spans = spans_of(message, judged)
    reasons = {head: scores.head(head).why for head in Head} if scores else {}
    return CustomerMessage(
        id=message.id,
        author=message.author_id,
        at=message.created_at,
        pieces=highlight.pieces(message.text, () if reveal else spans, reasons),
        verdicts=_verdicts(message.text, scores) if scores else (),
        why=_WHY[judged.decision.action] if judged else "",
        reasons=[_in_words(reason, judged.scores) for reason in judged.decision.reasons] if judged else (),
        language=scores.language if scores else message.lang,
        model=scores.model if scores else None,
        exposed=tuple(dict.fromkeys(span.type for span in spans)),
        latest=latest,
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
    )
