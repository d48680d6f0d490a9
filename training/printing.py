"""Figures and verdicts as tables on the terminal."""

from __future__ import annotations

import json

import click

from training import gate, single
from training.evaluate import Figures


def show(one: Figures) -> None:
    """One head's figures, and a line for each of its labels."""
    kappa = "" if one.quadratic_kappa is None else f", quadratic kappa {one.quadratic_kappa:.3f}"
    click.echo(
        f"{one.head}: {one.messages:,} messages, accuracy {one.accuracy:.3f}, macro-F1 {one.macro_f1:.3f}, "
        f"macro-recall {one.macro_recall:.3f}{kappa}, expected calibration error {one.calibration_error:.3f}"
    )
    for row in one.classes:
        click.echo(
            f"  {row.label:<24} precision {row.precision:.3f}  recall {row.recall:.3f}  F1 {row.f1:.3f}"
            f"  messages {row.support}"
        )


def show_gate(report: gate.Report) -> None:
    """What the gate found, rule by rule, and what follows."""
    click.echo(f"candidate {report.candidate}, live {report.live}")
    click.echo(f"label sets: {'the same' if report.same_labels else 'not the same'}")
    for one in report.evidence:
        left_out = f", {one.left_out:,} left out that are in the corpus" if one.left_out else ""
        click.echo(
            f"{one.title}: {len(one.examples):,} messages{left_out}"
            + (f"; not counted: {one.why_not}" if one.why_not else "")
        )
        for rule in report.findings:
            if rule.messages_of == one.title:
                click.echo(
                    f"  {rule.head:<10}{rule.figure:<29}{rule.messages:>7,}  live {rule.live:.3f}  "
                    f"candidate {rule.candidate:.3f}  difference {rule.difference:+.3f} "
                    f"[{rule.interval[0]:+.3f}, {rule.interval[1]:+.3f}]  {rule.verdict}"
                    + ("" if one.why_not else f": {rule.words}")
                )
    for line in report.refusals:
        click.echo(f"refused: {line}")
    if report.passed:
        click.echo(f"passed: {report.candidate} may replace {report.live}")


def show_single(found: single.SingleFigures, as_json: bool) -> None:
    """Figures of a model of one head, what is out of scope included."""
    if as_json:
        click.echo(json.dumps(found.as_json()))
        return
    show(found.in_scope)
    if found.auroc is not None:
        click.echo(f"out of scope: {found.out_of_scope:,} of {found.messages:,}, AUROC {found.auroc:.3f}")
    for one in found.answering:
        line = f"at most {one.most_wrong:.0%} wrong: {one.hindsight:.1%} answerable in hindsight"
        if one.threshold is not None:
            line += (
                f"; at the certified threshold {one.threshold}: {one.certified:.1%}, {one.certified_wrong:.1%} wrong"
            )
        click.echo(line)
