"""The quick looks before slow ones miss nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import automated, cues
from triage.cues import Rare, rare
from triage.privacy import contexts
from triage.privacy.contexts import Context, may_be_in

#: Each way of saying it by itself, so that hypothesis comes by all of them.
WAYS = [
    pytest.param(one, way, id=f"{name}: {way[:40]}")
    for name, one in (("stop", cues.STOP), ("automatic", automated.PHRASE))
    for way in one.patterns
]
PATTERNS = [(context, pattern) for context, patterns in contexts.PATTERNS.items() for pattern in patterns]


@pytest.mark.parametrize(("one", "way"), WAYS)
@given(data=st.data())
def test_whatever_matches_a_rare_pattern_has_one_of_its_words(one: Rare, way: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(way, re.ASCII)))
    assert one.may_be_in(text)
    assert [found.span() for found in one.finditer(text)] == [found.span() for found in one.pattern.finditer(text)]


def test_a_text_without_the_words_is_not_searched() -> None:
    one = rare("way", r"\bwa?y\b")
    assert one.search("by the way") is not None
    assert one.search("why wy") is None
    assert list(one.finditer("why wy")) == []


@given(data=st.data())
def test_words_in_a_context_pass_the_quick_look_for_it(data: st.DataObject) -> None:
    context, pattern = data.draw(st.sampled_from(PATTERNS))
    written = []
    for token in pattern:
        words = token.get("LOWER", {}).get("IN", ["Hanna", "Okonkwo"])
        least, most = {"{1}": (1, 1), "?": (0, 1), "+": (1, 2), "*": (0, 2), "{0,2}": (0, 2), "{0,3}": (0, 3)}[
            token.get("OP", "{1}")
        ]
        written += data.draw(st.lists(st.sampled_from(words), min_size=least, max_size=most))
    case = data.draw(st.sampled_from([str.lower, str.upper, str.title]))
    assert may_be_in(context, f"so {case(' '.join(written))} it is".lower())


@pytest.mark.parametrize("context", [Context.OWNED, Context.LIVED])
def test_a_text_without_a_contexts_words_does_not_pass(context: Context) -> None:
    assert not may_be_in(context, "hanna okonkwo at 12 elm rd was great, the train too")
