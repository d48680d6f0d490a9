"""Rebuilding conversations from "answers" links, the same for every order of arrival.

A thread is everything connected by reply links. It is named by its *root*: the topmost message that
is known of, whether it has arrived or has only been pointed at. So two replies to a parent that
never comes still form one thread, and a parent that comes late joins what it started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A newly arrived message and the channel id of its parent (``None`` for a first message)."""

    external_id: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread touched by the new messages.

    ``cases`` are the live cases that turn out to be (part of) it, in ascending order: none for a new
    thread, several when a late parent shows that they were one all along.
    """

    root: str
    members: tuple[str, ...]
    cases: tuple[int, ...]


#: ``case id -> {external id: parent}`` of the messages already stored in that case.
ParentsOf = Callable[[int], Mapping[str, str | None]]


def plan(
    links: Sequence[Link], case_of: Mapping[str, int], root_of: Mapping[int, str], parents_of: ParentsOf
) -> list[Thread]:
    """Which threads the new messages form, and which existing cases belong to them.

    Args:
        links: the new messages, each id once, none of them stored before.
        case_of: for every id among ``links`` and their parents that is known: its live case, be it
            a stored message or the root that a case is named by.
        root_of: the root of each of those cases.
        parents_of: asked only for the rare thread whose links form a circle.

    Returns:
        One :class:`Thread` per connected group, in the order of its first member.
    """
    parent = {link.external_id: None if link.parent == link.external_id else link.parent for link in links}
    groups = _Groups()
    for child, above in parent.items():
        groups.join(child, above or child)
    for external_id, case in case_of.items():
        groups.join(external_id, case)

    members: dict[str | int, list[str]] = {}
    cases: dict[str | int, set[int]] = {}
    for child in parent:
        members.setdefault(groups.find(child), []).append(child)
    for case in set(case_of.values()):
        cases.setdefault(groups.find(case), set()).add(case)

    threads = []
    for group, children in members.items():
        owned = tuple(sorted(cases.get(group, ())))
        root = _climb(children[0], parent, case_of, root_of)
        if root is None:
            known = {key: above for case in owned for key, above in parents_of(case).items()}
            root = _first_of_circle(children[0], {**known, **parent})
        threads.append(Thread(root, tuple(children), owned))
    return threads


class _Groups:
    """Disjoint sets with path halving (Tarjan and van Leeuwen, 1984)."""

    def __init__(self) -> None:
        self._above: dict[str | int, str | int] = {}

    def find(self, item: str | int) -> str | int:
        above = self._above
        above.setdefault(item, item)
        while above[item] != item:
            above[item] = above[above[item]]
            item = above[item]
        return item

    def join(self, first: str | int, second: str | int) -> None:
        self._above[self.find(first)] = self.find(second)


def _climb(
    start: str, parent: Mapping[str, str | None], case_of: Mapping[str, int], root_of: Mapping[int, str]
) -> str | None:
    """The topmost id above ``start``, or ``None`` if the links form a circle."""
    seen = set()
    here = start
    while here not in seen:
        seen.add(here)
        if here in parent:
            above = parent[here]
            if above is None:
                return here
            here = above
        elif here in case_of:
            root = root_of[case_of[here]]
            if root == here or root not in parent:
                return root
            here = root
        else:
            return here
    return None


def _first_of_circle(start: str, parent: Mapping[str, str | None]) -> str:
    """The smallest id (shorter first) on the circle that ``start`` leads into."""
    order: dict[str, int] = {}
    here = start
    while here not in order:
        order[here] = len(order)
        here = parent[here] or here
    circle = list(order)[order[here] :]
    return min(circle, key=lambda item: (len(item), item))
