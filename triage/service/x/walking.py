"""How a timeline is read backwards without losing anything: pure, ids are numbers.

X gives posts newest first, a page at a time. What a walk from the newest down to the last one known leaves unread,
because a limit or a fault cut it short, is a gap, and a later walk begins where it stopped. New posts are read
first, whatever gaps there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from msgspec.structs import replace as changed

from triage.channels.x.snowflake import first_id_at, moment_of
from triage.store.left_out import LeftOut
from triage.store.marks import Gap, Mark

#: More gaps than these become one: X gives back too few posts for many to be filled.
_MOST_GAPS: Final = 4
#: X gives back "up to" so many posts, less those that were deleted, and while it is read new ones push the oldest out.
#: From this share of them on, the end of a timeline may be its cut.
_NEARLY: Final = 0.75


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk down one gap has come to: the ids on its pages, and whether it is done.

    ``token`` is of the page that would be next, where a later walk needs it.
    """

    gap: Gap
    ids: tuple[int, ...] = ()
    pages: int = 0
    ended: bool = False
    token: str | None = None

    def read(self, ids: Sequence[int], *, more: bool, token: str | None = None) -> Walked:
        """With one page more; it ends where it meets what was known, or where X says that there is no more."""
        walked = replace(self, ids=(*self.ids, *ids), pages=self.pages + 1, ended=not more, token=token)
        return walked.down(self.gap)

    def down(self, gap: Gap) -> Walked:
        """The same pages as a walk down a gap that is not so deep."""
        met = bool(self.ids) and min(self.ids) <= gap.above + 1
        return replace(self, gap=gap, ended=self.ended or met)

    @property
    def reached(self) -> bool:
        """Whether what had been read before was met, by this walk or by those before it that left the gap."""
        known, below = self.gap.known, self.gap.below
        before = below is not None and below <= known + 1
        return before or (bool(self.ids) and min(self.ids) <= known)

    def cut_off(self, most: int) -> bool:
        """Whether it ended because X gives back only the latest ``most`` posts, so that some may be missing."""
        return self.ended and not self.reached and self.gap.newer + len(self.ids) >= most * _NEARLY

    @property
    def left(self) -> Gap | None:
        """What is still to be read of the gap."""
        if self.ended:
            return None
        token = self.token if self.pages else self.gap.token
        below = min(self.ids, default=self.gap.below)
        return changed(self.gap, below=below, newer=self.gap.newer + len(self.ids), token=token)


def to_read(mark: Mark, overlap: timedelta) -> list[Gap]:
    """What is to be read now, the newest first: all since the mark, with an overlap, and the gaps.

    The overlap ends where a gap begins: that has one of its own.
    """
    ends = [gap.below - 1 for gap in mark.gaps[:1] if gap.below is not None]
    return [Gap(mark.newest, max(back(mark.newest, overlap), mark.floor, *ends)), *mark.gaps]


def widened(mark: Mark, overlap: timedelta) -> Mark:
    """The mark whose gaps are read down to the end of the overlap, or to the next gap.

    What lies between gaps was read before, and X may show some of it late.
    """
    bottom = max(back(mark.newest, overlap), mark.floor)
    ends = [(gap.below or 0) - 1 for gap in mark.gaps[1:]] + [0]
    gaps = [changed(gap, above=min(gap.above, max(bottom, end))) for gap, end in zip(mark.gaps, ends, strict=False)]
    return changed(mark, gaps=tuple(gaps))


def after(mark: Mark, walked: Sequence[Walked]) -> Mark:
    """The mark after walks down the gaps of :func:`to_read`, in that order; the last ones may be missing."""
    top = walked[0]
    newest = max([mark.newest, *top.ids])
    fresh = len({one for one in top.ids if one > mark.newest})
    # Of the newest posts there is a gap only if something was read: otherwise the mark says it all.
    left = [top.left] if top.ids and top.left is not None else []
    for index, gap in enumerate(mark.gaps, 1):
        rest = walked[index].left if index < len(walked) else gap
        if rest is not None:
            left.append(changed(rest, newer=rest.newer + fresh))
    return Mark(newest, mark.floor, _few(left))


def span(mark: Mark, one: LeftOut) -> timedelta:
    """How wide an overlap is that goes down to something that was left out."""
    return moment_of(str(mark.newest)) - moment_of(str(one.above)) + timedelta(milliseconds=1)


def back(post_id: int, by: timedelta) -> int:
    """The id that is so much earlier."""
    return int(first_id_at(moment_of(str(post_id)) - by))


def _few(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    if len(gaps) <= _MOST_GAPS:
        return tuple(gaps)
    kept, joined = gaps[: _MOST_GAPS - 1], gaps[_MOST_GAPS - 1 :]
    first, last = joined[0], joined[-1]
    return (*kept, Gap(last.known, min(one.above for one in joined), first.below, first.newer, first.token))
