"""``triage x``: looking after the connection to X."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

import click

from app.cli.database import database_option, settings_on
from app.cli.report import block
from app.compose import Product, compose
from app.x_connection import NOT_DISCLOSED, XConnection
from app.x_status import NOT_CONNECTED, CallsOut, SourceOut, WebhookOut, XStatusOut, status
from triage.channels.x import subscriptions, webhooks
from triage.channels.x.credentials import OAuth1
from triage.channels.x.outcomes import MOST_SKEW
from triage.channels.x.post import Account
from triage.channels.x.subscriptions import PRIVATE_EVENTS, PUBLIC_EVENTS, Subscription
from triage.channels.x.webhooks import Webhook
from triage.errors import ChannelError, ConfigurationError
from triage.service.x.alarms import minutes

T = TypeVar("T")

_ALARM: Final = 1
_MOST_PROBLEMS: Final = 10
_NEEDED_FOR: Final = (
    ("x_consumer_key", "the app's API key: every call of the account's, with OAuth 1.0a"),
    ("x_consumer_secret", "the app's API secret: every call of the account's, and webhooks"),
    ("x_access_token", "the brand account's token: reading mentions, posting replies"),
    ("x_access_token_secret", "the token's secret: goes with it"),
    ("x_bearer_token", "the app's own token: streams, webhooks and subscriptions"),
    ("x_client_id", "OAuth 2 instead of OAuth 1.0a"),
    ("x_client_secret", "OAuth 2 of an app that keeps secrets"),
    ("x_refresh_token", "the first token of OAuth 2"),
)


@click.group()
def x() -> None:
    """The connection to X."""


@x.command("status")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@database_option
def show(as_json: bool, database: str | None) -> None:
    """How it is: alarms first, then what was heard, calls left, replies on their way, problems, spend.

    Exit code 1 where there is an alarm. Needs the database alone, and no credentials.
    """
    now = status(_product(database))
    if not now.connected:
        raise ConfigurationError(NOT_CONNECTED)
    click.echo(now.model_dump_json(indent=2) if as_json else as_text(now))
    sys.exit(_ALARM if now.alarms else 0)


@x.command()
@click.option("--reason", default="", help="Shown wherever people wonder why nothing is sent.")
@database_option
def pause(reason: str, database: str | None) -> None:
    """Send nothing on X, automatic or not, from now on; what is decided meanwhile waits.

    Needs the database alone, and no credentials.
    """
    _product(database).x_sending.pause(_who(), reason)
    click.echo("nothing is sent on X any more; `triage x resume` ends that")


@x.command()
@click.option("--reason", default="", help="Kept with the switch.")
@database_option
def resume(reason: str, database: str | None) -> None:
    """Send on X again, what has waited first. Needs the database alone, and no credentials."""
    _product(database).x_sending.resume(_who(), reason)
    click.echo("replies are sent on X again")


@x.command()
@database_option
def check(database: str | None) -> None:
    """Ask X whose account the credentials are for, and whether the clocks agree; what holding posts will cost."""
    product, connection = _connected(database)
    account = _asked(connection.api.me)
    user = connection.credentials.user
    click.echo(f"@{account.handle} ({account.id}), by {'OAuth 1.0a' if isinstance(user, OAuth1) else 'OAuth 2'}")
    rows = []
    for name, what in _NEEDED_FOR:
        state = "set" if getattr(product.settings, name) else "not set"
        rows.append((f"TRIAGE_{name.upper()}", f"{state:<7}  {what}"))
    click.echo(block("Variables", rows))
    click.echo(product.x_conditions.upkeep().text)
    if not product.brand.tells_on_x_that_it_is_automated:
        click.echo(f"triage: {NOT_DISCLOSED}", err=True)
    skew = connection.api.skew
    if skew is not None:
        click.echo(f"The clock here is {_seconds(abs(skew))} {'ahead of' if skew >= timedelta() else 'behind'} X's")
        if abs(skew) > MOST_SKEW:
            click.echo("triage: that is too much: X refuses signatures by such a clock", err=True)
            sys.exit(_ALARM)


@x.group()
def webhook() -> None:
    """Where X delivers events, beside polling. Needs TRIAGE_X_BEARER_TOKEN."""


@webhook.command()
@click.argument("url")
@database_option
def register(url: str, database: str | None) -> None:
    """Have X deliver to URL: https://…/x/webhook of a running `triage serve`, which X challenges at once."""
    _, connection = _connected(database)
    made = _asked(lambda: webhooks.register(connection.app_calls, url))
    if made.is_ours:
        connection.deliveries.follow(made)
    click.echo(f"{made.id}  {made.url}  {_validity(made)}")
    click.echo("now `triage x subscribe` says which events X delivers there")


