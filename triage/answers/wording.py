"""Which of a snippet's texts may be sent here by itself, or what is against all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from triage.answers.compose import NOTHING_SAID, Said, next_text
from triage.domain.limits import Lack
from triage.text.length import fits
from triage.text.links import possible_links


@dataclass(frozen=True, slots=True)
class Demands:
    """What a channel asks of a text. ``refused`` are those that it saw lately, whomever they were for."""

    links: bool = True
    fits: bool = False
    refused: Set[str] = frozenset()

    def left(self, texts: Sequence[str], said: Said) -> Sequence[str] | Lack:
        """The texts that may be sent; at least one."""
        tests: tuple[tuple[Lack, Callable[[str], bool]], ...] = (
            (Lack.ALL_SAID, lambda text: text not in said.here),
            (Lack.LINK_COSTS, lambda text: self.links or not has_link(text)),
            (Lack.TOO_LONG, lambda text: not self.fits or fits(text)),
            (Lack.SAID_LATELY, lambda text: text not in self.refused),
        )
        for lack, passes in tests:
            texts = [text for text in texts if passes(text)]
            if not texts:
                return lack
        return texts


ANYTHING = Demands()


def wording(texts: Sequence[str], variant: str, said: Said = NOTHING_SAID, demands: Demands = ANYTHING) -> str | Lack:
    """The text to send, as :func:`triage.answers.compose.next_text` chooses it among those that may be sent."""
    left = demands.left(texts, said)
    if isinstance(left, Lack):
        return left
    return next_text(left, variant, said) or Lack.ALL_SAID


def following(texts: Sequence[str], text: str, said: Said, demands: Demands) -> str | None:
    """The next text after one that was refused, in a circle; ``None`` where none may be sent."""
    start = texts.index(text) + 1 if text in texts else 0
    turned = [one for one in (*texts[start:], *texts[:start]) if one != text]
    left = demands.left(turned, said)
    return None if isinstance(left, Lack) else left[0]


def has_link(text: str) -> bool:
    """Whether X may see a link in it, and charge for one."""
    return next(iter(possible_links(text)), None) is not None
