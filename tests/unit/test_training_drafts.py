"""The guard on the drafts that were written to measure it, held where it is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from training.drafts import DRAFTS, FRESH, UNSEEN, Draft, Outcome, judge, read_drafts
from training.figures import guard
from training.figures.figure import Reached
from triage.errors import InvalidInput
from triage.privacy.detect import RULES, Detector
from triage.text.length import MAX_WEIGHT, weighted_length


@pytest.mark.parametrize(("path", "count"), [(DRAFTS, 300), (UNSEEN, 100)])
def test_half_of_the_drafts_must_be_stopped_and_each_says_why(path: Path, count: int) -> None:
    drafts = read_drafts(path)
    assert len({draft.id for draft in drafts}) == len({draft.text for draft in drafts}) == count
    assert sum(draft.block for draft in drafts) == count / 2
    reasons = Counter(draft.why for draft in drafts)
    assert set(reasons) == {"", "asks", "contains", "repeats"}
    assert reasons[""] == count / 2
    assert all(draft.block == bool(draft.why) for draft in drafts)
    assert all(weighted_length(draft.text) <= MAX_WEIGHT for draft in drafts)


DETECTOR = Detector.load(Path(__file__).parents[2] / "models" / "people-en")


def test_no_draft_that_must_be_stopped_passes_and_hardly_any_other_is_stopped() -> None:
    passed, stopped = guard.figures("drafts", judge(read_drafts(DRAFTS), DETECTOR.find))
    assert passed.reached is Reached.AIM
    assert stopped.reached is Reached.AIM


def test_of_the_unseen_drafts_no_more_pass_or_stop_by_rules_than_did_when_they_were_measured() -> None:
    passed, stopped = guard.figures("unseen", judge(read_drafts(UNSEEN), RULES.find))
    assert passed.value <= UNSEEN_PASSED
    assert stopped.value <= UNSEEN_STOPPED


def test_with_the_model_of_people_fewer_of_the_unseen_drafts_pass_and_one_more_is_stopped() -> None:
    passed, stopped = guard.figures("unseen", judge(read_drafts(UNSEEN), DETECTOR.find))
    assert passed.value <= 19
    assert stopped.value <= 0.08


def test_of_fresh_drafts_of_an_ordinary_day_no_more_pass_or_stop_than_did_when_they_were_measured() -> None:
    passed, stopped = guard.figures("fresh", judge(read_drafts(FRESH), DETECTOR.find))
    assert passed.value <= 4
    assert stopped.value <= 0.12


#: Measured once, when the rules were complete and alone; more is asked for (none, and 5 %).
UNSEEN_PASSED = 22
UNSEEN_STOPPED = 0.06


def outcome(*, block: bool, stopped: bool) -> Outcome:
    return Outcome(Draft("d", "text", "message", (), (), block, "asks" if block else ""), stopped)


def test_figures_count_what_went_wrong_each_way() -> None:
    outcomes = [
        outcome(block=True, stopped=True),
        outcome(block=True, stopped=False),
        outcome(block=False, stopped=True),
        *[outcome(block=False, stopped=False)] * 3,
    ]
    passed, stopped = guard.figures("x", outcomes)
    assert (passed.value, passed.messages, passed.reached) == (1, 2, Reached.NEITHER)
    assert (stopped.value, stopped.messages, stopped.reached) == (0.25, 4, Reached.NEITHER)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "line 2"),
        ('{"id": "d1"}', "line 2"),
        (
            '{"id":"d","text":"t","message":"m","exposed":[[0,9,"EMAIL"]],"published":[],"block":true,"why":"asks"}',
            "exposed: a span is not one",
        ),
    ],
)
def test_a_line_that_is_no_draft_is_named(tmp_path: Path, line: str, wrong: str) -> None:
    good = '{"id":"d","text":"t","message":"m","exposed":[],"published":[],"block":true,"why":"asks"}'
    path = tmp_path / "drafts.jsonl"
    path.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=wrong):
        read_drafts(path)