@webhook.command("list")
@database_option
def list_webhooks(database: str | None) -> None:
    """The app's webhooks."""
    _, connection = _connected(database)
    for one in _asked(lambda: webhooks.listed(connection.app_calls)):
        click.echo(f"{one.id}  {one.url}  {_validity(one)}")


@webhook.command()
@click.argument("webhook_id")
@database_option
def validate(webhook_id: str, database: str | None) -> None:
    """Have X challenge the webhook with this id again; exit code 1 where it is not valid then."""
    _, connection = _connected(database)
    calls = connection.app_calls
    _asked(lambda: webhooks.challenge(calls, webhook_id))
    one = _named(_asked(lambda: webhooks.listed(calls)), webhook_id)
    connection.deliveries.saw([one])
    click.echo(f"{one.id}  {one.url}  {_validity(one)}")
    sys.exit(0 if one.valid else _ALARM)


@webhook.command()
@click.argument("webhook_id")
@database_option
def delete(webhook_id: str, database: str | None) -> None:
    """Have X deliver no more to the webhook with this id."""
    _, connection = _connected(database)
    _asked(lambda: webhooks.remove(connection.app_calls, webhook_id))
    connection.deliveries.forget({webhook_id})
    click.echo(f"X delivers no more to {webhook_id}")


@x.command()
@click.option("--webhook", "webhook_id", metavar="ID", help="Where several webhooks could be meant: the one.")
@database_option
def subscribe(webhook_id: str | None, database: str | None) -> None:
    """Have X tell what happens to the account: on the activity stream, and to the webhook if one is registered.

    Private messages are among it unless TRIAGE_X_PRIVATE is off. Exit code 1 where X does not tell all of it.
    """
    product, connection = _connected(database)
    calls, account = connection.app_calls, _asked(connection.api.me)
    hook = _meant(_asked(lambda: webhooks.listed(calls)), webhook_id)
    to, where = (hook.id, f" and to {hook.url}") if hook else (None, "")
    others = _asked(lambda: subscriptions.keep(calls, PUBLIC_EVENTS, account.id, to))
    in_the_way = list(_asked(lambda: subscriptions.make_beside(others, to, making=calls)))
    connection.deliveries.follow_only(hook)
    click.echo(f"X tells what happens to @{account.handle} on the activity stream{where}: {', '.join(PUBLIC_EVENTS)}")
    problems = []
    try:
        in_the_way += _subscribe_to_private_messages(product, connection, account, to)
    except ChannelError as error:
        problems = [f"private messages: X: {error}"]
    for problem in [_in_the_way(one) for one in in_the_way] + problems:
        click.echo(f"triage: {problem}", err=True)
    sys.exit(_ALARM if in_the_way or problems else 0)


def as_text(now: XStatusOut) -> str:
    """The status for eyes."""
    state = "Sending is paused." if now.paused else "It is a dry run: nothing is sent." if now.dry_run else ""
    head = [f"ALARM  {one.text}" for one in now.alarms] or ["No alarm."]
    mention = now.last_mention
    spend = now.spend
    replies = now.replies
    blocks = [
        "\n".join([*head, *([state] if state else []), ""]),
        block(
            "Mentions",
            [("last one seen", f"{_ago(mention.at, now.at)}, {_lag(mention.lag_seconds)}" if mention else "never")],
        ),
        block("Sources", [(one.name, _heard(one, now.at)) for one in now.sources]),
        block("Webhooks", [(one.url, _delivered(one, now.at)) for one in now.webhooks]),
        block("Calls left", [(one.name, _left(one, now.at)) for one in now.calls if _is_used(one)]),
        block("Not called of late", [(one.name, _left(one, now.at)) for one in now.calls if not _is_used(one)]),
        block(
            "Replies on their way",
            [
                ("waiting", f"{replies.waiting:,}" + (f", since {_at(replies.oldest)}" if replies.oldest else "")),
                ("being sent or looked for", f"{replies.in_doubt:,}"),
                ("for people to decide", f"{replies.ambiguous:,}"),
                ("stuck, of all channels", f"{replies.stuck:,}"),
            ]
            if replies
            else [],
        ),
        block(
            "Spend, estimated",
            [
                ("today", _spent(spend.today_usd, spend.look_ups_today_usd)),
                ("this month", _spent(spend.month_usd, spend.look_ups_month_usd)),
            ],
        )
        if spend
        else "",
        f"Held posts\n  {now.upkeep.text}\n" if now.upkeep else "",
        block(
            "Last problems",
            [
                (_at(one.at), f"{one.name}: {one.text}" + (f" ({one.times} times)" if one.times > 1 else ""))
                for one in now.problems[:_MOST_PROBLEMS]
            ],
        ),
    ]
    return "\n".join(part for part in blocks if part).rstrip()


