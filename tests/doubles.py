"""Small stand-ins for the scorer and the answers, and makers of test values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import ClassVar

from pydantic import SecretStr

from app.compose import DEMO_BRAND, Product, compose
from tests.keys import KEYS
from triage.brand import Brand, load_brand
from triage.clock import Clock, FrozenClock, TrafficClock
from triage.domain.decision import Match
from triage.domain.message import IncomingMessage
from triage.domain.scores import Intent, Judgement, PrivacyRisk, Risk, Scores, Sentiment, Urgency, Utterance
from triage.errors import NotFound
from triage.policy import Policy
from triage.privacy.guard import Guard
from triage.service.outbox import Outbox
from triage.service.ports import Judge
from triage.service.retention import Retention
from triage.service.tidying import Tidying
from triage.settings import Settings
from triage.store import Store
from triage.worker import Worker

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)


def scores(
    intent: str = Intent.PRODUCT_QUESTION,
    *,
    sentiment: str = Sentiment.NEUTRAL,
    urgency: str = Urgency.NORMAL,
    privacy: str = PrivacyRisk.NONE,
    confidence: float = 0.95,
    language: str = "en",
) -> Scores:
    """Scores of a routine question, unless told otherwise."""
    return Scores(
        intent=Judgement(intent, confidence, (("question", 1.0),)),
        sentiment=Judgement(sentiment, confidence),
        urgency=Judgement(urgency, confidence),
        privacy=Judgement(privacy, confidence),
        spans=(),
        language=language,
        in_scope_language=language == "en",
        model="double-1",
        risk=Risk(PrivacyRisk(privacy), 0.125, ("told by a double",)),
    )


class KeywordScorer:
    """Scores by a word in the text, so that tests can say what they want: ``urgent``, ``thanks``, …"""

    made_of: ClassVar = "keywords"
    _INTENTS: ClassVar = {
        "thanks": Intent.PRAISE,
        "chatter": Intent.OTHER,
        "bag": Intent.LOST_DAMAGED_ITEM,
        "refund": Intent.REFUND_RETURN,
        "hacked": Intent.FRAUD_SECURITY,
        "cancelled": Intent.SERVICE_DISRUPTION,
    }

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        return [self._one(utterance.text.lower(), utterance.lang) for utterance in utterances]

    def _one(self, text: str, lang: str | None) -> Scores:
        intent = next((found for word, found in self._INTENTS.items() if word in text), Intent.PRODUCT_QUESTION)
        return scores(
            intent,
            sentiment=Sentiment.NEGATIVE if "angry" in text else Sentiment.NEUTRAL,
            urgency=Urgency.CRITICAL if "urgent" in text else Urgency.NORMAL,
            privacy=PrivacyRisk.MEDIUM if "secret" in text else PrivacyRisk.NONE,
            language=lang or "en",
        )


class OneSnippet:
    """Answers every text that contains ``pets`` with one snippet, surely."""

    def matches(self, text: str, on: date, limit: int = 3) -> list[Match]:
        return [Match("pets-on-board", 1, 0.97, "can i bring my dog")][:limit] if "pets" in text.lower() else []

    def suggestions(self, text: str, on: date) -> list[Match]:
        return self.matches(text, on)

    def promised(self, policy: Policy) -> float:
        return policy.max_wrong_share

    def title(self, snippet: str) -> str:
        if snippet != "pets-on-board":
            raise NotFound(f"the knowledge base has no snippet {snippet!r}")
        return "Pets on board"

    def in_force(self, policy: Policy, scorer: str) -> Policy:
        return policy

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        wordings = (f"Pets travel in the cabin up to 8 kg. {number:02}" for number in range(100))
        return tuple(wording + " (automated reply)" * automatic for wording in wordings)


@cache
def demo_brand() -> Brand:
    return load_brand(DEMO_BRAND)


def judge(clock: Clock | None = None) -> Judge:
    return Judge(KeywordScorer(), OneSnippet(), demo_brand(), clock or TrafficClock())


def worker(store: Store, clock: Clock | None = None, *, channels: Sequence = (), batch: int = 100) -> Worker:
    clock = clock or TrafficClock()
    one = judge(clock)
    outbox = Outbox(store, list(channels), one.brand.routing, clock, Guard(one.brand.published))
    tidying = Tidying(store, [], Retention(store, one.brand.retention, clock), clock)
    return Worker(store, one, outbox, tidying, batch)


def message(
    external_id: str,
    text: str = "@MarramAir can pets fly?",
    *,
    parent: str | None = None,
    inbound: bool = True,
    minutes: float = 0,
    author: str = "500",
    channel: str = "memory",
    lang: str | None = None,
) -> IncomingMessage:
    """A message written ``minutes`` after noon."""
    return IncomingMessage(
        channel=channel,
        external_id=external_id,
        author_id=author if inbound else "MarramAir",
        inbound=inbound,
        created_at=NOON + timedelta(minutes=minutes),
        text=text,
        in_reply_to=parent,
        lang=lang,
    )


def frozen() -> FrozenClock:
    return FrozenClock(NOON)


def product_on(url: str, clock: Clock | None = None) -> Product:
    """The whole product over a database, with the keyword scorer and the one snippet."""
    settings = Settings(database_url=url, encryption_keys=SecretStr(KEYS))
    product = compose(settings, clock or frozen())
    product.__dict__["scorer"] = KeywordScorer()
    product.__dict__["answers"] = OneSnippet()
    return product
