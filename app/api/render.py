"""From the product's values to the API's. What comes in here is masked already, but for :func:`revealed`."""

from __future__ import annotations

from collections.abc import Iterable

from app.api.schemas import (
    CaseDetail,
    CaseOut,
    DecisionOut,
    JudgementOut,
    MessageOut,
    MoveOut,
    PrivateOut,
    ReasonOut,
    ReplyOut,
    RevealedOut,
    RevealOut,
    RiskOut,
    SuggestionOut,
)
from triage.domain.decision import PrivateMove
from triage.domain.legs import is_private
from triage.domain.scores import Head, Risk, Span
from triage.service.revealing import Reveal, Revealed
from triage.service.showing import Shown
from triage.service.worklist import CaseView


def message(shown: Shown) -> MessageOut:
    out = MessageOut(
        id=shown.external_id,
        case=shown.case_id,
        author_id=shown.author_id,
        inbound=shown.inbound,
        created_at=shown.created_at,
        text=shown.text,
        state=shown.state.value,
        private=is_private(shown.channel),
        spans=_spans(shown.masks),
        pictures=shown.pictures,
    )
    scores, decision = shown.scores, shown.decision
    if scores is None or decision is None:
        return out
    return out.model_copy(
        update={
            "language": scores.language,
            "model": scores.model,
            "risk": risk(scores.risk),
            "scores": {
                head.value: JudgementOut(
                    label=scores.head(head).label,
                    confidence=round(scores.head(head).confidence, 4),
                    why=[(token, round(share, 4)) for token, share in scores.head(head).why],
                )
                for head in Head
            },
            "decision": DecisionOut(
                action=decision.action.value,
                queue=decision.queue,
                reasons=[ReasonOut(code=reason.code, text=reason.text) for reason in decision.reasons],
                move=_move(decision.move),
            ),
        }
    )


def risk(found: Risk | None) -> RiskOut | None:
    if found is None:
        return None
    return RiskOut(level=found.level.value, score=round(found.score, 4), why=list(found.reasons))


def _move(move: PrivateMove | None) -> MoveOut | None:
    return MoveOut(code=move.code, text=move.text, delete=move.delete) if move else None


def detail(view: CaseView) -> CaseDetail:
    return CaseDetail(
        case=CaseOut.of(view.case),
        messages=[message(shown) for shown in view.messages],
        replies=[
            ReplyOut(
                id=line.id,
                text=line.text,
                kind=line.kind.value,
                author=line.author,
                state=line.state.value,
                created_at=line.created_at,
                in_reply_to=line.in_reply_to,
                problem=line.problem,
                private=is_private(line.channel),
                released_by=line.released_by,
                release_reason=line.release_reason,
            )
            for line in view.replies
        ],
        suggestions=[
            SuggestionOut(
                snippet=suggestion.match.snippet,
                version=suggestion.match.version,
                title=suggestion.title,
                confidence=round(suggestion.match.confidence, 4),
                text=suggestion.text,
            )
            for suggestion in view.suggestions
        ],
        reveals=[reveal(one) for one in view.reveals],
        opted_out=view.opted_out,
        private=PrivateOut(text=view.move.text, why=_move(view.move.why)) if view.move else None,
    )


def revealed(found: Revealed) -> RevealedOut:
    """A message as received; no other answer holds one."""
    return RevealedOut(
        id=found.external_id, case=found.case_id, at=found.at, text=found.text, spans=_spans(found.spans)
    )


def reveal(one: Reveal) -> RevealOut:
    return RevealOut(
        number=one.number,
        at=one.at,
        user=one.actor,
        case=one.case_id,
        message=one.external_id,
        types=list(one.types),
        reason=one.reason,
    )


def _spans(spans: Iterable[Span]) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.type) for span in spans]
