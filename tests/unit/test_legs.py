"""Which leg of a conversation a channel carries, and which legs a reply can go to."""

from __future__ import annotations

import pytest

from tests.doubles import NOON
from triage.channels.x.names import PRIVATE, PUBLIC
from triage.channels.x.post import PrivateMessage
from triage.domain.legs import Leg, both_legs, is_private, leg_of, private_leg, public_leg
from triage.errors import InvalidInput
from triage.service.legs import check_length, legs_of


@pytest.mark.parametrize("channel", ["x", "x-private"])
def test_the_private_messages_of_a_channel_are_a_channel_of_their_own(channel: str) -> None:
    assert (public_leg(channel), private_leg(channel)) == both_legs(channel) == ("x", "x-private")
    assert is_private(channel) == (leg_of(channel) is Leg.PRIVATE) == (channel == "x-private")


def test_what_xs_channels_are_called_is_what_makes_them_legs() -> None:
    assert both_legs(PUBLIC) == (PUBLIC, PRIVATE)


@pytest.mark.parametrize(
    "channel", ["memory", "memory-private", "api-private", "-private", "x-private-private", "X-private"]
)
def test_a_name_alone_makes_nothing_private(channel: str) -> None:
    assert (leg_of(channel), is_private(channel)) == (Leg.PUBLIC, False)
    assert both_legs(channel) == (channel,)
    assert private_leg(channel) is None


@pytest.mark.parametrize(
    ("written", "legs"),
    [
        ([], ()),
        ([("x", True)], (Leg.PUBLIC,)),
        ([("x", True), ("x-private", False)], (Leg.PUBLIC,)),
        ([("x", True), ("x-private", True)], (Leg.PRIVATE, Leg.PUBLIC)),
        ([("x-private", True), ("x", True), ("x-private", False)], (Leg.PUBLIC, Leg.PRIVATE)),
    ],
)
def test_a_reply_can_go_where_the_customer_has_written_first_where_they_did_last(written, legs) -> None:
    assert legs_of(written) == legs


def test_a_text_is_as_long_as_its_leg_counts() -> None:
    check_length("x" * 280, Leg.PUBLIC)
    check_length("x" * 10_000, Leg.PRIVATE)
    for text, leg in (("x" * 281, Leg.PUBLIC), ("x" * 10_001, Leg.PRIVATE)):
        with pytest.raises(InvalidInput):
            check_length(text, leg)


@pytest.mark.parametrize(
    ("conversation", "other"),
    [("9-17", "17"), ("17-9", "17"), ("1733000000000000001", None), ("9-9", None), ("1-2", None), ("9-1-2", None)],
)
def test_the_other_one_of_two_is_known_by_the_conversations_name(conversation: str, other: str | None) -> None:
    assert PrivateMessage("1", conversation, "9", NOON, "hello").other_than("9") == other
