"""What is sealed says nothing, opens with its key, and in its place only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import ConfigurationError
from triage.store.keys import GivenKeys, new_key
from triage.store.vault import HEAD_BYTES, Vault

OLD, NEW = new_key(), new_key()
TEXT = b"my booking is QX7KZP"


def vault(*keys: bytes) -> Vault:
    return Vault(GivenKeys(keys))


@given(st.binary(max_size=500))
def test_what_is_sealed_opens_to_what_it_was(plain: bytes) -> None:
    one = vault(NEW)
    assert one.opener("messages.text")(one.sealer("messages.text")(plain)) == plain


def test_the_same_text_is_never_sealed_alike_and_shows_nothing_of_itself() -> None:
    seal = vault(NEW).sealer("messages.text")
    first, second = seal(TEXT), seal(TEXT)
    assert first != second
    assert TEXT not in first
    assert first[:HEAD_BYTES] == second[:HEAD_BYTES] == vault(NEW).head


def test_any_key_opens_what_it_sealed_and_the_first_one_seals() -> None:
    old = vault(OLD).sealer("a.b")(TEXT)
    both = vault(NEW, OLD)
    assert both.opener("a.b")(old) == TEXT
    assert vault(NEW).opener("a.b")(both.sealer("a.b")(TEXT)) == TEXT


def test_a_key_that_is_not_there_is_said_with_the_setting_that_wants_it() -> None:
    sealed = vault(OLD).sealer("a.b")(TEXT)
    with pytest.raises(ConfigurationError, match=r"key [0-9a-f]{8}, which is not there.*TRIAGE_ENCRYPTION_KEYS"):
        vault(NEW).opener("a.b")(sealed)


@pytest.mark.parametrize("at", [HEAD_BYTES, HEAD_BYTES + 12, -1])
def test_a_value_that_was_changed_does_not_open(at: int) -> None:
    sealed = bytearray(vault(NEW).sealer("a.b")(TEXT))
    sealed[at] ^= 1
    with pytest.raises(ConfigurationError, match=r"a value of a\.b .* is damaged"):
        vault(NEW).opener("a.b")(bytes(sealed))


def test_a_value_does_not_open_in_another_place() -> None:
    sealed = vault(NEW).sealer("replies.text")(TEXT)
    with pytest.raises(ConfigurationError, match="damaged"):
        vault(NEW).opener("messages.text")(sealed)
