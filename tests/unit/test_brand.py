from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.compose import DEMO_BRAND
from triage.brand import brand_around, load_brand
from triage.domain.decision import Mode
from triage.errors import ConfigurationError

DEMO = re.sub(r"\[variables\][^\[]*", "", (DEMO_BRAND / "brand.toml").read_text(encoding="utf-8"))


def brand(folder: Path, first: str = "", last: str = "") -> Path:
    """The demo brand without its variables, with lines before its first table and after its last."""
    (folder / "brand.toml").write_text(f"{first}\n{DEMO}\n{last}\n", encoding="utf-8")
    return folder


def test_a_brand_is_live_and_has_no_variables_unless_it_says_so(tmp_path: Path) -> None:
    read = load_brand(brand(tmp_path))
    assert (read.mode, dict(read.variables)) == (Mode.LIVE, {})


def test_mode_and_variables_are_read(tmp_path: Path) -> None:
    read = load_brand(brand(tmp_path, 'mode = "shadow"', '[variables]\nphone = "0117 496 0140"'))
    assert (read.mode, dict(read.variables)) == (Mode.SHADOW, {"phone": "0117 496 0140"})


@pytest.mark.parametrize(
    ("first", "last", "named"),
    [
        ('mode = "loud"', "", r"'loud' - at `\$\.mode`"),
        ("", "[variables]\nphone = 117", r"at `\$\.variables"),
        ("", '[variables]\nphone = " "', "variables.phone: is empty"),
        ("", '[variables]\nphone = "a\\u0007b"', "variables.phone: contains the control character"),
        ("", '[variables]\n"Phone no" = "1"', "variables.Phone no: must be small letters"),
    ],
)
def test_a_wrong_mode_or_variable_is_refused_by_file_and_field(
    tmp_path: Path, first: str, last: str, named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        load_brand(brand(tmp_path, first, last))
    assert str(tmp_path / "brand.toml") in str(caught.value)


def test_the_brand_of_a_knowledge_base_is_the_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    assert brand_around(tmp_path / "kb") is None
    found = brand_around(brand(tmp_path) / "kb")
    assert found is not None
    assert found.name == "Marram Air"
