"""Who is calling: a bearer token names a user."""

from __future__ import annotations

from typing import cast

from apiflask import HTTPTokenAuth

from app import accounts
from app.serving import product
from triage.domain.user import Role, User

auth = HTTPTokenAuth(scheme="Bearer", description="The token that `triage user add` printed.")


def caller() -> User:
    """The user of this request; only inside routes that require :data:`auth`."""
    return cast(User, auth.current_user)


#: Roles that may see and work on cases; programs that hand in messages may not.
AT_THE_DESK = [Role.AGENT.value, Role.SUPERVISOR.value]


@auth.get_user_roles  # type: ignore[untyped-decorator]
def _roles(user: User) -> str:
    return user.role.value


@auth.verify_token  # type: ignore[untyped-decorator]
def _verify(token: str) -> User | None:
    return accounts.by_token(product().store, token)
