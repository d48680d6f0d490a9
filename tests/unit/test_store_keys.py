"""Keys as they are written, and the file that makes itself."""

from __future__ import annotations

import logging
import multiprocessing
import stat
from pathlib import Path

import pytest

from triage.errors import ConfigurationError
from triage.store.keys import GivenKeys, KeyFile, encode_key, new_key, parse_keys


def test_keys_are_read_as_they_were_written_and_the_first_one_encrypts() -> None:
    old, new = new_key(), new_key()
    read = GivenKeys(parse_keys(f"{encode_key(new)}, {encode_key(old)}", "here"))
    assert read.all() == (new, old)
    assert read.first() == new


@pytest.mark.parametrize("bad", ["short", "ü" * 44, encode_key(b"x" * 31), encode_key(b"x" * 33), "A" * 43 + "!"])
def test_what_is_no_key_is_refused_by_its_place_and_never_shown(bad: str) -> None:
    with pytest.raises(ConfigurationError, match="the place: key 2 is not 32 bytes") as caught:
        parse_keys(f"{encode_key(new_key())},{bad}", "the place")
    assert bad not in str(caught.value)


@pytest.mark.parametrize("nothing", ["", " , ,", "\n"])
def test_no_key_at_all_is_refused(nothing: str) -> None:
    with pytest.raises(ConfigurationError, match="holds no encryption key"):
        parse_keys(nothing, "here")


def test_a_key_file_is_made_when_a_key_is_needed_for_its_owner_only_and_says_so_once(tmp_path, caplog) -> None:
    path = tmp_path / "var" / "triage.key"
    source = KeyFile(path)
    assert source.all() == ()
    assert not path.exists()
    with caplog.at_level(logging.WARNING):
        key = source.first()
        assert KeyFile(path).first() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(caplog.records) == 1
    assert "TRIAGE_ENCRYPTION_KEYS" in caplog.text
    assert encode_key(key) not in caplog.text
    assert list(path.parent.iterdir()) == [path]


def first_key(path: Path) -> bytes:
    return KeyFile(path).first()


def test_of_processes_that_make_the_file_at_once_all_use_one_key(tmp_path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(first_key, [tmp_path / "triage.key"] * 8, chunksize=1)
    assert len(set(keys)) == 1


def test_a_key_file_that_holds_something_else_is_named(tmp_path) -> None:
    path = tmp_path / "triage.key"
    path.write_text("not a key\n")
    with pytest.raises(ConfigurationError, match=r"triage\.key: key 1"):
        KeyFile(path).first()
