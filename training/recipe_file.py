"""A recipe's file: read, and whatever is wrong with it said in one way, by its name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from triage.errors import ConfigurationError, InvalidInput


@contextmanager
def recipe_file(path: Path) -> Iterator[dict[str, Any]]:
    """What the file says, for as long as something is made of it.

    Raises:
        ConfigurationError: the file cannot be read, or lacks what is asked of it, or has what cannot be; the message
            names it.
    """
    try:
        yield tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except KeyError as error:
        raise ConfigurationError(f"{path}: {error.args[0]!r} is missing") from error
    except (TypeError, ValueError, InvalidInput) as error:
        raise ConfigurationError(f"{path}: {error}") from error
