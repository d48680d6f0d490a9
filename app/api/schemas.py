"""What goes in and out of the API, as types. The OpenAPI document is made from these."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from triage.domain.audit import Verdict
from triage.domain.case import Case, CaseState
from triage.domain.legs import Leg
from triage.errors import InvalidInput
from triage.service.cases import CLOSING_REASONS
from triage.service.revealing import REVEAL_REASONS
from triage.store.types import LARGEST_KEY
from triage.text.accept import MAX_LANGUAGE_CHARACTERS, check_storable


def _storable(value: str) -> str:
    try:
        return check_storable(value, field="")
    except InvalidInput as error:
        raise PydanticCustomError("not_storable", "{reason}", {"reason": error.reason}) from None


#: A text that a database can be given; what no database can hold is refused under its field's name.
Storable = Annotated[str, AfterValidator(_storable)]
Identifier = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_storable)]
Language = Annotated[str, Field(max_length=MAX_LANGUAGE_CHARACTERS), AfterValidator(_storable)]
MOST_MESSAGES = 1000


def _moment(said: Any, read: ValidatorFunctionWrapHandler) -> datetime:
    """Only a text with a date and a time: what else could be read as a moment is refused, numbers above all."""
    if isinstance(said, str) and _DATE_AND_TIME.match(said):
        with suppress(ValidationError):
            return cast(datetime, read(said))
    raise PydanticCustomError(
        "not_a_moment", "must be a text with an ISO 8601 date, time and zone, such as 2026-10-20T12:00:00Z"
    )


_DATE_AND_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d")
#: JSON has no moments, so this one type is read from a text.
Moment = Annotated[datetime, Field(strict=False), WrapValidator(_moment)]


class Query(BaseModel):
    """Base of what comes in as part of an address, where everything is a text: unknown names are errors."""

    model_config = ConfigDict(extra="forbid")


class Inbound(BaseModel):
    """Base of bodies: unknown fields are errors, and ``"2"`` or ``true`` is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class MessageIn(Inbound):
    """One message. ``id`` is the sender's own and is what makes it exist once."""

    id: Identifier
    text: str = Field(description="Exactly as the customer wrote it; at most 25,000 characters.")
    author_id: Identifier
    created_at: Moment | None = Field(None, description="With a time zone; the time of arrival if left out.")
    in_reply_to: Identifier | None = Field(None, description="Id of the message it answers.")
    inbound: bool = Field(True, description="False for a post of the brand's own.")
    lang: Language | None = None


class MessageEdit(Inbound):
    """The text that a message has now."""

    text: str = Field(description="As for a new message.")


class MessagesIn(Inbound):
    messages: list[MessageIn] = Field(min_length=1, max_length=MOST_MESSAGES)


class Receipt(BaseModel):
    """``accepted`` are new; ``duplicates`` were known before and are left as they were."""

    accepted: list[str]
    duplicates: int


class ClaimNext(Inbound):
    count: int = Field(1, ge=1, le=100)


class Transfer(Inbound):
    queue: Storable


class ReleaseIn(Inbound):
    """A supervisor's word that a reply may go out although the guard stops it."""

    reason: Storable = Field(description="Why; 1 to 500 characters, without personal data. It is kept for good.")


class MoveIn(Inbound):
    seen: Identifier | None = Field(
        None, description="Id of the customer's message that was read last; a later one refuses the move (409)."
    )


class ReplyIn(Inbound):
    text: str
    snippet: Identifier | None = Field(None, description="The suggestion it was made from, if any.")
    seen: Identifier | None = Field(
        None, description="Id of the customer's message that was read last; a later one refuses the reply (409)."
    )
    leg: Leg | None = Field(
        None,
        strict=False,
        description="Where it goes: a public post, or a private message to who wrote one. Where the customer wrote "
        "last, if left out; a case with both legs then needs `seen` (409).",
    )
    release: ReleaseIn | None = Field(
        None, description="Lets the reply pass the guard; only supervisors may (403). Not needed, it has no effect."
    )


class Closing(Inbound):
    reason: Storable = Field(json_schema_extra={"enum": list(CLOSING_REASONS)})


class RevealIn(Inbound):
    reason: Storable | None = Field(
        None, description="Why, if it is to be known.", json_schema_extra={"enum": [*REVEAL_REASONS, None]}
    )


class RevealQuery(Query):
    limit: int = Field(50, ge=1, le=200)
    before: int | None = Field(None, ge=1, le=LARGEST_KEY, description="`next` of the page before.")


class CaseQuery(Query):
    """Filters of the worklist; all of them must hold."""

    state: CaseState | None = None
    queue: Storable | None = None
    owner: Storable | None = None
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = None


