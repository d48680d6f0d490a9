"""Invented people, places and things to put into carrier sentences: every draw follows from the seed.

Names come from Faker in many languages, those of other scripts in Latin letters. Nobody's real data is in here.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

from faker import Faker

T = TypeVar("T")

#: Where names come from, and how often beside the others.
LOCALES: Final[Mapping[str, int]] = {
    "en_US": 8,
    "en_GB": 6,
    **dict.fromkeys(("en_IN", "es_ES", "es_MX", "fr_FR", "de_DE", "it_IT", "pt_BR", "nl_NL", "pl_PL"), 3),
    **dict.fromkeys(("sv_SE", "da_DK", "fi_FI", "no_NO", "cs_CZ", "hu_HU", "is_IS", "sl_SI", "hr_HR"), 3),
    **dict.fromkeys(("en_NG", "en_KE", "en_PK", "en_NZ", "fr_CA", "fr_DZ", "de_AT", "de_CH", "pt_PT"), 1),
    **dict.fromkeys(("sk_SK", "ro_RO", "lt_LT", "lv_LV", "et_EE", "tr_TR", "az_AZ", "id_ID", "ga_IE"), 1),
    **dict.fromkeys(("yo_NG", "ig_NG", "ha_NG", "zu_ZA", "sw", "uz_UZ"), 1),
    **dict.fromkeys(("ja_JP", "zh_CN"), 2),
    **dict.fromkeys(("ru_RU", "uk_UA", "bg_BG", "el_GR"), 2),
}
#: Languages whose words are invented sentences' words.
_TONGUES: Final = (
    "la",
    "fr_FR",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "cs_CZ",
    "da_DK",
    "az_AZ",
    "tl_PH",
    "de_DE",
    "ru_RU",
    "el_GR",
)
#: Locales whose provider draws cities from a set, so that they differ between processes.
_CITIES_IN_NO_ORDER: Final = frozenset({"it_IT"})
#: Locales whose provider writes names in Latin letters by another call.
_ROMANISED: Final = frozenset({"ja_JP", "zh_CN"})


def _words(text: str, between: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(between))


_CARRIERS: Final = ("BA", "LH", "U2", "AF", "KL", "DL")
_CYRILLIC: Final = dict(
    zip(
        "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя",
        _words("a b v h g d e ie yo zh z i i yi y k l m n o p r s t u f kh ts ch sh shch a y _ e yu ya"),
        strict=True,
    )
)
_GREEK: Final = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", _words("a v g d e z i th i k l m n x o p r s s t y f ch ps o"), strict=True)
)
_LATIN: Final = {
    ord(source): target.replace("_", "")
    for small in (_CYRILLIC | _GREEK).items()
    for source, target in (small, (small[0].upper(), small[1].capitalize()))
    if len(source) == 1
}
#: Letters that Unicode does not take apart.
_PLAIN: Final = str.maketrans("łŁøØđĐðÐıəƏ", "lLoOdDdDieE") | {
    0xDF: "ss",
    0xE6: "ae",
    0xC6: "Ae",
    0xFE: "th",
    0xDE: "Th",
}

_PARTICLES: Final = ("van", "van der", "de", "de la", "von", "di", "del", "bin", "al", "dos", "Mac", "St")
_TRADES: Final = _words(
    "Foods Media Bank Partners Logistics Telecom Air Insurance Energy Motors Textiles Software Travel Health Pharma"
    " Analytics Hotels Rail Investments Capital Group Holdings Systems Labs Studio Books Records"
)
_FORMS: Final = ("Ltd", "Inc", "Inc.", "GmbH", "LLC", "plc", "Group", "Corp", "& Co", "AG", "S.A.", "BV")
_SYLLABLES: Final = _words("ve no tra lu mi so da ri ka to ne xi pro ta bel cor zen qua fi lo ra ti o")
_ENGLISH: Final = _words(
    "silver north blue river stone bright open golden fair clear high green summer iron swift quiet little hidden red"
    " broken midnight lonely paper glass winter morning hollow distant salt velvet wild last first long dark cold"
)
_THINGS: Final = _words(
    "harbour field bridge garden lantern road window station letter island tower dragon kingdom engine mirror shadow"
    " storm promise train orchard crown voyage house city detective summer heart mountain thief ocean dance"
)
_ROADS: Final = _words(
    "Street Road Avenue Lane Drive Close Court Way Place Terrace Crescent Gardens Hill Grove Park Square Walk St Rd Ave"
    " Ln Dr Ct Blvd Boulevard Parade Mews Row Green View Rise Highway"
)
_UNITS: Final = ("Apt", "Apt.", "Flat", "Suite", "Unit", "Room", "Floor", "#")
_PRODUCTS: Final = _words(
    "iPhone 8|Galaxy S7|Xbox One|PS4|MacBook Pro|Pixel XL|Surface Pro|Fire Stick|Roku|Kindle|Apple Watch|AirPods|router"
    "|Echo Dot|Smart TV|Nokia 3310|Chromecast|Switch|iPad mini|ThinkPad|set top box|Sky box|washing machine|kettle",
    "|",
)
_NATIONS: Final = _words(
    "French German Polish Italian Dutch Swedish Danish Finnish Czech Turkish Greek Spanish Mexican Nigerian Kenyan"
    " Indian Pakistani Chinese Japanese Korean Brazilian Irish Welsh Scottish English American Canadian Australian"
)
_MONTHS: Final = _words(
    "January February March April May June July August September October November December Jan Feb Sept Oct"
)
_TAGS: Final = _words("fail happy nofilter friends goals monday love win tbt sad travel foodie music worstservice help")
_ENDS: Final = (".com", ".org", ".co.uk", ".de", ".net", ".io", ".fr")


def plain(name: str) -> str:
    """``name`` without accents."""
    apart = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@dataclass(frozen=True)
class Invented:
    """Draws by the names of slots; equal seeds give equal rows of draws.

    A draw of a person's name has no title in it.
    """

    seed: int

    @cached_property
    def dice(self) -> random.Random:
        return random.Random(self.seed)  # noqa: S311 - sentences to learn from, no secret

    @cached_property
    def _fakers(self) -> dict[str, Faker]:
        fakers = {name: Faker(name) for name in LOCALES}
        for place, faker in enumerate(fakers.values()):
            faker.seed_instance(self.seed * 1000 + place)
        return fakers

    @cached_property
    def slots(self) -> Mapping[str, Callable[[], str]]:
        """What can be drawn, by the name that carriers call it."""
        return {
            "full": self.full,
            "figure": self.full,
            "first": self.first,
            "last": self.last,
            "address": self.address,
            "street": self.street,
            "road": self.road,
            "city": self.city,
            "country": lambda: self._english.country(),
            "nationality": lambda: self._one(_NATIONS),
            "org": self.organisation,
            "product": lambda: self._one(_PRODUCTS),
            "work": self.work,
            "handle": self.handle,
            "email": lambda: self._english.email(),
            "phone": lambda: self._english.phone_number(),
            "order": self.order,
            "flight": lambda: f"{self._one(_CARRIERS)}{self.dice.randint(10, 9999)}",
            "postcode": lambda: self._english.postcode(),
            "date": self.date,
            "month": lambda: self._one(_MONTHS[:12]),
            "time": lambda: f"{self.dice.randint(0, 23)}:{self.dice.randint(0, 59):02}",
            "money": lambda: f"{self._one('£$€')}{self.dice.randint(1, 5000)}",
            "number": lambda: str(self.dice.randint(2, 99)),
            "url": lambda: f"https://{self._one(('www.', ''))}{self._word()}{self._word()}{self._one(_ENDS)}/",
            "foreign": self.foreign,
            "typo": self.typo,
            "tag": lambda: f"#{self._one(_TAGS)}",
        }

    def full(self) -> str:
        """A full name in one of its many forms, all parts of one language."""
        locale = self._locale()
        first, last = self._first(locale), self._last(locale)
        turn = self.dice.random()
        if turn < 0.10:
            first += f" {self._initial()}"
        elif turn < 0.14:
            first = f"{first} {self._first(locale)}"
        elif turn < 0.18:
            last += f"{self._one('- ')}{self._last(locale)}"
        elif turn < 0.22:
            last = f"{self._one(_PARTICLES)} {last}"
        elif turn < 0.24:
            first = self._initial()
        elif turn < 0.25:
            last = f"O'{last}"
        return self._typed(f"{first} {last}")

    def first(self) -> str:
        return self._typed(self._first(self._locale()))

    def last(self) -> str:
        return self._typed(self._last(self._locale()))

    def somebody(self) -> str:
        """A name as it comes in talk: mostly a first name, seldom with small letters."""
        name = self._one((self.first, self.first, self.first, self.full, self.full, self.last))()
        return name if self.dice.random() < 0.85 else name.lower()

    def first_names(self, of_each: int) -> set[str]:
        """Many first names, ``of_each`` draws from every language."""
        return {self._first(locale) for locale in LOCALES for _ in range(of_each)}

    def countries(self, draws: int) -> set[str]:
        """The words of the names of countries, in lower case: "new", "zealand"."""
        return {word.lower() for _ in range(draws) for word in self._english.country().split() if word.isalpha()}

    def last_names(self, of_each: int) -> set[str]:
        """Many surnames, ``of_each`` draws from every language."""
        return {self._last(locale) for locale in LOCALES for _ in range(of_each)}

    def road(self) -> str:
        """A street without a number."""
        if self.dice.random() < 0.4:
            return latin(self._abroad().street_name())
        named = self._one((self._english_word, self.first, self.last, self._thing))()
        return f"{named} {self._one(_ROADS)}"

    def street(self) -> str:
        """A street and a number, in the order of some country."""
        number = str(self.dice.randint(1, 400 if self.dice.random() < 0.8 else 99999))
        number += self._one("abc") if self.dice.random() < 0.08 else ""
        turn = self.dice.random()
        if turn < 0.15:
            return latin(self._abroad().street_address()).replace("\n", self._one((", ", "\n", " ")))
        if turn < 0.6:
            return f"{number} {self.road()}"
        return f"{latin(self._abroad().street_name())} {number}"

    def address(self) -> str:
        """A street and what else letters need, in one line or several; now and then a box of the army or the post."""
        if self.dice.random() < 0.1:
            return self._one((self._english.military_apo, self._post_box))()
        unit = f"{self._one(_UNITS)} {self.dice.randint(1, 999)}"
        parts = [self.street(), self.city()]
        if self.dice.random() < 0.4:
            parts.insert(self.dice.randint(0, 1), unit)
        if self.dice.random() < 0.3:
            parts.append(self._english.country())
        code = self._english.postcode()
        parts[-1] = f"{code} {parts[-1]}" if self.dice.random() < 0.3 else f"{parts[-1]} {code}"
        return self._one((", ", ", ", "\n", "\n ", " ", ",\n")).join(parts)

    def _post_box(self) -> str:
        return f"{self._one(('PO Box', 'P.O. Box', 'Box'))} {self.dice.randint(1, 9999)}, {self.city()}"

    def city(self) -> str:
        locale = self._locale()
        kept = locale in _ROMANISED or locale in _CITIES_IN_NO_ORDER
        return latin((self._english if kept else self._fakers[locale]).city())

    def organisation(self) -> str:
        """Firms, also those named after people."""
        turn = self.dice.random()
        if turn < 0.25:
            return latin(self._abroad().company())
        if turn < 0.5:
            return f"{self._english_word()} {self._one(_TRADES)}"
        if turn < 0.7:
            return self._word().capitalize() + self._word()
        if turn < 0.85:
            return f"{self._one((self._word().capitalize(), self._last('en_US')))} {self._one(_FORMS)}"
        return f"{self._one((self._last('en_GB'), self._word().capitalize()))} {self._one(_TRADES)}"

    def work(self) -> str:
        """A film, a song, a game: words with capitals."""
        title = f"{self._english_word()} {self._thing()}"
        return self._one((title, f"The {title}", f"{self._thing()}s of {self._thing()}", self._thing()))

    def foreign(self) -> str:
        """Words of another language, or of many."""
        words = self._one(self._tongues).words(self.dice.randint(2, 7))
        line = latin(" ".join(words))
        return line.capitalize() if self.dice.random() < 0.5 else line

    def typo(self) -> str:
        """What is no word: a sound, a word with too many letters, the name of some game."""
        word = self._word()
        if self.dice.random() < 0.4:
            place = self.dice.randrange(len(word))
            word = word[:place] + word[place] * self.dice.randint(2, 8) + word[place:]
        return self._one((word, word, word.capitalize(), word.upper()))

    def handle(self) -> str:
        if self.dice.random() < 0.5:
            return f"@{self.dice.randint(100, 999999)}"
        return f"@{self._word().capitalize()}{self._one(('Help', 'Cares', 'Support', '_UK', '', '', self._word()))}"

    def order(self) -> str:
        signs = self._one(("0123456789ABCDEFGHKLMNPRSTXZ", "0123456789"))
        return "".join(self._one(signs) for _ in range(8))

    def date(self) -> str:
        day, month, year = self.dice.randint(1, 28), self.dice.randint(1, 12), self.dice.randint(1940, 2019)
        name = _MONTHS[month - 1]
        return self._one(
            (f"{day}/{month}/{year}", f"{year}-{month:02}-{day:02}", f"{day} {name}", f"{name} {day}, {year}")
        )

    @cached_property
    def _tongues(self) -> list[Faker]:
        tongues = [Faker(name) for name in _TONGUES]
        for place, faker in enumerate(tongues):
            faker.seed_instance(self.seed * 1000 + 500 + place)
        return tongues

    @cached_property
    def _english(self) -> Faker:
        return self._fakers["en_US"]

    def _abroad(self) -> Faker:
        """A language whose words for places can be written in Latin letters."""
        locale = self._locale()
        return self._english if locale in _ROMANISED else self._fakers[locale]

    def _locale(self) -> str:
        return self.dice.choices(list(LOCALES), list(LOCALES.values()))[0]

    def _first(self, locale: str) -> str:
        faker = self._fakers[locale]
        return latin(faker.first_romanized_name() if locale in _ROMANISED else faker.first_name())

    def _last(self, locale: str) -> str:
        faker = self._fakers[locale]
        return latin(faker.last_romanized_name() if locale in _ROMANISED else faker.last_name())

    def _typed(self, name: str) -> str:
        """As keyboards give it: often without accents."""
        return plain(name) if self.dice.random() < 0.3 else name

    def _initial(self) -> str:
        return self._one("ABCDEFGHIJKLMNOPRSTVW") + self._one((".", "", "."))

    def _english_word(self) -> str:
        return self._one(_ENGLISH).capitalize()

    def _thing(self) -> str:
        return self._one(_THINGS).capitalize()

    def _word(self) -> str:
        return "".join(self._one(_SYLLABLES) for _ in range(self.dice.randint(2, 3)))

    def _one(self, of: Sequence[T]) -> T:
        return self.dice.choice(of)


def latin(text: str) -> str:
    """Cyrillic and Greek letters written in Latin ones; others as they are."""
    return text if text.isascii() else unicodedata.normalize("NFC", _bare(text).translate(_LATIN))


def _bare(text: str) -> str:
    """``text`` with the accents of Greek letters left out, so that a table of letters is enough."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(sign for place, sign in enumerate(apart) if not ("̀" <= sign <= "ͯ" and _is_greek(apart[place - 1])))


def _is_greek(letter: str) -> bool:
    return "Ͱ" <= letter <= "Ͽ"