def _product(database: str | None) -> Product:
    """The product on a database that is ready. Nothing here says whether there is a connection to X."""
    product = compose(settings_on(database))
    product.check_schema()
    return product


def _connected(database: str | None) -> tuple[Product, XConnection]:
    """The product, and its connection to X: for what is asked of X itself."""
    product = _product(database)
    if product.x is None:
        raise ConfigurationError(NOT_CONNECTED)
    return product, product.x


def _asked(ask: Callable[[], T]) -> T:
    """What X answers; that it does not is for the operator to read, not to be tried again."""
    try:
        return ask()
    except ChannelError as error:
        raise ConfigurationError(f"X: {error}") from None


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container need not know who it runs as
        return "operator"


def _named(hooks: Sequence[Webhook], webhook_id: str) -> Webhook:
    for one in hooks:
        if one.id == webhook_id:
            return one
    raise ConfigurationError(f"the app has no webhook {webhook_id!r}: `triage x webhook list` shows all")


def _meant(hooks: Sequence[Webhook], webhook_id: str | None) -> Webhook | None:
    """The webhook to subscribe for: the one that is named, or the only one that leads to a product like this."""
    ours = [_named(hooks, webhook_id)] if webhook_id else [one for one in hooks if one.is_ours]
    ours = [one for one in ours if one.valid] or ours
    if len(ours) > 1:
        raise ConfigurationError(
            f"several webhooks could be meant ({', '.join(one.url for one in ours)}): --webhook says which, by its id"
        )
    if ours and not ours[0].valid:
        raise ConfigurationError(
            f"X does not deliver to {ours[0].url}, which did not answer its last challenge rightly: "
            f"`triage x webhook validate {ours[0].id}` has X ask it again"
        )
    return ours[0] if ours else None


def _subscribe_to_private_messages(
    product: Product, connection: XConnection, account: Account, to: str | None
) -> Sequence[Subscription]:
    """In the account's own name, or not at all; what is in the way."""
    calls, making = connection.app_calls, connection.api.calls
    if not product.settings.x_private:
        subscriptions.end(calls, PRIVATE_EVENTS, account.id)
        click.echo("private messages are left alone: TRIAGE_X_PRIVATE is off")
        return ()
    others = subscriptions.keep(calls, PRIVATE_EVENTS, account.id, to, making=making)
    in_the_way = subscriptions.make_beside(others, to, making=making)
    click.echo(f"and its private messages: {', '.join(PRIVATE_EVENTS)}")
    return in_the_way


def _in_the_way(one: Subscription) -> str:
    goes = f"to webhook {one.webhook_id} and on the activity stream" if one.webhook_id else "on the activity stream"
    return (
        f"{one.event_type}: X tells it for another program of the app already ({one.tag or 'without a tag'}), {goes}; "
        "that subscription is left alone"
    )


def _validity(one: Webhook) -> str:
    return "valid" if one.valid else "not valid: its last challenge was not answered rightly"


def _heard(one: SourceOut, now: datetime) -> str:
    if one.alive_at is None:
        return "never heard"
    said = f"alive {_ago(one.alive_at, now)}"
    if one.saw_at is not None:
        said += f"; brought something {_ago(one.saw_at, now)}, {_lag(one.lag_seconds)}"
    if not one.expected:
        return f"{said}; not listened to now"
    return f"{said}; asked next {_at(one.next_at)}" if one.next_at else said


def _delivered(one: WebhookOut, now: datetime) -> str:
    return f"{'valid' if one.valid else 'not valid, nothing is delivered'}; looked at {_ago(one.looked_at, now)}"


def _left(one: CallsOut, now: datetime) -> str:
    parts = [f"{part.left:,} of {part.of:,} in {minutes(timedelta(seconds=part.window_seconds))}" for part in one.left]
    later = f"; none before {_at(one.not_before)}" if one.not_before and one.not_before > now else ""
    return ", ".join(parts) + later


def _is_used(one: CallsOut) -> bool:
    return one.not_before is not None or any(part.left < part.of for part in one.left)


def _ago(moment: datetime, now: datetime) -> str:
    return f"{_seconds(max(now - moment, timedelta()))} ago"


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s" if span < timedelta(minutes=2) else minutes(span)


def _spent(usd: float, look_ups: float) -> str:
    return f"${usd:,.2f}" + (f", of it ${look_ups:,.2f} for looking stored posts up again" if look_ups else "")


def _lag(seconds: float | None) -> str:
    return (
        "with a lag that is not known"
        if seconds is None
        else f"{_seconds(timedelta(seconds=seconds))} after it was written"
    )


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "–"
