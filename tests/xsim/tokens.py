"""The endpoint that renews OAuth 2 tokens of users: each refresh token works once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.xsim.problems import Answer
from tests.xsim.signatures import TOKEN_LIFE_S, Credentials

SCOPE: Final = "tweet.read tweet.write users.read dm.read dm.write offline.access"


def renew(credentials: Credentials, authorization: str, form: Mapping[str, str]) -> Answer:
    """New tokens for a refresh token; 400 for one that was used, 401 for a client that is not the app."""
    if not credentials.is_client(authorization, form.get("client_id", "")):
        return Answer(401, {"error": "unauthorized_client", "error_description": "Missing valid authorization header"})
    if form.get("grant_type") != "refresh_token":
        return _wrong("unsupported_grant_type", "Only refresh_token is known here.")
    grant = credentials.refresh(form.get("refresh_token", ""))
    if grant is None:
        return _wrong("invalid_request", "Value passed for the token was invalid.")
    return Answer(
        200,
        {
            "token_type": "bearer",
            "expires_in": TOKEN_LIFE_S,
            "access_token": grant.access_token,
            "scope": SCOPE,
            "refresh_token": grant.refresh_token,
        },
    )


def _wrong(error: str, description: str) -> Answer:
    return Answer(400, {"error": error, "error_description": description})
