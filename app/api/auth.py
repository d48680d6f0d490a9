"""Who is calling: a bearer token names a user."""

from __future__ import annotations

from typing import cast

from apiflask import HTTPTokenAuth
from apiflask.exceptions import HTTPError
from flask import Response, request

from app import accounts
from app.api.problems import problem
from app.serving import product
from triage.domain.user import Role, User

auth = HTTPTokenAuth(scheme="Bearer", description="The token that `triage user add` printed.")


def caller() -> User:
    """The user of this request; only inside routes that require :data:`auth`."""
    return cast(User, auth.current_user)


#: Roles that may see and work on cases; programs that hand in messages may not.
AT_THE_DESK = [Role.AGENT.value, Role.SUPERVISOR.value]

#: Roles that may say what became of a message on its channel.
FOR_CHANNELS = [Role.SERVICE.value, Role.SUPERVISOR.value]


@auth.get_user_roles  # type: ignore[untyped-decorator]
def _roles(user: User) -> str:
    return user.role.value


@auth.verify_token  # type: ignore[untyped-decorator]
def _verify(token: str) -> User | None:
    return accounts.by_token(product().store, token)


@auth.error_processor
def _refuse(error: HTTPError) -> Response:
    return problem(error.status_code, _NOT_FOR_THIS_ROLE if error.status_code == 403 else _who_is_asked_for())


_NOT_FOR_THIS_ROLE = "The role of this token's user does not allow this."


def _who_is_asked_for() -> str:
    said = request.authorization
    if said is None or said.type != "bearer" or not said.token:
        return "A token is needed: send it as `Authorization: Bearer TOKEN`."
    return "This token is not known."
