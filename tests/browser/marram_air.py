"""An hour at an invented airline, Marram Air: its messages, and doubles that judge and answer them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import sqlalchemy as sa
from pydantic import SecretStr
from werkzeug.security import generate_password_hash

from app import accounts
from app.compose import Product
from app.x_connection import XConnection, conditions
from tests.doubles import NOON
from triage.channels.memory import MemoryChannel
from triage.channels.x.credentials import credentials
from triage.clock import FrozenClock
from triage.domain.decision import Match
from triage.domain.message import IncomingMessage
from triage.domain.scores import Head, Intent, Judgement, PrivacyRisk, Scores, Sentiment, Span, Urgency, Utterance
from triage.domain.user import Role
from triage.errors import NotFound
from triage.policy import Policy
from triage.privacy.risk import assess
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.outbox import Outbox
from triage.service.ports import Judge
from triage.service.tidying import Tidying
from triage.settings import Settings
from triage.store.tables import users
from triage.worker import Worker

CHANNEL = "memory"
PASSWORD = "correct horse battery"
#: A hash that takes no time, as there is nothing to protect here.
_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")

_Shares = Mapping[str, float]
_WORDS: Mapping[Head, Mapping[str, _Shares]] = {
    Head.INTENT: {
        Intent.LOST_DAMAGED_ITEM: {"bag": 1.4, "suitcase": 1.9, "belt": 0.6, "lost": 0.9, "nowhere": 0.4},
        Intent.REFUND_RETURN: {"refund": 2.3, "money": 0.8, "weeks": 0.4, "still": 0.3, "compensation": 1.9},
        Intent.SERVICE_DISRUPTION: {"cancelled": 2.0, "delayed": 1.8, "delay": 1.8, "stuck": 0.9, "flight": 0.3},
        Intent.FRAUD_SECURITY: {"hacked": 2.4, "fraud": 2.1, "someone": 0.5},
        Intent.SAFETY_ACCESSIBILITY: {"wheelchair": 2.6, "assistance": 1.1, "mother": 0.3},
        Intent.BOOKING_CHANGE: {"change": 1.4, "move": 1.1, "booking": 0.7},
        Intent.TECHNICAL_PROBLEM: {"app": 1.2, "crashes": 1.9, "error": 1.0},
        Intent.PRAISE: {"thank": 1.4, "thanks": 1.4, "lovely": 1.2, "wonderful": 1.3},
        Intent.SERVICE_COMPLAINT: {"hold": 1.2, "rude": 1.9, "worst": 1.1},
        Intent.PRODUCT_QUESTION: {"can": 0.5, "allowance": 1.4, "how": 0.3, "dog": 0.7, "weigh": 0.8, "?": 0.4},
    },
    Head.SENTIMENT: {
        Sentiment.NEGATIVE: {"stuck": 0.7, "worst": 1.6, "rude": 1.4, "still": 0.6, "nobody": 0.8, "crying": 1.1},
        Sentiment.POSITIVE: {"thank": 1.3, "thanks": 1.3, "lovely": 1.2, "wonderful": 1.4},
    },
    Head.URGENCY: {
        Urgency.CRITICAL: {"stuck": 1.3, "wheelchair": 1.0, "hacked": 1.4, "now": 0.7, "alone": 0.9},
        Urgency.HIGH: {"cancelled": 1.2, "tonight": 1.0, "tomorrow": 0.9, "weeks": 0.8},
    },
    Head.PRIVACY: {PrivacyRisk.LOW: {"my": 0.8, "booking": 0.5, "refund": 0.4}},
}
_OTHERWISE = {
    Head.INTENT: Intent.FOLLOW_UP,
    Head.SENTIMENT: Sentiment.NEUTRAL,
    Head.URGENCY: Urgency.NORMAL,
    Head.PRIVACY: PrivacyRisk.NONE,
}
_REFERENCE = re.compile(r"\b(?=[A-Z]*\d)[A-Z0-9]{6}\b")
_EMAIL = re.compile(r"\S+@\S+\.\w+")


class WordScorer:
    """Judges by the words above and says which; finds booking references and e-mail addresses."""

    def score(self, utterances: Sequence[Utterance]) -> list[Scores]:
        return [self._score(utterance) for utterance in utterances]

    def _score(self, utterance: Utterance) -> Scores:
        spans = _spans(utterance.text)
        verdicts = {head: _judge(head, utterance.text) for head in Head}
        if spans:
            verdicts[Head.PRIVACY] = Judgement(PrivacyRisk.MEDIUM, 0.97)
        language = utterance.lang or "en"
        verdict, intent = PrivacyRisk(verdicts[Head.PRIVACY].label), Intent(verdicts[Head.INTENT].label)
        return Scores(
            **{head.value: verdict for head, verdict in verdicts.items()},
            spans=spans,
            language=language,
            in_scope_language=language == "en",
            model="double-1",
            risk=assess(verdict, {verdict: 1.0}, intent, spans),
        )


def _judge(head: Head, text: str) -> Judgement:
    found: dict[str, list[tuple[str, float]]] = {}
    for label, shares in _WORDS[head].items():
        why = [(word, share) for word, share in shares.items() if re.search(rf"(?<!\w){re.escape(word)}", text.lower())]
        if why:
            found[label] = why
    if not found:
        return Judgement(_OTHERWISE[head], 0.81)
    ranked = sorted(found, key=lambda label: -sum(share for _, share in found[label]))
    against = [(word, -share / 2) for label in ranked[1:] for word, share in found[label]]
    why = sorted(found[ranked[0]] + against, key=lambda reason: -abs(reason[1]))
    return Judgement(ranked[0], 0.93 if len(ranked) == 1 else 0.74, (*why, ("(length)", 0.05)))


def _spans(text: str) -> tuple[Span, ...]:
    found = [Span(*match.span(), "BOOKING_REF") for match in _REFERENCE.finditer(text)]
    found += [Span(*match.span(), "EMAIL") for match in _EMAIL.finditer(text)]
    return tuple(sorted(found, key=lambda span: span.start))


class Snippets:
    """A few snippets, each for messages with a word of its own."""

    _BY_WORD: Mapping[str, tuple[str, str, str]] = {
        "allowance": ("hand-luggage", "Hand luggage: size and weight", "One cabin bag up to 10 kg, 55 x 40 x 20 cm."),
        "refund": (
            "refund-time",
            "How long a refund takes",
            "A refund reaches your account after 5 to 7 working days.",
        ),
        "suitcase": ("late-bag", "When a bag does not arrive", "Please report it at the desk; keep the report number."),
        "cancelled": ("cancelled", "Cancelled: what you can do", "Rebook free of charge in the app, or ask at gate 5."),
        "booking": ("change-booking", "Changing a booking", "Changes are free up to 24 hours before departure."),
    }
    _BY_NAME: Mapping[str, tuple[str, str, str]] = {snippet[0]: snippet for snippet in _BY_WORD.values()}

    def matches(self, text: str, on: date, limit: int = 3) -> list[Match]:
        hits = [snippet for word, snippet in self._BY_WORD.items() if word in text.lower()]
        return [Match(name, 2, 0.91 if name == "hand-luggage" else 0.64, title) for name, title, _ in hits[:limit]]

    def suggestions(self, text: str, on: date) -> list[Match]:
        return self.matches(text, on)

    def promised(self, policy: Policy) -> float:
        return policy.max_wrong_share

    def title(self, snippet: str) -> str:
        return self._found(snippet)[1]

    def texts(self, snippet: str, channel: str | None, *, automatic: bool) -> tuple[str, ...]:
        return (self._found(snippet)[2] + " (automated reply)" * automatic,)

    def _found(self, snippet: str) -> tuple[str, str, str]:
        if snippet not in self._BY_NAME:
            raise NotFound(f"the knowledge base has no snippet {snippet!r}")
        return self._BY_NAME[snippet]


#: Minutes before noon, author, text, language.
HOUR: tuple[tuple[int, str, str, str | None], ...] = (
    (58, "481204", "@MarramAir can you tell me the hand luggage allowance for Faro?", None),
    (
        55,
        "220913",
        "@MarramAir how much may my dog weigh to fly in the cabin? And what does the way back cost?",
        None,
    ),
    (52, "731155", "@MarramAir still no refund after 3 weeks. Booking QX7R2M, nobody answers the phone!!", None),
    (47, "660042", "@MarramAirHelp my suitcase is nowhere on belt 4 and I need it tomorrow, lost again?", None),
    (44, "904417", "@MarramAir your app crashes with an error whenever I try to check in", None),
    (41, "118230", "@MarramAir please change my booking to Friday, you can write to me at jo.marsh@example.org", None),
    (36, "350066", "@MarramAir estoy en el aeropuerto de Faro y mi vuelo no aparece en la pantalla", "es"),
    (33, "557809", "@MarramAir what a lovely crew on MA214 this morning, thank you Anna!", None),
    (29, "480011", "@MarramAir 50 minutes on hold and then a rude answer. Worst airline this year.", None),
    (24, "193377", "@MarramAir MA306 cancelled tonight, how do we get home? Two children and no hotel", None),
    (15, "725500", "@MarramAir delayed again, what is it this time", None),
    (
        9,
        "610984",
        "@MarramAir My mother is stuck at gate 12 now, the wheelchair never came, she is alone and crying",
        None,
    ),
    (6, "300127", "@MarramAir my account was hacked, someone is booking flights with it right now", None),
    (3, "834020", "@MarramAir any update?", None),
)


@dataclass(frozen=True)
class DeskProduct(Product):
    """The product, with the doubles in the place of model and knowledge base."""

    clock: FrozenClock

    @cached_property
    def scorer(self) -> WordScorer:  # type: ignore[override]  # a stand-in
        return WordScorer()

    @cached_property
    def answers(self) -> Snippets:  # type: ignore[override]  # a stand-in
        return Snippets()

    @cached_property
    def judge(self) -> Judge:
        return Judge(self.scorer, self.answers, self.brand, self.clock)

    @cached_property
    def channel(self) -> MemoryChannel:
        return MemoryChannel(CHANNEL)

    @cached_property
    def worker(self) -> Worker:
        outbox = Outbox(self.store, [self.channel], self.brand.routing, self.clock, self.guard)
        return Worker(self.store, self.judge, outbox, Tidying(self.store, [], self.retention, self.clock), 100)

    def receive(self, *messages: IncomingMessage) -> None:
        """Take messages in and decide them; replies stay pending until :meth:`send`."""
        take_in(self.store, messages, self.clock)
        decide_pending(self.store, self.judge, 100)

    def live_the_hour(self) -> None:
        """Let every message of :data:`HOUR` arrive at its own minute; then it is noon."""
        self.clock.advance(NOON - timedelta(hours=1) - self.clock.now())
        for one in hour():
            self.clock.advance(one.created_at - self.clock.now())
            self.receive(one)
        self.clock.advance(NOON - self.clock.now())

    def send(self) -> None:
        self.worker.outbox.drain(100)

    def add(self, name: str, role: Role = Role.AGENT) -> str:
        """Add a user with :data:`PASSWORD`; their API token."""
        token = accounts.add_user(self.store, self.clock, name, role, None)[1]
        with self.store.write() as transaction:
            update = sa.update(users).where(users.c.name == name).values(password_hash=_HASH)
            transaction.connection.execute(update)
        return token

    def connect(self, **more: object) -> XConnection:
        """Give it a connection to X, which nobody calls; ``more`` are settings."""
        names = ("x_consumer_key", "x_consumer_secret", "x_access_token", "x_access_token_secret", "x_bearer_token")
        given = {name: SecretStr("not secret") for name in names} | {"x_api": "http://127.0.0.1:9"}
        settings = self.settings.model_copy(update=given | more)
        made = XConnection(
            settings,
            credentials(settings),
            self.store,
            self.stored_posts,
            self.clock,
            lambda: self.detector.find,
            lambda: None,
            lambda: self.brand,
        )
        self.__dict__.update(x=made, x_conditions=conditions(settings, self.store, self.clock, self.brand))
        return made

    def case_of(self, external_id: str, channel: str = CHANNEL) -> int:
        with self.store.read() as transaction:
            return transaction.messages.cases_of(channel, [external_id])[external_id]


def product(database_url: str) -> DeskProduct:
    """A product with an empty store, and the agents ``anna`` and ``ben``."""
    made = DeskProduct(Settings(database_url=database_url, secret_key=SecretStr("not secret")), FrozenClock(NOON))
    made.add("anna")
    made.add("ben")
    return made


def without_a_store() -> DeskProduct:
    """A product to make an application with, before there is a store to serve."""
    return DeskProduct(Settings(database_url="", secret_key=SecretStr("not secret")), FrozenClock(NOON))


def message(
    external_id: str,
    text: str,
    *,
    minutes_ago: float = 10,
    author: str = "500",
    parent: str | None = None,
    lang: str | None = None,
    inbound: bool = True,
) -> IncomingMessage:
    """A message to (or of) the airline, written before noon."""
    at = NOON - timedelta(minutes=minutes_ago)
    return IncomingMessage(CHANNEL, external_id, author, inbound, at, text, parent, lang)


def hour() -> list[IncomingMessage]:
    """The messages of :data:`HOUR`, with ids ``m0``, ``m1``, …"""
    return [
        message(f"m{number}", text, minutes_ago=minutes, author=author, lang=lang)
        for number, (minutes, author, text, lang) in enumerate(HOUR)
    ]
