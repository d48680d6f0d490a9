"""The last look at a reply. A public one must not contain personal data, ask for it, or repeat what was exposed.

What may be asked in private may be announced in public ("DM us your booking reference"); what the
brand publishes itself (its phone numbers, addresses) may be said. A private reply may name what is the
customer's own, and ask for it; what is a secret even between the two (:data:`SECRETS`) it may not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from triage.domain.legs import Leg
from triage.domain.scores import Span
from triage.errors import GuardBlocked, InvalidInput
from triage.privacy.asking import asked_anywhere, asked_in_public
from triage.privacy.detect import detect
from triage.privacy.parts import parts_named
from triage.privacy.repeats import Exposed, repeated
from triage.privacy.spoken import digits_for_words
from triage.privacy.told import told
from triage.privacy.view import BLANK, folded
from triage.text.accept import check_storable

#: Finds personal data: exact spans of a raw text.
Detect = Callable[[str], tuple[Span, ...]]

#: What neither side of a private conversation needs to write down: whoever asks for it is taken for a thief.
SECRETS: Final = frozenset({"CARD", "PASSWORD"})

MOST_REASON_CHARACTERS: Final = 500
#: The field that a refused reason is reported under.
REASON: Final = "release.reason"
#: An ``@`` before what no account is called: handles have at most 15 characters, and hardly any is a phone number.
_NO_HANDLE: Final = re.compile(r"@(?=\d{9,}\b|\w{16,})")
_VARIED: Final = re.compile(r"[\W_]")
_BETWEEN: Final = r"[\W_]{0,3}"


@dataclass(frozen=True, slots=True)
class Guard:
    """What judges every reply before it leaves, whoever wrote it. One value for the whole product.

    ``published`` is what the brand itself has made public: phone numbers, e-mail and street addresses,
    in any spacing, punctuation and case. ``detect`` finds personal data.
    """

    published: tuple[str, ...] = ()
    detect: Detect = detect

    def check(self, text: str, exposed: Iterable[Exposed] = (), leg: Leg = Leg.PUBLIC) -> None:
        """Return if ``text`` may be said on this leg of a conversation in which ``exposed`` can be read already.

        Raises:
            GuardBlocked: in public, the text contains personal data, repeats some of ``exposed`` in whole or in
                part, or asks for personal data without moving to a private channel; in private, it contains a
                secret or asks for one. ``findings`` lists the types, never the values.
        """
        if leg is Leg.PRIVATE:
            self._check_private(text)
            return
        text = _NO_HANDLE.sub(" ", text)
        if contained := self.contained(text):
            raise _blocked(leg, "contain personal data", contained)
        bare = self._without_published(text)
        if again := repeated(bare, exposed) | repeated(bare.replace("@", " "), exposed):
            raise _blocked(leg, "repeat personal data that the customer has exposed", again)
        if asked := asked_in_public(text):
            raise _blocked(leg, "ask for personal data", asked)

    def _check_private(self, text: str) -> None:
        text = _NO_HANDLE.sub(" ", text)
        spelled = digits_for_words(folded(text))
        if contained := SECRETS.intersection([*self._types(text), *self._types(spelled)]):
            raise _blocked(Leg.PRIVATE, "contain secrets", contained)
        if asked := SECRETS & asked_anywhere(text):
            raise _blocked(Leg.PRIVATE, "ask for secrets", asked)

    def contained(self, text: str) -> frozenset[str]:
        """Types of personal data in ``text``, also in parts ("ending 4421") and spelled out in words."""
        rest = self._without_published(text)
        spelled = digits_for_words(folded(rest))
        found = set(self._types(rest)) | parts_named(spelled) | told(spelled)
        return frozenset(found if spelled == rest else found.union(self._types(spelled)))

    def exposed_by(self, text: str, spans: Iterable[Span] = ()) -> tuple[Exposed, ...]:
        """The items that a customer's message exposes: those judged before, and all that is found now."""
        known = {(span.start, span.end): span for span in (*self.detect(text), *spans)}
        return tuple(Exposed(span.type, text[span.start : span.end]) for span in known.values())

    def check_reason(self, reason: str, exposed: Iterable[Exposed] = ()) -> str:
        """A supervisor's reason for letting a blocked reply go, without space around it.

        Raises:
            InvalidInput: it is empty, too long, or holds personal data itself.
        """
        reason = check_storable(reason.strip(), field=REASON)
        if not reason:
            raise InvalidInput("is empty; say why this reply may go out", field=REASON)
        if len(reason) > MOST_REASON_CHARACTERS:
            raise InvalidInput(f"has {len(reason)} characters; at most {MOST_REASON_CHARACTERS} fit", field=REASON)
        if kinds := self.contained(reason) | repeated(self._without_published(reason), exposed):
            raise InvalidInput(
                f"may not hold personal data itself ({', '.join(sorted(kinds))}); it is kept for good", field=REASON
            )
        return reason

    def _types(self, text: str) -> Iterator[str]:
        for span in self.detect(text):
            # A brand writes names as names: "a surname is free to change" holds none.
            if span.type != "PERSON" or not text[span.start : span.end].islower():
                yield span.type

    def _published_in(self, text: str) -> Iterator[tuple[int, int]]:
        """``start, end`` of what ``text`` has of the brand's own, with signs that belong to it around it."""
        for item in self.published:
            bare = _VARIED.sub("", item)
            if bare:
                letters = _BETWEEN.join(map(re.escape, bare))
                for match in re.finditer(rf"(?<!\w)[(+]?{letters}\)?(?!\w)", folded(text), re.IGNORECASE):
                    yield match.span()

    def _without_published(self, text: str) -> str:
        for start, end in self._published_in(text):
            text = text[:start] + BLANK * (end - start) + text[end:]
        return text


def _blocked(leg: Leg, deed: str, kinds: Collection[str]) -> GuardBlocked:
    named = tuple(sorted(kinds))
    return GuardBlocked(f"a {leg.value} reply may not {deed}: {', '.join(named)}", named)
