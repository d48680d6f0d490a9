"""What a message exposes, as the desk hides it: from its scores, or looked for while it has none."""

from __future__ import annotations

from triage.domain.message import StoredMessage
from triage.domain.scores import UNSCORED, Span
from triage.privacy.detect import detect
from triage.store.judgements import Judged


def spans_of(message: StoredMessage, judged: Judged | None) -> tuple[Span, ...]:
    """Exposed items of the text as received. A message that nobody has judged yet is not shown bare."""
    if judged is None or judged.scores.model == UNSCORED.model:
        return detect(message.text)
    return judged.scores.spans
