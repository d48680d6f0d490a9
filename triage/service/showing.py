"""What of a stored message may be shown: the one place between the store and whoever looks.

Desk, API, lists of cases and exports get messages as :class:`Shown`, which holds no exposed item.
The text as received leaves by :mod:`triage.service.revealing` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from triage.domain.decision import Decision
from triage.domain.message import MessageState, StoredMessage
from triage.domain.scores import UNSCORED, Head, Scores, Span
from triage.privacy.pictures import may_carry_pictures
from triage.privacy.published import Published
from triage.privacy.redact import Find, ReasonMask, Redacted, redact
from triage.store.judgements import Judged


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with its exposed items masked.

    ``masks`` are ranges of ``text``, each with the type of what it hides. ``scores`` are those of the
    message with the same masks as spans, and without words of exposed items among the reasons.
    ``pictures``: there may be some, which are not searched for personal data.
    """

    id: int
    case_id: int
    channel: str
    external_id: str
    author_id: str
    inbound: bool
    created_at: datetime
    in_reply_to: str | None
    state: MessageState
    lang: str | None
    text: str
    masks: tuple[Span, ...] = ()
    scores: Scores | None = None
    decision: Decision | None = None
    pictures: bool = False

    @property
    def exposed(self) -> tuple[str, ...]:
        """Types of what is masked, each once, in the order of the text."""
        return types_of(self.masks)


@dataclass(frozen=True, slots=True)
class Showing:
    """Masks what ``find`` finds. ``published`` is what the brand itself has made public, which its posts may say."""

    find: Find
    published: Published = field(default_factory=Published)

    def message(self, stored: StoredMessage, judged: Judged | None = None) -> Shown:
        """A message as it may be shown; one that nobody has judged yet is not shown bare either."""
        spans = self.spans(stored, judged)
        shown = redact(stored.text, spans)
        return Shown(
            id=stored.id,
            case_id=stored.case_id,
            channel=stored.channel,
            external_id=stored.external_id,
            author_id=stored.author_id,
            inbound=stored.inbound,
            created_at=stored.created_at,
            in_reply_to=stored.in_reply_to,
            state=stored.state,
            lang=stored.lang,
            text=shown.text,
            masks=shown.masks,
            scores=_masked_scores(judged.scores, stored.text, spans, shown.masks) if judged else None,
            decision=judged.decision if judged else None,
            pictures=may_carry_pictures(stored.text),
        )

    def own(self, text: str) -> Redacted:
        """A text of the brand's: a reply, or a post that one of its people wrote elsewhere."""
        return redact(text, self._not_published(text))

    def spans(self, stored: StoredMessage, judged: Judged | None) -> tuple[Span, ...]:
        """Exposed items of the text as received: what the judgement found, and what is found now.

        So what the detection has learnt since is masked in older messages too.
        """
        if not stored.inbound:
            return self._not_published(stored.text)
        return _united(_known(judged, stored.text), self.find(stored.text))

    def _not_published(self, text: str) -> tuple[Span, ...]:
        return tuple(span for span in self.find(text) if text[span.start : span.end] not in self.published)


def types_of(spans: Sequence[Span]) -> tuple[str, ...]:
    """The types of ``spans``, each once, in their order."""
    return tuple(dict.fromkeys(span.type for span in spans))


def _known(judged: Judged | None, text: str) -> tuple[Span, ...]:
    """What was found when the message was judged; none if that was another text, as before an edit."""
    if judged is None or judged.scores.model == UNSCORED.model:
        return ()
    spans = judged.scores.spans
    return spans if all(0 <= span.start < span.end <= len(text) for span in spans) else ()


def _united(known: Sequence[Span], found: Sequence[Span]) -> tuple[Span, ...]:
    """Both, sorted; those that overlap as one span, under the type of the one that starts first."""
    united: list[Span] = []
    for span in sorted((*known, *found), key=lambda s: (s.start, -s.end)):  # of equals the known one is first
        if united and span.start < united[-1].end:
            united[-1] = replace(united[-1], end=max(united[-1].end, span.end))
        else:
            united.append(span)
    return tuple(united)


def _masked_scores(scores: Scores, text: str, spans: Sequence[Span], masks: tuple[Span, ...]) -> Scores:
    mask = ReasonMask(text, spans)
    heads: dict[str, Any] = {head.value: replace(scores.head(head), why=mask(scores.head(head).why)) for head in Head}
    return replace(scores, **heads, spans=masks)
