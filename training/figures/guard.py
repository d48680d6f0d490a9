"""The guard on what goes out: drafts that it wrongly lets pass, and drafts that it wrongly stops."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from training.drafts import DRAFTS, FRESH, UNSEEN, Outcome, judge, read_drafts
from training.figures.figure import Figure, Goal, Measured, Unit
from training.figures.setting import Absent, Setting
from triage.privacy.guard import Detect

_PASSED: Final = Goal(0, 0, less_is_better=True)
_STOPPED: Final = Goal(0.05, 0.01, less_is_better=True)


def measure(setting: Setting) -> Measured:
    """Of the drafts that the rules were completed on, and of those that were kept apart.

    Raises:
        Absent: a file of drafts is not there.
    """
    seen, unseen, fresh = (_judged(path, setting.detector.find) for path in (DRAFTS, UNSEEN, FRESH))
    return Measured(
        "guard",
        (*figures("drafts", seen), *figures("unseen drafts", unseen), *figures("fresh drafts", fresh)),
        details="Replies written for this by somebody who did not know the rules, half of them to be stopped. The "
        "rules were completed on the drafts; the unseen ones were measured afterwards and changed nothing. Wrongly"
        " passed, by "
        f"what was wrong: drafts {_by_reason(seen)}; unseen {_by_reason(unseen)}; fresh {_by_reason(fresh)}.",
    )


def figures(name: str, outcomes: list[Outcome]) -> tuple[Figure, Figure]:
    """How many of those to be stopped passed (a count), and the share of the others that was stopped."""
    bad = [one for one in outcomes if one.draft.block]
    good = [one for one in outcomes if not one.draft.block]
    passed, stopped = sum(one.wrong for one in bad), sum(one.wrong for one in good)
    return (
        Figure(f"{name}: wrongly passed", passed, _PASSED, Unit.COUNT, messages=len(bad)),
        Figure(f"{name}: wrongly blocked", stopped / len(good), _STOPPED, Unit.PERCENT, messages=len(good)),
    )


def _judged(path: Path, detect: Detect) -> list[Outcome]:
    if not path.is_file():
        raise Absent(f"{path.name} is not in {path.parent}")
    return judge(read_drafts(path), detect)


def _by_reason(outcomes: list[Outcome]) -> str:
    counts = Counter(one.draft.why for one in outcomes if one.draft.block and one.wrong)
    return ", ".join(f"{why} {count}" for why, count in sorted(counts.items())) or "none"
