"""Who works with the product, and what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    SERVICE = "service"  # a program that hands in messages
    AGENT = "agent"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class User:
    id: int
    name: str
    role: Role

    @property
    def may_work_cases(self) -> bool:
        return self.role in (Role.AGENT, Role.SUPERVISOR)

    @property
    def may_release_replies(self) -> bool:
        """Whether they may let a reply go that the guard stops."""
        return self.role is Role.SUPERVISOR

    @property
    def may_act_for_others(self) -> bool:
        return self.role is Role.SUPERVISOR
