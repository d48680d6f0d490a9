"""What X answers when it refuses: problem bodies with X's types and sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

PROBLEMS: Final = "https://api.twitter.com/2/problems"
BLANK: Final = "about:blank"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON body and headers of a response."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):  # a value on its way up, not a failure
    """Ends a call with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body)
        self.answer = answer


def plain(status: int, title: str, detail: str, **more: Any) -> Answer:
    return Answer(status, {"title": title, "detail": detail, "type": BLANK, "status": status, **more})


def typed(status: int, kind: str, title: str, detail: str, **more: Any) -> Answer:
    body = {"title": title, "detail": detail, "type": f"{PROBLEMS}/{kind}", "status": status, **more}
    return Answer(status, body)


def unauthorized() -> Answer:
    return plain(401, "Unauthorized", "Unauthorized")


def too_many() -> Answer:
    return plain(429, "Too Many Requests", "Too Many Requests")


def unavailable() -> Answer:
    return plain(503, "Service Unavailable", "Service Unavailable")


def forbidden(detail: str) -> Answer:
    return plain(403, "Forbidden", detail)


def invalid(message: str, **parameters: str) -> Answer:
    return Answer(
        400,
        {
            "errors": [{"parameters": {name: [value] for name, value in parameters.items()}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"{PROBLEMS}/invalid-request",
        },
    )


def wrong_authentication(*supported: str) -> Answer:
    detail = (
        "Authenticating with this kind of credentials is forbidden for this endpoint. "
        f"Supported authentication types are [{', '.join(supported)}]."
    )
    return typed(403, "unsupported-authentication", "Unsupported Authentication", detail)


def not_permitted() -> Answer:
    detail = "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint."
    return typed(403, "oauth1-permissions", "Forbidden", detail)


def not_found(kind: str, value: str, parameter: str) -> dict[str, str]:
    """One of the ``errors`` beside (or instead of) ``data``."""
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": f"{PROBLEMS}/resource-not-found",
    }


def unavailable_item(value: str) -> dict[str, str]:
    """One of the ``errors`` beside ``data``: a post that belongs to it."""
    return {
        "value": value,
        "detail": f"The Tweet with id: [{value}] cannot be shown at this time.",
        "title": "Resource Unavailable Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": value,
        "type": f"{PROBLEMS}/resource-unavailable",
    }


def unavailable_something() -> dict[str, str]:
    """The same where X does not say what it is about."""
    return {"title": "Internal Error", "detail": "Something could not be shown at this time.", "type": "about:blank"}


def too_many_connections() -> Answer:
    return typed(
        429,
        "streaming-connection",
        "ConnectionException",
        "This stream is currently at the maximum allowed connection limit.",
        connection_issue="TooManyConnections",
    )


def operational_disconnect() -> dict[str, Any]:
    """What a stream says before X closes it."""
    return {
        "errors": [
            {
                "title": "operational-disconnect",
                "disconnect_type": "UpstreamOperationalDisconnect",
                "detail": "This stream has been disconnected upstream for operational reasons.",
                "type": f"{PROBLEMS}/operational-disconnect",
            }
        ]
    }


#: Sentences of 403 for a post that X does not take, by the fault's name.
NOT_POSTED: Final = {
    "duplicate": "You are not allowed to create a Tweet with duplicate content.",
    "not_summoned": (
        "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by "
        "the author of the post you are replying to."
    ),
    "reply_to_deleted": "You attempted to reply to a Tweet that is deleted or not visible to you.",
    "reply_restricted": "The original Tweet author restricted who can reply to this Tweet.",
    "blocked": "You have been blocked from the author of this Tweet.",
}
