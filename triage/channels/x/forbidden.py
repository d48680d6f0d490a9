"""Why X refuses a post or a private message (status 403), told from its own words, and what an agent can do."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Refusal(Enum):
    """One kind of refusal; ``words`` are for agents, ``signs`` are what X's sentence has in it, in small letters."""

    DUPLICATE = (
        "X says that the account has posted this text before; it may be this very reply",
        ("duplicate",),
    )
    NOT_SUMMONED = (
        "X lets an app answer only authors who named or quoted the account; answer by hand on X",
        ("not been mentioned or otherwise engaged", "reply to this conversation is not allowed"),
    )
    PARENT_DELETED = (
        "the post to be answered was deleted, or its author hides it from the account",
        ("deleted or not visible",),
    )
    RESTRICTED = (
        "the author has restricted who may answer this post; a private message may still reach them",
        ("restricted who can reply", "who can reply"),
    )
    BLOCKED = (
        "the author has blocked the account; X delivers nothing to them",
        ("blocked from the author", "blocked by the author", "blocked from viewing", "blocked you"),
    )
    NO_PRIVATE_MESSAGES = (
        "this person does not take private messages from the account; they have to write first",
        ("cannot send messages to", "can not send messages to", "permission to dm", "not following you"),
    )
    TOO_LONG = (
        "the text is too long for X",
        ("too long", "over the max character limit", "needs to be a bit shorter"),
    )
    DAILY = (
        "X lets the account post no more for now",
        ("over daily status update limit", "daily limit"),
    )
    LOCKED = (
        "X has locked or suspended the account; somebody has to sign in to X with it and see why",
        ("is suspended", "temporarily locked", "account is locked"),
    )

    def __init__(self, words: str, signs: tuple[str, ...]) -> None:
        self.words: Final = words
        self.signs: Final = signs


def refusal(said: str) -> Refusal | None:
    """The kind of refusal that X's words tell of; ``None`` for one that is not known."""
    said = said.casefold()
    return next((kind for kind in Refusal if any(sign in said for sign in kind.signs)), None)
