"""Credentials of X: all or nothing, and never shown."""

from __future__ import annotations

import socket

import pytest

from tests.doubles import product_on
from triage.channels.x.credentials import OAuth1, OAuth2, credentials
from triage.errors import ConfigurationError
from triage.settings import Settings

USER = {
    "x_consumer_key": "kkkk-key",
    "x_consumer_secret": "kkkk-secret",
    "x_access_token": "123-tttt",
    "x_access_token_secret": "tttt-secret",
}
CLIENT = {"x_client_id": "cccc-id", "x_refresh_token": "rrrr-token"}


def test_without_any_credentials_there_is_no_x() -> None:
    assert credentials(Settings()) is None
    assert credentials(Settings(x_consumer_key=" ", x_api="https://api.x.com", x_accelerator="stream")) is None


def test_oauth_1_is_the_default_and_signs_webhooks_too() -> None:
    found = credentials(Settings(**USER, x_bearer_token="bbbb"))
    assert isinstance(found.user, OAuth1)
    assert found.user.access_token_secret.get_secret_value() == "tttt-secret"
    assert found.signing.get_secret_value() == "kkkk-secret"
    assert found.bearer.get_secret_value() == "bbbb"


@pytest.mark.parametrize("extra", [{}, USER, {"x_client_secret": "ssss"}])
def test_oauth_2_is_used_instead_where_it_is_given(extra) -> None:
    found = credentials(Settings(**CLIENT, **extra))
    assert isinstance(found.user, OAuth2)
    assert found.user.refresh_token.get_secret_value() == "rrrr-token"
    assert bool(found.user.client_secret) is ("x_client_secret" in extra)


@pytest.mark.parametrize("left_out", USER)
def test_a_missing_variable_is_named(left_out) -> None:
    some = {name: value for name, value in USER.items() if name != left_out}
    with pytest.raises(ConfigurationError, match=f"TRIAGE_{left_out.upper()} is not set") as caught:
        credentials(Settings(**some))
    assert not any(value in str(caught.value) for value in USER.values())


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"x_client_id": "c"}, ["X_REFRESH_TOKEN"]),
        ({"x_refresh_token": "r"}, ["X_CLIENT_ID"]),
        ({"x_bearer_token": "b"}, ["X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET"]),
        ({"x_client_secret": "s"}, ["X_ACCESS_TOKEN"]),
    ],
)
def test_half_of_the_credentials_is_an_error_that_names_the_other_half(given, missing) -> None:
    with pytest.raises(ConfigurationError) as caught:
        credentials(Settings(**given))
    for name in missing:
        assert f"TRIAGE_{name}" in str(caught.value)


@pytest.mark.parametrize("given", [USER, CLIENT | {"x_client_secret": "ssss-secret", "x_bearer_token": "bbbb-token"}])
def test_nothing_shows_a_secret(given) -> None:
    found = credentials(Settings(**given))
    for shown in (repr(found), str(found), f"{found.user}", repr([found])):
        assert not any(value in shown for value in given.values())


def test_no_socket_is_opened_without_credentials(sqlite_store_url, monkeypatch) -> None:
    def refuse(*_args: object) -> None:
        raise AssertionError("a socket was opened")

    for way in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, way, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    product = product_on(sqlite_store_url)
    assert credentials(product.settings) is None
    product.worker.step()