class CaseOut(BaseModel):
    id: int
    channel: str
    state: str
    queue: str | None
    priority: int
    intent: str | None
    owner: str | None
    opened_at: datetime
    queued_at: datetime | None
    private_since: datetime | None
    version: int

    @classmethod
    def of(cls, case: Case) -> CaseOut:
        return cls(**{name: getattr(case, name) for name in cls.model_fields})


class CasePage(BaseModel):
    """``next`` is the cursor of the next page, or null at the end."""

    cases: list[CaseOut]
    next: str | None


class CasesOut(BaseModel):
    cases: list[CaseOut]


class ReasonOut(BaseModel):
    code: str
    text: str


class JudgementOut(BaseModel):
    label: str
    confidence: float
    why: list[tuple[str, float]]


class RiskOut(BaseModel):
    """What the message puts at risk in public: ``score`` from 0 to 1, and why, in words."""

    level: str
    score: float
    why: list[str]


class MoveOut(ReasonOut):
    """Why the conversation should go on in private; with ``delete`` the customer should take the post down too."""

    delete: bool


class DecisionOut(BaseModel):
    action: str
    queue: str | None
    reasons: list[ReasonOut]
    move: MoveOut | None = None


class MessageOut(BaseModel):
    id: str
    case: int
    author_id: str
    inbound: bool
    created_at: datetime
    text: str = Field(description="As received, but with each exposed item masked: its type in brackets stands there.")
    state: str
    private: bool = Field(False, description="It is a private message.")
    language: str | None = None
    scores: dict[str, JudgementOut] | None = None
    spans: list[tuple[int, int, str]] = Field(
        [], description="The masks: start and end in characters of this `text`, and the type of what is masked."
    )
    pictures: bool = Field(
        False, description="There may be pictures or videos behind its links; they are not searched for personal data."
    )
    risk: RiskOut | None = None
    decision: DecisionOut | None = None
    model: str | None = None


class ReplyOut(BaseModel):
    """``released_by`` let it go although the guard stops it, for ``release_reason``."""

    id: int
    text: str
    kind: str
    author: str
    state: str
    created_at: datetime
    in_reply_to: str
    problem: str | None
    private: bool = False
    released_by: str | None = None
    release_reason: str | None = None


class PrivateOut(BaseModel):
    """The text that asks the customer to go on in private; ``why`` is there if the last message asks for it."""

    text: str
    why: MoveOut | None


class SuggestionOut(BaseModel):
    snippet: str
    version: int
    title: str
    confidence: float
    text: str


class RevealOut(BaseModel):
    """Who was shown what: one look at a message without its masks."""

    number: int
    at: datetime
    user: str
    case: int
    message: str
    types: list[str]
    reason: str | None


class RevealPage(BaseModel):
    """The newest first; ``next`` goes into ``before`` for the next page, or is null at the end."""

    reveals: list[RevealOut]
    next: int | None


class RevealedOut(BaseModel):
    """A message as received. It is shown in this answer alone; keep it no longer than it is needed."""

    id: str
    case: int
    at: datetime
    text: str
    spans: list[tuple[int, int, str]] = Field(description="Start and end in characters of this `text`, and the type.")


class VerdictIn(Inbound):
    verdict: Storable = Field(json_schema_extra={"enum": list(Verdict)})


class AuditedOut(BaseModel):
    """An automatic answer that waits for a verdict; `number` names it, `text` is the masked message."""

    number: int
    message: str
    case: int
    text: str
    reply: str
    snippet: str
    version: int


class AuditsOut(BaseModel):
    audits: list[AuditedOut]


class AnsweringOut(BaseModel):
    """Whether the service answers by itself: `stopped` says since when not. Verdicts since it was last switched on;
    `low` and `high` are the exact 95 % interval of the share of wrong answers."""

    stopped: datetime | None
    right: int
    wrong: int
    unsure: int
    low: float
    high: float
    promised: float


class CaseDetail(BaseModel):
    """`opted_out`: the customer wants no automatic reply on this channel, ever."""

    case: CaseOut
    messages: list[MessageOut]
    replies: list[ReplyOut]
    suggestions: list[SuggestionOut]
    reveals: list[RevealOut]
    private: PrivateOut | None = None
    opted_out: bool = False


class QueueOut(BaseModel):
    name: str
    title: str
    waiting: int
    by_priority: dict[int, int]


class QueuesOut(BaseModel):
    queues: list[QueueOut]


class Health(BaseModel):
    status: str
    checks: dict[str, str] = {}


class ReportOut(BaseModel):
    report: dict[str, Any]
