"""Sign-in: passwords for people at the desk, tokens for programs. Only hashes are stored."""

from __future__ import annotations

import hashlib
import secrets

from werkzeug.security import check_password_hash, generate_password_hash

from triage.clock import Clock
from triage.domain.event import CHANNEL, SERVICE
from triage.domain.user import Role, User
from triage.errors import InvalidInput
from triage.store import Store

_FEWEST_PASSWORD_CHARACTERS = 8
_MOST_NAME_CHARACTERS = 64
#: Names in the log that are nobody's.
_ACTORS = frozenset({SERVICE, CHANNEL})
#: Checked against where a name is unknown, so that an answer takes as long as for a known one.
_NOBODY = generate_password_hash(secrets.token_hex(16))


def add_user(store: Store, clock: Clock, name: str, role: Role, password: str | None) -> tuple[User, str]:
    """Create a user; the user and their API token, which is shown now and never again.

    Raises:
        InvalidInput: the name or the password will not do.
        Conflict: the name is taken.
    """
    if not name or len(name) > _MOST_NAME_CHARACTERS or not name.isprintable() or name != name.strip():
        raise InvalidInput(f"must be 1 to {_MOST_NAME_CHARACTERS} printable characters", field="name")
    if name.casefold() in _ACTORS:
        raise InvalidInput(f"{name!r} stands for the product itself in the log; take another", field="name")
    if password is not None and len(password) < _FEWEST_PASSWORD_CHARACTERS:
        raise InvalidInput(f"must have at least {_FEWEST_PASSWORD_CHARACTERS} characters", field="password")
    token = secrets.token_urlsafe(32)
    password_hash = None if password is None else generate_password_hash(password)
    with store.write() as transaction:
        user = transaction.users.add(
            name, role, password_hash=password_hash, token_hash=_hash(token), created_at=clock.now()
        )
    return user, token


def by_password(store: Store, name: str, password: str) -> User | None:
    found = None
    if name.isprintable():  # as every name is; a NUL cannot even be asked for
        with store.read() as transaction:
            found = transaction.users.credentials(name)
    if found is None or found.password_hash is None:
        check_password_hash(_NOBODY, password)
        return None
    return found.user if check_password_hash(found.password_hash, password) else None


def by_token(store: Store, token: str) -> User | None:
    with store.read() as transaction:
        return transaction.users.by_token_hash(_hash(token)) if token else None


def by_id(store: Store, user_id: int) -> User | None:
    with store.read() as transaction:
        return transaction.users.get(user_id)


def _hash(token: str) -> str:
    """A plain hash will do: tokens are random, so there is no dictionary to try."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
