"""Which buttons a case has for a user. The use cases decide again; this only spares people refusals."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.case import Case, CaseState
from triage.domain.user import User
from triage.service.revealing import may_reveal


@dataclass(frozen=True, slots=True)
class Moves:
    claim: bool = False
    release: bool = False
    transfer: bool = False
    close: bool = False
    reply: bool = False
    reveal: bool = False
    release_replies: bool = False  # those that the guard stopped


def moves(case: Case, user: User) -> Moves:
    """The moves that would be accepted as things stand now."""
    reveal, lets_go = may_reveal(user, case), user.may_release_replies
    match case.state:
        case CaseState.QUEUED:
            return Moves(claim=True, transfer=True, close=True, reveal=reveal, release_replies=lets_go)
        case CaseState.CLAIMED if case.owner == user.name or user.may_act_for_others:
            return Moves(release=True, transfer=True, close=True, reply=True, reveal=reveal, release_replies=lets_go)
        case CaseState.WAITING | CaseState.ANSWERED:
            return Moves(claim=True, close=True, reveal=reveal, release_replies=lets_go)
        case _:
            return Moves(reveal=reveal)
