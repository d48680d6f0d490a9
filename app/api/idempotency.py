"""``Idempotency-Key``: a request sent twice with the same key is done once and answered alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final, TypeVar, cast

from flask import Response, jsonify, request
from pydantic import BaseModel

from app.api.auth import caller
from app.serving import product
from triage.errors import Conflict, InvalidInput

#: The header that names a request, and the one that marks an answer as given before.
KEY: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
MOST_KEY_CHARACTERS: Final = 128
_AT_WORK = timedelta(minutes=1)

Answer = tuple[BaseModel, int]
Route = TypeVar("Route", bound=Callable[..., Answer])


def idempotent(route: Route) -> Route:
    """Remember the answer of a route under the caller's key.

    While the first is being worked on, a second is told so (409). A key whose request was never
    answered, because the process died in between, is done again after a minute; messages, replies and
    claims are safe to repeat, and taking the next cases of a queue may then take further ones. The same
    key with another request is refused.
    """

    @wraps(route)
    def wrapped(*args: Any, **kwargs: Any) -> Answer | Response:
        key = request.headers.get(KEY)
        if key is None:
            return route(*args, **kwargs)
        if not key or len(key) > MOST_KEY_CHARACTERS:
            raise InvalidInput(f"must have 1 to {MOST_KEY_CHARACTERS} characters", field=KEY)
        fingerprint = _fingerprint()
        with product().store.write() as transaction:
            earlier = transaction.keys.reserve(caller().id, key, fingerprint, product().clock.now())
        if earlier is not None:
            if earlier.request_hash != fingerprint:
                raise InvalidInput("was used for a different request before", field=KEY)
            if earlier.status is None and product().clock.now() - earlier.created_at < _AT_WORK:
                raise Conflict(f"a request with this {KEY} is being worked on; ask again in a minute")
            if earlier.status is not None:
                replayed = jsonify(earlier.body)
                replayed.status_code = earlier.status
                replayed.headers[REPLAYED] = "true"
                return replayed
        try:
            body, status = route(*args, **kwargs)
        except Exception:
            with product().store.write() as transaction:
                transaction.keys.forget(caller().id, key)  # nothing was done: the key is free again
            raise
        with product().store.write() as transaction:
            transaction.keys.remember(caller().id, key, status, body.model_dump(mode="json"))
        return body, status

    return cast(Route, wrapped)


def _fingerprint() -> str:
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.get_data()).hexdigest()
