"""Where X delivers events: signed by X, and taken in before they are acknowledged.

There is no sign-in here, no session and no form: the signature alone says who speaks. Whatever comes without one
of X's changes nothing and is no sign of life, a challenge neither: anybody may send it. What is delivered is not
logged, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apiflask import APIBlueprint, APIFlask
from flask import Response, request
from pydantic import SecretStr

from triage.channels.x.activity import Activity
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.forgeries import Forgeries
from triage.channels.x.happening import Happening, Posted, PrivatelyWritten
from triage.channels.x.watch import Source, Watch
from triage.channels.x.webhook import MOST_BYTES, PATH, SIGNATURE_HEADER, answer_challenge, is_genuine, read_delivery
from triage.clock import Clock
from triage.errors import InvalidInput, RetryLater

#: Takes happenings in for good, or raises; the same ones may come again.
Take = Callable[[Sequence[Happening]], object]


def register(
    app: APIFlask, secret: SecretStr, activity: Callable[[], Activity], take: Take, watch: Watch, clock: Clock
) -> None:
    """Mount the endpoint.

    X wants an answer within 10 seconds. So ``activity`` must not wait for X: it raises :class:`RetryLater` while it is
    not known whose account this is. ``take`` and ``watch`` must not wait long for the database. What could not be
    taken in is answered with a status from 500 on, and X delivers it again. ``secret`` is the app's consumer secret,
    without which there is nothing to mount.
    """
    forgeries = Forgeries(clock)
    routes = APIBlueprint("x_webhook", __name__, enable_openapi=False)

    @routes.get(PATH)
    def challenge() -> Response | dict[str, str]:
        try:
            return dict(answer_challenge(request.args.get("crc_token", ""), secret))
        except InvalidInput:
            return Response(status=400)

    @routes.post(PATH)
    def deliver() -> Response:
        request.max_content_length = MOST_BYTES
        body = request.get_data(cache=False)
        if not is_genuine(body, request.headers.get(SIGNATURE_HEADER, ""), secret):
            forgeries.refused()
            return Response(status=401)
        try:
            happenings = read_delivery(body, activity())
        except RetryLater:
            return Response(status=503)
        except InvalidInput as error:
            watch.alive(Source.WEBHOOK)
            watch.failed(Source.WEBHOOK, f"a delivery could not be read: {error}")
            return Response(status=400)
        if happenings:
            take(happenings)
        watch.alive(Source.WEBHOOK)
        for happening in happenings:
            _note(watch, happening)
        return Response(status=200)

    app.register_blueprint(routes)


def _note(watch: Watch, happening: Happening) -> None:
    """What came, and what X may charge for it: the same as on the activity stream."""
    if isinstance(happening, Posted):
        watch.saw(Source.WEBHOOK, happening.post.id, happening.post.created_at)
        watch.called(Endpoint.ACTIVITY_STREAM, 1)
    elif isinstance(happening, PrivatelyWritten):
        watch.saw(Source.WEBHOOK, happening.message.id, happening.message.created_at)
        watch.called(Endpoint.PRIVATE_EVENTS, 1)
