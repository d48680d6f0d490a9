"""What airline customers complain of: our intents and a few words mapped to the reasons of a public data set.

Twitter US Airline Sentiment gives negative tweets one of nine reasons. They cut the world differently from our 19
intents: late and cancelled flights are one intent, attendants and call centres another, and "Bad Flight" is anything
on board. So each reason is scored by the probabilities of the intents that it may hide in, times a factor where the
text has words of that reason. The table is :data:`REASONS`; it was tuned by hand and by search on these very tweets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training import metrics
from training.corpus import numbered_rows
from training.figures import probabilities
from training.figures.figure import Figure, Goal, Measured
from training.figures.intervals import interval, macro_f1
from training.figures.setting import Setting
from triage.domain.scores import LABELS, Head, Intent, Utterance
from triage.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of the data set: ``intents`` with the share of each that counts, and ``words`` that multiply.

    ``weight`` multiplies everything: how far a reason is favoured where intents and words say the same for two.
    ``why`` says in a line why these intents and words stand for it.
    """

    name: str
    intents: Mapping[Intent, float]
    words: str
    factor: float
    weight: float
    why: str


#: What a reason has before any intent speaks for it, so that words alone can decide.
FLOOR: Final = 0.05
#: Labels of the data set with at most this confidence, and this label, are left out.
LEAST_CONFIDENCE: Final = 0.6
NO_REASON: Final = "Can't Tell"

REASONS: Final = (
    Reason(
        "Late Flight",
        {Intent.SERVICE_DISRUPTION: 1.0},
        r"\bdelay|\blate\b(?! flightr)|\b(waiting|sitting|stuck)\b.*\b(gate|tarmac|plane|runway)|\btarmac|\brunway"
        r"|\bmiss(ed|ing)?\b.*\bconnect|\b(hours?|hrs?|mins?|minutes)\b.*\b(gate|plane|pilot|crew)"
        r"|sitting on|stuck on|still (waiting|sitting)|on ?time|mechanical|maintenance|de-?ic",
        40,
        2.0,
        "A live delay is a disruption. The words tell it from a cancellation and find delays told as past blame; the "
        'publisher put "Late Flight" for "late" even inside "later", which is not one.',
    ),
    Reason(
        "Cancelled Flight",
        {Intent.SERVICE_DISRUPTION: 1.0, Intent.REFUND_RETURN: 0.3, Intent.BOOKING_CHANGE: 0.3},
        r"\bcancel|cxl|re-?book",
        80,
        1.4,
        "A cancellation is a disruption, and what is asked for is often money back or another flight.",
    ),
    Reason(
        "Lost Luggage",
        {Intent.LOST_DAMAGED_ITEM: 1.0},
        r"\bbags?\b|baggage|luggage|suitcase",
        80,
        0.7,
        "Lost and damaged goods are one intent; luggage that is not said to be broken is lost or late.",
    ),
    Reason(
        "Damaged Luggage",
        {Intent.LOST_DAMAGED_ITEM: 0.6, Intent.PRODUCT_COMPLAINT: 0.3},
        r"\b(broke|broken|damag\w*|ripped|torn|crack\w*|destroy\w*|crush\w*|smash\w*|ruin\w*|wet|soaked)\b",
        80,
        1.4,
        "The same intent with a word for breaking; complaints about a broken thing may pass for the product's quality.",
    ),
    Reason(
        "Flight Attendant Complaints",
        {Intent.SERVICE_COMPLAINT: 0.8},
        r"attendant|\bcrew\b|steward|\bFAs?\b|gate agent|\bpilot|staff|rude|\bgate\b|\bemployee",
        12,
        1.0,
        "Complaints about people are one intent; these words are of people whom one meets at the gate or on board.",
    ),
    Reason(
        "Customer Service Issue",
        {
            Intent.SERVICE_COMPLAINT: 1.0,
            Intent.FOLLOW_UP: 1.0,
            Intent.HOURS_CONTACT: 1.0,
            Intent.LEGAL_PRESS: 1.0,
            Intent.REFUND_RETURN: 0.9,
            Intent.BILLING_PAYMENT: 0.7,
            Intent.PRAISE: 0.7,
            Intent.ACCOUNT_ACCESS: 0.5,
            Intent.SUGGESTION: 0.5,
            Intent.OTHER: 0.5,
        },
        r"\bon hold|\bhold\b|customer (service|care|relation|support)|\bphone|\bcall|\banswer|\brespon|\bhelp|\bhung"
        r"|\bDM\b|\be-?mail|\bspeak|\btalk|\bagents?\b|\bservice\b",
        5,
        1.0,
        "The data set's largest reason takes what has no other: service, contact, money, and unclear or ironic ones.",
    ),
    Reason(
        "Flight Booking Problems",
        {
            Intent.BOOKING_CHANGE: 1.0,
            Intent.TECHNICAL_PROBLEM: 1.0,
            Intent.PRODUCT_QUESTION: 1.0,
            Intent.ACCOUNT_ACCESS: 1.0,
            Intent.BILLING_PAYMENT: 0.7,
        },
        r"\bbook|website|\bsite\b|\bapp\b|online|\breserv|\bticket|\bseats?\b|check-?in|\bmiles|\bpoints|\bpassword"
        r"|\blog ?in|\berror",
        10,
        0.7,
        "Booking goes wrong as a change that is refused, a site that fails, a question, a log-in or a charge.",
    ),
    Reason(
        "Bad Flight",
        {
            Intent.PRODUCT_COMPLAINT: 1.0,
            Intent.TECHNICAL_PROBLEM: 0.7,
            Intent.SAFETY_ACCESSIBILITY: 0.6,
            Intent.SUGGESTION: 0.5,
            Intent.OTHER: 0.3,
        },
        r"wi-?fi|\bseats?\b|\blegroom|\bfood\b|\bdrinks?\b|\bmeal|\bsnack|entertainment|\btvs?\b|\bmovies?|\bplane\b"
        r"|\bdirty|\bfilthy|\bcabin|\bsmell|\bcold\b|\bhot\b|\bair ?condition|\bac\b|\btray|\brecline|\bcramped"
        r"|\buncomfortable|\bturbulen|\bpower outlet|\binternet",
        40,
        1.0,
        "The flight is the product: its quality, its devices, its safety; the words are of things on board.",
    ),
    Reason(
        "longlines",
        {Intent.SERVICE_COMPLAINT: 0.6, Intent.SERVICE_DISRUPTION: 0.4},
        r"\blines?\b(?! ?(of|up))|\bqueue",
        80,
        1.0,
        "Blame for waiting, told as service or as disruption; hardly more than a word tells a queue from a delay.",
    ),
)

