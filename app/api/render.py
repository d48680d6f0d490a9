"""From the product's values to the API's."""

from __future__ import annotations

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
    SuggestionOut,
)
from triage.domain.decision import PrivateMove
from triage.domain.message import StoredMessage
from triage.domain.scores import Head
from triage.service.worklist import CaseView
from triage.store.judgements import Judged


def message(stored: StoredMessage, judged: Judged | None) -> MessageOut:
    shown = MessageOut(
        id=stored.external_id,
        case=stored.case_id,
        author_id=stored.author_id,
        inbound=stored.inbound,
        created_at=stored.created_at,
        text=stored.text,
        state=stored.state.value,
    )
    if judged is None:
        return shown
    scores, decision = judged.scores, judged.decision
    return shown.model_copy(
        update={
            "language": scores.language,
            "model": scores.model,
            "spans": [(span.start, span.end, span.type) for span in scores.spans],
            "scores": {
                head.value: JudgementOut(
                    label=scores.head(head).label,
                    confidence=round(scores.head(head).confidence, 4),
                    why=list(scores.head(head).why),
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


def _move(move: PrivateMove | None) -> MoveOut | None:
    return MoveOut(code=move.code, text=move.text, delete=move.delete) if move else None


def detail(view: CaseView) -> CaseDetail:
    return CaseDetail(
        case=CaseOut.of(view.case),
        messages=[message(stored, view.judged.get(stored.id)) for stored in view.messages],
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
        private=PrivateOut(text=view.move.text, why=_move(view.move.why)) if view.move else None,
    )
