"""Every setting of the service, and the only place that reads the environment."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from triage.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent
#: A password that is not between user and host: in the query of a URL, or in a connection string.
_PASSWORD: Final = re.compile(r"(password\s*=\s*)('[^']*'|[^&\s]*)", re.IGNORECASE)


def _shipped_models() -> Path:
    """``models/`` of a checkout, or the copy inside an installed wheel."""
    checkout = _PACKAGE.parent / "models"
    return checkout if checkout.is_dir() else _PACKAGE / "shipped_models"


def _cache() -> Path:
    """Where the user's programs keep what can be made anew (XDG Base Directory Specification)."""
    told = os.environ.get("XDG_CACHE_HOME")
    return (Path(told) if told else Path("~/.cache").expanduser()) / "tweet-triage"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]


class Settings(BaseSettings):
    """Read once, at the start, by the composition root (``app/compose.py``).

    Each field is the environment variable ``TRIAGE_`` + its name in capitals.
    """

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", env_ignore_empty=True, frozen=True)

    database_url: str = Field(
        default="sqlite:///var/triage.db", description="SQLite or PostgreSQL, as a SQLAlchemy URL"
    )
    encryption_keys: SecretStr | None = Field(
        default=None,
        description="keys that messages are encrypted with in the database, parted by commas: the first encrypts, all "
        "decrypt; `triage db new-key` makes one; default: a key file that is made beside the database",
    )
    models: Path = Field(default_factory=_shipped_models, description="folder of model artifacts")
    model: str = Field(default="triage-en", description="name of the artifact that scores, inside TRIAGE_MODELS")
    second_looks: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="share of messages that the encoder reads too, as measured on held-out ones: 0 is the fastest; "
        "default: the model's own",
    )
    brand: Path | None = Field(
        default=None, description="folder of the brand: brand.toml and kb/; default: the demo brand"
    )
    outbox: Path | None = Field(
        default=None,
        description="folder of the journals of replies sent to files and API; default: beside the database",
    )
    cache: Path = Field(
        default_factory=_cache,
        description="folder of what can be made anew: vectors of a knowledge base's questions; may be emptied any time",
    )
    corpora: Path = Field(default=Path("../shared/corpora"), description="folder of public corpora, for training")
    secret_key: SecretStr | None = Field(
        default=None,
        description="signs desk sessions; without it one is made per start and sign-ins end with the process",
    )
    host: str = Field(default="127.0.0.1", description="address that `triage serve` listens on")
    port: int = Field(default=8080, ge=0, le=65535, description="port that `triage serve` listens on")
    threads: int = Field(default=8, ge=1, le=256, description="threads of the web server")
    batch: int = Field(
        default=1000, ge=1, le=10_000, description="messages decided at a time; by a live worker 10 at most"
    )
    poll_seconds: float = Field(
        default=0.5, gt=0, le=3600, description="how long an idle worker waits before it looks again"
    )
    max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1024, description="largest request body that the API reads")
    cookie_secure: bool = Field(
        default=False, description="send the desk's cookie over HTTPS only; set it in production"
    )
    x_consumer_key: SecretStr | None = Field(default=None, description="X: the app's API key")
    x_consumer_secret: SecretStr | None = Field(default=None, description="X: the app's API secret; signs webhooks too")
    x_access_token: SecretStr | None = Field(default=None, description="X: the brand account's access token")
    x_access_token_secret: SecretStr | None = Field(default=None, description="X: the access token's secret")
    x_bearer_token: SecretStr | None = Field(default=None, description="X: the app's bearer token, for streams")
    x_client_id: SecretStr | None = Field(default=None, description="X: OAuth 2 client id, instead of OAuth 1.0a")
    x_client_secret: SecretStr | None = Field(default=None, description="X: OAuth 2 client secret, if the app has one")
    x_refresh_token: SecretStr | None = Field(
        default=None, description="X: the first OAuth 2 refresh token; later ones are kept in the database"
    )
    x_api: str = Field(default="https://api.x.com", description="X: where its API is")
    x_accelerator: Literal["none", "stream", "activity", "stream+activity"] = Field(
        default="none", description="X: streams beside polling: the filtered one, activity events, or both"
    )
    x_poll_seconds: float = Field(default=30, ge=1, le=3600, description="X: how often mentions are asked for")
    x_timeout_seconds: float = Field(default=30, gt=0, le=120, description="X: longest wait for an answer")
    x_silence_minutes: float = Field(
        default=15, gt=0, le=1440, description="X: a source that says nothing for longer is an alarm"
    )
    x_private: bool = Field(
        default=True, description="X: read private messages too; false where the app may not, or another tool does"
    )
    x_dry_run: bool = Field(default=False, description="X: write to the log what would be sent, and send nothing")
    log_level: LogLevel = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")


def read() -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: a variable holds something that its setting cannot be.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "TRIAGE_" + str(first["loc"][0]).upper()
        raise ConfigurationError(f"{name}: {first['msg']}") from None


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """``(variable, value, description)`` of every setting, secrets and passwords masked."""
    rows = []
    for name, field in type(settings).model_fields.items():
        value: Any = getattr(settings, name)
        shown = mask_password(value) if name == "database_url" else "" if value is None else str(value)
        rows.append((f"TRIAGE_{name.upper()}", shown, field.description or ""))
    return rows


def mask_password(url: str) -> str:
    """A database URL that can be printed. Of one that can be read in two ways only the scheme is left."""
    scheme, separator, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    if at and "?" in credentials:
        return f"{scheme}{separator}***"
    masked = f"{scheme}{separator}{user}:***@{place}" if at and colon else url
    return _PASSWORD.sub(r"\1***", masked)
