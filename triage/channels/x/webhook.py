"""What X and a webhook say to each other: pure functions of the app's secret and of bytes.

X's pages on securing webhooks: a challenge that shows X whose address this is, and a signature over every
delivery. Both are an HMAC under one and the same secret, so a challenge is only answered where its token
could not be the body of a delivery: anybody may ask for the challenge.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from pydantic import SecretStr

from triage.channels.x.activity import Activity
from triage.channels.x.happening import Happening
from triage.errors import InvalidInput

#: Where the product answers.
PATH: Final = "/x/webhook"
SIGNATURE_HEADER: Final = "x-twitter-webhooks-signature"
#: A delivery is one event, or a few; a post with all that it includes has some 10 kB.
MOST_BYTES: Final = 1024 * 1024

_PREFIX: Final = "sha256="
#: What tokens are made of. No JSON object is: it has braces.
_TOKEN: Final = re.compile(r"[\w.~+/=:-]{1,512}", re.ASCII)


def answer_challenge(token: str, secret: SecretStr) -> Mapping[str, str]:
    """What to answer to a challenge with this ``crc_token``.

    Raises:
        InvalidInput: it is no token of X's.
    """
    if not _TOKEN.fullmatch(token):
        raise InvalidInput("is no token", field="crc_token")
    return {"response_token": signature(token.encode(), secret)}


def is_genuine(body: bytes, signed: str, secret: SecretStr) -> bool:
    """Whether a delivery comes from X: ``signed`` is the signature of these very bytes."""
    return hmac.compare_digest(signature(body, secret).encode(), signed.encode(errors="replace"))


def signature(message: bytes, secret: SecretStr) -> str:
    """``sha256=`` and the HMAC-SHA256 of ``message`` in Base64."""
    digest = hmac.new(secret.get_secret_value().encode(), message, hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(digest).decode()


def read_delivery(body: bytes, activity: Activity) -> tuple[Happening, ...]:
    """What a delivery tells.

    Raises:
        InvalidInput: it is not a JSON object, or not as X documents it.
    """
    try:
        told = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidInput("the delivery is not a JSON object") from None
    return activity.read(told)
