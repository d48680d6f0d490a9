"""``triage report``: the figures, for eyes and for programs."""

from __future__ import annotations

import click
import msgspec

from app.cli.database import database_option, settings_on
from app.compose import compose
from app.figures import as_document
from triage.measures.report import Report, Share
from triage.measures.report import report as make_report
from triage.measures.waits import WaitSummary


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@database_option
def report(as_json: bool, database: str | None) -> None:
    """Counts by state, automation, waits and times to first reply; from events alone."""
    product = compose(settings_on(database))
    product.check_schema()
    with product.store.read() as transaction:
        figures = make_report(transaction.events.stream())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(as_document(figures)), indent=2).decode())
    else:
        click.echo(as_text(figures))


def as_text(figures: Report) -> str:
    blocks = [
        block("Messages", [("received", f"{figures.received:,}"), ("by the brand elsewhere", f"{figures.outbound:,}")]),
        block("Where they ended", [(state, f"{count:,}") for state, count in figures.messages.items()]),
        block(
            "Automation (of all decided)",
            [
                ("answered alone", _share(figures.answered_alone)),
                ("closed as needing nothing", _share(figures.closed_alone)),
                ("sent to people", _share(figures.sent_to_people)),
            ],
        ),
        block(
            "Conversations answered alone",
            [
                ("confirmed by the customer", f"{figures.automation.confirmed:,}"),
                ("did not say (assumed)", f"{figures.automation.assumed:,}"),
                ("went on to a person", f"{figures.automation.handed_over:,}"),
            ],
        ),
        block("Automatic answers looked at", _audit(figures)),
        block("Cases", [(state, f"{count:,}") for state, count in figures.cases.items()]),
        block("Waiting now, by queue", [(queue, f"{count:,}") for queue, count in figures.queues.items()]),
        block("Urgency", [(label, f"{count:,}") for label, count in figures.urgencies.items()]),
        block("Why people were asked", [(code, f"{count:,}") for code, count in figures.reasons.items()]),
        block(
            "Waits",
            [
                ("in queue", _wait(figures.queue_wait)),
                ("first reply, people", _wait(figures.first_reply_by_people)),
                ("first reply, service", _wait(figures.first_reply_by_service)),
            ],
        ),
        block("Replies", [(outcome, f"{count:,}") for outcome, count in figures.replies.items()]),
    ]
    return "\n".join(block for block in blocks if block)


def block(title: str, rows: list[tuple[str, str]]) -> str:
    """Rows in two columns below a title; nothing where there are none."""
    if not rows:
        return ""
    width = max(len(name) for name, _ in rows)
    return "\n".join([title, *(f"  {name:<{width}}  {value}" for name, value in rows), ""])


def _audit(figures: Report) -> list[tuple[str, str]]:
    audit = figures.audit
    if not (audit.right or audit.wrong or audit.unsure or audit.waiting or audit.stops or figures.opted_out):
        return []
    promised = "" if audit.promised is None else f", at most {audit.promised:.1%} promised"
    proven = "" if audit.promised is None else f"{audit.evidence:.3g} (answering stops at {audit.enough:.0f})"
    state = f"stopped by itself on {audit.stopped:%Y-%m-%d %H:%M} UTC" if audit.stopped else "on"
    return [
        ("wrong", f"{_share(audit.wrong_share)}, 95 % interval {audit.low:.1%} to {audit.high:.1%}{promised}"),
        ("evidence of more", proven or "–"),
        ("unsure", f"{audit.unsure:,}"),
        ("without a verdict", f"{audit.waiting:,}"),
        ("answering", f"{state}; stopped {audit.stops:,} times in all"),
        ("want no automatic reply", f"{figures.opted_out:,} customers"),
    ]


def _share(share: Share) -> str:
    value = "–" if share.value is None else f"{share.value:.1%}"
    return f"{value}  ({share.numerator:,} of {share.denominator:,})"


def _wait(wait: WaitSummary) -> str:
    return (
        f"median {_duration(wait.median)}, p90 {_duration(wait.p90)}, mean of ended {_duration(wait.mean)}"
        f"  ({wait.ended:,} ended, {wait.waiting:,} still waiting, {wait.given_up:,} closed unanswered)"
    )


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
