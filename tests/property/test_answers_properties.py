from __future__ import annotations

import datetime as dt
import string
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.answers.calibration import EVIDENCE, FOR, Calibration, fit
from triage.answers.compose import Said, check_lengths, next_text
from triage.answers.compose import texts as texts_of
from triage.answers.knowledge_base import KnowledgeBase, Snippet, load
from triage.answers.match import PRIOR, Matcher
from triage.answers.signs import read
from triage.errors import KnowledgeBaseError
from triage.text.length import MAX_WEIGHT, weighted_length
from triage.text.normalise import normalise

TODAY = dt.date(2026, 5, 1)
SNIPPETS = (
    Snippet("dogs", "Dogs", ("Can I bring my dog?", "are dogs allowed", "do you let puppies in"), ("On a lead.",)),
    Snippet("hours", "", ("When do you open?", "opening hours please", "are you open on sundays"), ("From 9.",)),
    Snippet("parking", "Parking", ("Where can I park?", "how much is the car park"), ("Behind the house.",)),
)
MATCHER = Matcher(KnowledgeBase(SNIPPETS, TODAY))
unit = st.floats(0, 1)
texts = st.text(min_size=1, max_size=300)


@given(texts)
@settings(max_examples=200, deadline=None)
def test_any_text_gets_at_most_the_limit_of_confidences_between_0_and_1_best_first(text: str) -> None:
    found = MATCHER.match(text, TODAY, limit=2)
    confidences = [match.confidence for match in found]
    assert len(found) <= 2
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert confidences == sorted(confidences, reverse=True)
    assert len({match.snippet for match in found}) == len(found)


@given(texts)
@settings(max_examples=100, deadline=None)
def test_normalising_a_message_first_changes_neither_match_nor_signs(text: str) -> None:
    assert MATCHER.match(text, TODAY) == MATCHER.match(normalise(text), TODAY)
    assert read(text) == read(normalise(text))


@pytest.mark.parametrize("calibration", [PRIOR, MATCHER.calibration], ids=["prior", "fitted"])
@given(row=st.lists(unit, min_size=len(EVIDENCE), max_size=len(EVIDENCE)), column=st.sampled_from(EVIDENCE), more=unit)
def test_confidence_is_monotone_in_every_piece_of_evidence(
    calibration: Calibration, row: list[float], column: str, more: float
) -> None:
    changed = list(row)
    changed[EVIDENCE.index(column)] += more
    before, after = calibration.confidence(np.array([row, changed]))
    assert after >= before if column in FOR else after <= before


@given(
    rows=st.lists(st.tuples(*[unit] * len(EVIDENCE), st.booleans()), min_size=2, max_size=20),
    strength=st.floats(0.1, 10),
)
@settings(max_examples=20, deadline=None)
def test_whatever_the_data_a_fit_stays_monotone(rows: list[tuple[float, ...]], strength: float) -> None:
    data = np.array(rows, dtype=float)
    found = fit(data[:, :-1], data[:, -1], PRIOR, strength)
    assert all(weight >= 0 for weight in found.weights[: len(FOR)])
    assert all(weight <= 0 for weight in found.weights[len(FOR) :])


@given(phrasing=st.text(min_size=1, max_size=320), channel=st.sampled_from(["x", None]), linked=st.booleans())
@settings(deadline=None)
def test_a_reply_never_exceeds_the_limit_or_its_snippet_is_refused(
    phrasing: str, channel: str | None, linked: bool
) -> None:
    snippet = Snippet("a", "", ("When?",), ("Now.", phrasing), link="https://help.example/x" if linked else None)
    try:
        check_lengths(KnowledgeBase((snippet,), TODAY), "(automated reply)")
    except KnowledgeBaseError:
        return
    assert all(weighted_length(text) <= MAX_WEIGHT for text in texts_of(snippet, channel, "(automated reply)"))


_word = st.text(string.ascii_letters, min_size=1, max_size=8).map(lambda word: f"w{word}")
_sentence = st.lists(_word, min_size=1, max_size=6).map(" ".join)


@given(
    questions=st.lists(_sentence, min_size=1, max_size=4),
    phrasings=st.lists(_sentence, min_size=1, max_size=3, unique=True),
    version=st.integers(1, 99),
)
@settings(max_examples=50, deadline=None)
def test_what_is_written_as_a_snippet_file_is_read_back(
    questions: list[str], phrasings: list[str], version: int
) -> None:
    listed = "\n".join(f"  - {question}" for question in questions)
    body = "\n***\n".join(phrasings)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.md")
        path.write_text(f"---\nid: a\nquestions:\n{listed}\nversion: {version}\n---\n{body}\n", encoding="utf-8")
        (snippet,) = load(Path(folder), TODAY).snippets
    assert (snippet.questions, snippet.phrasings, snippet.version) == (tuple(questions), tuple(phrasings), version)


@given(
    choice=st.lists(_sentence, min_size=1, max_size=5, unique=True),
    here=st.sets(_sentence, max_size=5),
    lately=st.lists(_sentence, max_size=8),
    variant=st.text(max_size=5),
    said=st.integers(0, 5),
)
def test_the_next_text_is_one_of_the_choice_never_one_said_here_and_the_longest_unsaid(
    choice: list[str], here: set[str], lately: list[str], variant: str, said: int
) -> None:
    here, lately = here | set(choice[:said]), [*choice[said:], *lately]
    found = next_text(choice, variant, Said(frozenset(here), tuple(lately)))
    left = [text for text in choice if text not in here]
    assert (found is None) == (not left)
    if found is not None:
        assert found in left
        assert lately.index(found) == max(lately.index(text) for text in left)
