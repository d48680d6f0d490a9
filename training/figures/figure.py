"""What a measure finds: figures, each with what it should at least be and what is aimed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Unit(StrEnum):
    """How a figure is to be shown. Shares are stored from 0 to 1 whatever their unit."""

    POINTS = ""
    PERCENT = "%"
    COUNT = "messages"
    MEGABYTES = "MB"
    SECONDS = "s"
    MILLISECONDS = "ms"


class Reached(StrEnum):
    AIM = "aim"
    FLOOR = "at least"
    NEITHER = "no"
    NO_GOAL = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """The least that is acceptable and what is aimed at, where there is either; the most with ``less_is_better``."""

    floor: float | None = None
    aim: float | None = None
    less_is_better: bool = False

    def reached_by(self, value: float) -> Reached:
        for limit, reached in ((self.aim, Reached.AIM), (self.floor, Reached.FLOOR)):
            if limit is not None and (value <= limit if self.less_is_better else value >= limit):
                return reached
        return Reached.NEITHER


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. ``interval`` holds it with 95 % confidence; ``messages`` is how many it is of."""

    name: str
    value: float
    goal: Goal | None = None
    unit: Unit = Unit.POINTS
    interval: tuple[float, float] | None = None
    messages: int | None = None

    @property
    def reached(self) -> Reached:
        return self.goal.reached_by(self.value) if self.goal else Reached.NO_GOAL


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one measure, the version of the model that they are of, and more to read as Markdown.

    ``model`` is empty where the shipped model has no part in it.
    """

    name: str
    figures: tuple[Figure, ...]
    model: str = ""
    details: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(told: Mapping[str, Any]) -> Measured:
    """The inverse of :meth:`Measured.as_json`, also after a journey through a file."""
    return Measured(str(told["name"]), tuple(map(_figure, told["figures"])), str(told["model"]), str(told["details"]))


def _figure(told: Mapping[str, Any]) -> Figure:
    goal, interval = told["goal"], told["interval"]
    return Figure(
        name=str(told["name"]),
        value=float(told["value"]),
        goal=Goal(**goal) if goal else None,
        unit=Unit(told["unit"]),
        interval=(float(interval[0]), float(interval[1])) if interval else None,
        messages=told["messages"],
    )
