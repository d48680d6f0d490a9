"""The keys that databases of tests are encrypted with."""

from __future__ import annotations

from typing import Final

from triage.store.keys import GivenKeys, encode_key, parse_keys
from triage.store.vault import Vault

#: As the environment of a command gives them.
KEYS: Final = encode_key(b"for tests, which hide nothing...")
VAULT: Final = Vault(GivenKeys(parse_keys(KEYS, "the keys of tests")))