_NAMES: Final = tuple(reason.name for reason in REASONS)
_INTENTS: Final = LABELS[Head.INTENT]
_TRIED: Final = """\
What was tried, macro-F1 on these tweets: intents alone, 0.22, because six of the nine reasons share two intents; the
words with one factor of 8 for all, 0.48; factors and weights by search on one half of the authors, 0.60 there and 0.55
on the other half, which is the figure to expect of new tweets; the same table without any intent, 0.54 in all, so most
of it is the words."""


def score(chances: Floats, texts: Sequence[str], reasons: Sequence[Reason] = REASONS) -> Floats:
    """``(texts, reasons)`` from ``chances``, the probabilities ``(texts, intents)``; the largest is the verdict."""
    shares = np.array([[reason.intents.get(Intent(name), 0.0) for name in _INTENTS] for reason in reasons])
    found = [re.compile(reason.words, re.IGNORECASE) for reason in reasons]
    hits = np.array([[bool(words.search(text)) for words in found] for text in texts], bool)
    factors = np.where(hits.reshape(len(texts), len(reasons)), [reason.factor for reason in reasons], 1.0)
    result: Floats = (FLOOR + chances @ shares.T) * factors * [reason.weight for reason in reasons]
    return result


def read(path: Path) -> tuple[list[str], Ints]:
    """The tweets whose reason is sure enough and told, and the place of each reason in :data:`REASONS`.

    Raises:
        InvalidInput: a line has no text, or a reason that is none of the data set's.
    """
    texts, true = [], []
    for number, row in numbered_rows(path):
        name, sure = row.get("reason"), row.get("reason_confidence")
        if name in (None, NO_REASON) or not isinstance(sure, int | float) or sure <= LEAST_CONFIDENCE:
            continue
        if name not in _NAMES or not isinstance(row.get("text"), str):
            raise InvalidInput(f"has no text, or the reason {name!r}", field=path.name, line=number)
        texts.append(str(row["text"]))
        true.append(_NAMES.index(name))
    return texts, np.array(true, np.int64)


def measure(setting: Setting) -> Measured:
    texts, true = read(setting.corpus("airline/dev.jsonl"))
    model = setting.classifier
    said = score(
        probabilities.of(model, [Utterance(text) for text in texts], Head.INTENT, setting.detector), texts
    ).argmax(axis=1)
    formula = macro_f1(len(REASONS))
    figure = Figure(
        "reason of a complaint: macro-F1",
        formula(true, said),
        Goal(0.45, 0.60),
        interval=interval(formula, true, said),
        messages=len(true),
    )
    return Measured("reasons", (figure,), model.version, _details(true, said))


def _details(true: Ints, said: Ints) -> str:
    lines = [
        f"Tweets whose reason the data set gives with more than {LEAST_CONFIDENCE:g} confidence, without "
        f"\"{NO_REASON}\". A reason's score is {FLOOR:g} and the sum of its intents' probabilities, each times its "
        "share; times the factor where a word of it is in the text (they are in `training/figures/reasons.py`); times "
        "its weight.",
        "",
        "| reason | intents (share) | factor | weight | why | F1 | tweets |",
        "|---|---|--:|--:|---|--:|--:|",
    ]
    for reason, row in zip(REASONS, metrics.per_class(true, said, _NAMES), strict=True):
        intents = ", ".join(f"{intent} ({share:g})" for intent, share in reason.intents.items())
        lines.append(
            f"| {reason.name} | {intents} | {reason.factor:g} | {reason.weight:g} | {reason.why} | {row.f1:.2f} "
            f"| {row.support:,} |"
        )
    return "\n".join([*lines, "", _TRIED])
