"""Invented personal data of every type inside customer-care messages: the same from the same seed.

Values are Faker's or made here. A value counts only if the detection covers all of it in its message;
what it does not find is counted beside, so that nothing is dropped in silence.
"""

from __future__ import annotations

import html
import json
import random
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from faker import Faker

from triage.privacy.detect import detect
from triage.privacy.findings import TYPES

_LEADS: Final = (
    "three weeks and still nothing,",
    "nobody answers the phone,",
    "please help,",
    "second time I ask:",
    "hello,",
    "your chat sent me here,",
    "my bag never arrived and",
    "still waiting for the refund,",
)
_TAILS: Final = (
    "",
    "- when will somebody look at it?",
    "and the app shows an error",
    "thanks",
    "this is urgent",
    "what now?",
)
#: How a value of each type is said.
_SAID: Final[Mapping[str, tuple[str, ...]]] = {
    "PERSON": ("my name is {}", "this is {} speaking", "the booking is under the name {}"),
    "EMAIL": ("mail me at {}", "my e-mail is {}", "write to {}"),
    "PHONE": ("call me on {}", "my number is {}", "ring me at {}"),
    "STREET_ADDRESS": ("I live at {}", "my address is {}", "deliver it to {}"),
    "POSTCODE": ("my postcode is {}", "postcode {}"),
    "CARD": ("you charged my card {} twice", "card number {}"),
    "BANK_ACCOUNT": ("my IBAN is {}", "refund it to IBAN {}"),
    "NATIONAL_ID": ("my social security number is {}", "my SSN is {}"),
    "DATE_OF_BIRTH": ("my date of birth is {}", "I was born on {}"),
    "BOOKING_REF": ("booking reference {}", "my booking ref is {}"),
    "ORDER_NO": ("order number {}", "my order no. {}"),
    "ACCOUNT_NO": ("account number {}", "my account no. is {}"),
    "TRACKING_NO": ("tracking number {}", "my tracking no. is {}"),
    "TICKET_NO": ("ticket number {}", "case number {}"),
    "PASSWORD": ("my password is {}", "password: {}"),
    "IP": ("my IP address is {}", "blocked from IP {}"),
    "MEDICAL": ("I have a {}", "my son has a {}"),
}
_ALLERGENS: Final = re.findall(
    r"\w+",
    "sesame kiwi lupin celery mustard mango buckwheat strawberry latex penicillin nickel aspirin coconut pollen"
    " cashew hazelnut almond pistachio macadamia salmon tuna prawn crab lobster oyster squid barley oats wheat soya"
    " egg dairy tomato banana avocado peach cherry apple carrot potato garlic onion ginger cinnamon",
)
_STREETS: Final = ("Street", "Road", "Lane", "Avenue", "Close", "Drive")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value of one type, and a message of a customer that says it."""

    type: str
    value: str
    text: str

    def forms(self) -> set[str]:
        """How it may turn up, in small letters: as it is, and escaped for HTML, addresses and JSON."""
        written = {self.value, html.escape(self.value), quote(self.value), quote_plus(self.value)}
        written.add(json.dumps(self.value)[1:-1])
        return {form.lower() for form in written}

    def digits(self) -> str:
        """Its digits, where they are enough to tell it by."""
        digits = re.sub(r"\D", "", self.value)
        return digits if len(digits) >= _TELLING_DIGITS else ""

    def words(self) -> set[str]:
        """Its words, in small letters, that are long enough to tell it by."""
        words = {word.lower() for word in _WORD.findall(self.value)}
        return {word for word in words if not word.isdigit() or len(word) >= _TELLING_DIGITS}


_TELLING_DIGITS: Final = 8
_WORD: Final = re.compile(r"[^\W_]{5,}")


@dataclass(frozen=True, slots=True)
class Seeded:
    """``secrets`` are all found; ``missed`` counts by type what was made and not found, and so not taken."""

    secrets: Sequence[Secret]
    missed: Mapping[str, int]

    def counts(self) -> Mapping[str, int]:
        return Counter(secret.type for secret in self.secrets)

    def said(self) -> str:
        """What was made, in one line a type."""
        counts = self.counts()
        return "\n".join(f"{kind}: {counts[kind]} secrets, {self.missed[kind]} more not found" for kind in TYPES)


def make(count: int, seed: int, unlike: str = "") -> Seeded:
    """``count`` different secrets, of all types in turn; none of them is said in ``unlike``."""
    die, fakers, unlike = random.Random(seed), _fakers(seed), unlike.lower()
    found: dict[str, Secret] = {}
    missed: Counter[str] = Counter(dict.fromkeys(TYPES, 0))
    for kind in islice(cycle(TYPES), count):
        secret = _candidate(kind, die, next(fakers))
        while secret.value.lower() in found or secret.value.lower() in unlike or not _is_found(secret):
            missed[kind] += not _is_found(secret)
            secret = _candidate(kind, die, next(fakers))
        found[secret.value.lower()] = secret
    return Seeded(tuple(found.values()), missed)


def _candidate(kind: str, die: random.Random, fake: Faker) -> Secret:
    value = _MAKERS[kind](die, fake)
    said = die.choice(_SAID[kind]).format(value)
    return Secret(kind, value, " ".join(filter(None, ("@MarramAir", die.choice(_LEADS), said, die.choice(_TAILS)))))


def _is_found(secret: Secret) -> bool:
    start = secret.text.index(secret.value)
    end = start + len(secret.value)
    return any(span.start <= start and end <= span.end for span in detect(secret.text))


def _fakers(seed: int) -> Iterator[Faker]:
    made = [Faker(locale, use_weighting=False) for locale in ("en_GB", "en_US", "en_IN", "es_ES", "de_DE")]
    for number, one in enumerate(made):
        one.seed_instance(seed + number)
    return cycle(made)


_Maker = Callable[[random.Random, Faker], str]


def _pick(die: random.Random, letters: str, length: int) -> str:
    return "".join(die.choice(letters) for _ in range(length))


def _digits(die: random.Random, length: int) -> str:
    return str(die.randint(1, 9)) + _pick(die, string.digits, length - 1)


def _reference(die: random.Random, _: Faker) -> str:
    """As airlines have them: six capitals and digits, both of each."""
    while True:
        made = _pick(die, string.ascii_uppercase + string.digits, 6)
        if not made.isalpha() and not made.isdigit():
            return made


def _phone(die: random.Random, _: Faker) -> str:
    """From the ranges that are kept for fiction, and foreign ones of their form."""
    return die.choice(
        (
            f"07700 900{_pick(die, string.digits, 3)}",
            f"+44 161 496 0{_pick(die, string.digits, 3)}",
            f"({die.randint(201, 989)}) 555-01{_pick(die, string.digits, 2)}",
        )
    )


def _card(_: random.Random, fake: Faker) -> str:
    number = fake.credit_card_number(card_type="visa16")
    return " ".join(number[start : start + 4] for start in range(0, 16, 4))


def _iban(die: random.Random, fake: Faker) -> str:
    number = fake.iban()
    return number if die.random() < 0.5 else " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _social_security(die: random.Random, _: Faker) -> str:
    return f"{die.randint(101, 665)}-{die.randint(10, 99)}-{_digits(die, 4)}"


def _born(die: random.Random, _: Faker) -> str:
    return f"{die.randint(1, 28):02d}/{die.randint(1, 12):02d}/{die.randint(1940, 2004)}"


def _password(die: random.Random, _: Faker) -> str:
    return _pick(die, string.ascii_letters, 5) + _digits(die, 3) + _pick(die, string.ascii_letters, 3)


def _postcode(die: random.Random, _: Faker) -> str:
    area = die.choice(("BS", "LS", "EH", "CF", "NE", "SW", "M", "B", "G", "PL", "YO", "TR"))
    return f"{area}{die.randint(1, 19)} {die.randint(1, 9)}{_pick(die, 'ABDEFGHJLNPQRSTUWXYZ', 2)}"


_MAKERS: Final[Mapping[str, _Maker]] = {
    "PERSON": lambda _, fake: f"{fake.first_name()} {fake.last_name()}",
    "EMAIL": lambda die, fake: f"{fake.user_name()}{die.randint(10, 99)}@{fake.domain_word()}.example",
    "PHONE": _phone,
    "STREET_ADDRESS": lambda die, fake: f"{die.randint(1, 250)} {fake.last_name()} {die.choice(_STREETS)}",
    "POSTCODE": _postcode,
    "CARD": _card,
    "BANK_ACCOUNT": _iban,
    "NATIONAL_ID": _social_security,
    "DATE_OF_BIRTH": _born,
    "BOOKING_REF": _reference,
    "ORDER_NO": lambda die, _: f"{_digits(die, 3)}-{_digits(die, 7)}",
    "ACCOUNT_NO": lambda die, _: _digits(die, 9),
    "TRACKING_NO": lambda die, _: f"1Z{_pick(die, string.ascii_uppercase + string.digits, 6)}{_digits(die, 10)}",
    "TICKET_NO": lambda die, _: _digits(die, 8),
    "PASSWORD": _password,
    "IP": lambda die, _: ".".join(str(die.randint(11, 254)) for _ in range(4)),
    "MEDICAL": lambda die, _: f"{die.choice(_ALLERGENS)} allergy",
}


#: What every message says around its secret.
FRAME: Final = " ".join([*_LEADS, *_TAILS, *_STREETS, *chain(*_SAID.values()), "allergy"])


class Leaks:
    """Everything that came out of the product, and which secrets are in it.

    Single words of a secret count too, but for those that are ``common``: words of the product itself.
    """

    def __init__(self, common: str = "") -> None:
        self._places: dict[str, str] = {}
        self._common = frozenset(_WORD.findall(common.lower()))
        self.characters = 0

    def add(self, place: str, said: str) -> None:
        """Keep what came out at ``place``; a line that came out before is kept once."""
        self.characters += len(said)
        for line in said.lower().splitlines():
            self._places.setdefault(line, place)

    def of(self, secrets: Sequence[Secret]) -> list[tuple[str, Secret]]:
        """``(where, secret)`` of every secret that came out: in any form, by its digits alone, or by a word of it."""
        everything = "\n".join(self._places)
        joined, words = _JOINED.sub("", everything), set(_WORD.findall(everything))
        hits = [secret for secret in secrets if self._holds(secret, everything, joined, words)]
        return [(self._where(secret), secret) for secret in hits]

    def _holds(self, secret: Secret, text: str, joined: str, words: set[str]) -> bool:
        if any(form in text for form in secret.forms()) or not words.isdisjoint(secret.words() - self._common):
            return True
        return bool(secret.digits()) and secret.digits() in joined

    def _where(self, secret: Secret) -> str:
        for line, place in self._places.items():
            if self._holds(secret, line, _JOINED.sub("", line), set(_WORD.findall(line))):
                return f"{place}: {line.strip()[:200]}"
        return "across lines"


def in_files(paths: Iterable[Path], secrets: Sequence[Secret]) -> list[tuple[str, Secret]]:
    """``(file, secret)`` of every secret that the bytes of a file hold, in any of its forms."""
    contents = {path.name: path.read_bytes().decode("latin-1").lower() for path in paths}
    return [
        (name, secret)
        for name, content in contents.items()
        for secret in secrets
        if any(form in content for form in secret.forms())
    ]


#: What stands between the digits of one number.
_JOINED: Final = re.compile(r"(?<=\d)[ .\-/()]+(?=\d)")
