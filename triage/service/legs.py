"""Which leg of a conversation a reply goes to, and which message it answers there."""

from __future__ import annotations

from collections.abc import Iterable

from triage.domain.case import Case
from triage.domain.legs import Leg, leg_of, private_leg, public_leg
from triage.domain.message import StoredMessage
from triage.errors import Conflict, InvalidInput
from triage.store import Transaction
from triage.text.length import MAX_PRIVATE_CHARACTERS, MAX_WEIGHT, fits, weighted_length


def legs_of(messages: Iterable[tuple[str, bool]]) -> tuple[Leg, ...]:
    """The legs on which a customer has written, that of the last message first.

    Nobody can be written to in private who has not written there, nor in public.

    Args:
        messages: channel of each, oldest first, and whether a customer wrote it.
    """
    found = [leg_of(channel) for channel, inbound in messages if inbound]
    return tuple(dict.fromkeys(reversed(found)))


def chosen(transaction: Transaction, case_id: int, leg: Leg | None, seen: str | None) -> Leg:
    """The leg that a reply goes to: where the customer wrote last, if nothing else is said.

    Raises:
        Conflict: the customer has written on both, and it is not said which is meant, nor what was read last.
            What is meant to be private must never become public because a post came in meanwhile.
    """
    if leg is not None:
        return leg
    if transaction.cases.get(case_id) is None:
        return Leg.PUBLIC  # who moves it is told
    legs = legs_of((message.channel, message.inbound) for message in transaction.messages.in_case(case_id))
    if len(legs) > 1 and seen is None:
        raise Conflict(
            f"case {case_id} goes on in public and in private; "
            "say which `leg` is meant, or which message was `seen` last"
        )
    return legs[0] if legs else Leg.PUBLIC


def to_answer(transaction: Transaction, case: Case, leg: Leg) -> StoredMessage:
    """The customer's last message on a leg.

    Raises:
        Conflict: there is none.
    """
    channel = private_leg(case.channel) if leg is Leg.PRIVATE else public_leg(case.channel)
    last = transaction.messages.latest_inbound([case.id], channel).get(case.id) if channel else None
    if last is None:
        how = "private message" if leg is Leg.PRIVATE else "message"
        raise Conflict(f"case {case.id} has no {how} of a customer to reply to")
    return last


def check_length(text: str, leg: Leg) -> None:
    """Raise :class:`InvalidInput` unless a text fits into one post, or one private message."""
    if leg is Leg.PRIVATE:
        if len(text) > MAX_PRIVATE_CHARACTERS:
            most = f"{MAX_PRIVATE_CHARACTERS:,}"
            raise InvalidInput(f"has {len(text):,} characters; at most {most} fit into a private message", field="text")
        return
    if (weight := weighted_length(text)) > MAX_WEIGHT:
        raise InvalidInput(f"is {weight} characters long as X counts; at most {MAX_WEIGHT} fit", field="text")
    if not fits(text):
        raise InvalidInput("has a character that X takes in no post", field="text")
