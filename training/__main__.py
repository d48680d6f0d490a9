"""``python -m training …``: fit, evaluate, and check the corpus."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import click

from training import check, shipping, single
from training.corpus import OWN, read_corpus
from training.evaluate import Figures, evaluate_scorer
from training.recipe import read_recipe
from triage.domain.scores import Head
from triage.errors import InvalidInput, TriageError
from triage.scoring.classifier import Classifier
from triage.scoring.scorer import Scorer
from triage.settings import read as read_settings

_RECIPE: Final = Path(__file__).parent / "recipes" / "triage-en.toml"
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)


class _Commands(click.Group):
    """Turns the product's errors into one line on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TriageError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands)
def main() -> None:
    """Fit, evaluate and describe the models that serving loads."""


def _say(line: str) -> None:
    click.echo(line, err=True)


@main.command()
@click.argument("recipe", type=_FILE)
@click.option("-o", "--output", type=_FOLDER, required=True, help="folder of the artifact")
def fit(recipe: Path, output: Path) -> None:
    """Fit all heads of RECIPE into an artifact folder with its card."""
    shipping.fit_recipe(read_recipe(recipe), output, read_settings().corpora, _say)
    _say(f"{output} is {Scorer.load(output).version}")


@main.command("fit-head")
@click.option("--train", type=_FILE, required=True, help='lines of {"text", "label"}; label null: out of scope')
@click.option(
    "--valid", type=_FILE, help="calibrates, and certifies thresholds; without it a tenth of --train calibrates"
)
@click.option("-o", "--output", type=_FOLDER, required=True, help="folder of the artifact")
@click.option("--c", default=10.0, show_default=True, help="inverse strength of the penalty")
@click.option("--seed", default=0, show_default=True)
def fit_head(train: Path, valid: Path | None, output: Path, c: float, seed: int) -> None:
    """Fit one head on any label set."""
    single.fit_single(train, valid, read_settings().models / "vectors-minilm", output, c=c, seed=seed)
    _say(f"{output} is {Classifier.load(output).version}")


@main.command()
@click.argument("artifact", type=_FOLDER)
@click.argument("test", type=_FILE)
@click.option("--head", help="only this head")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def evaluate(artifact: Path, test: Path, head: str | None, as_json: bool) -> None:
    """Figures of the ARTIFACT on the labelled messages of TEST."""
    model = Classifier.load(artifact)
    if head is not None and head not in model.heads:
        raise InvalidInput(f"the artifact has the heads {', '.join(model.heads)}", field="--head")
    if single.HEAD in model.heads:
        _show_single(single.evaluate_single(model, single.read_labelled(test)), as_json)
        return
    found = evaluate_scorer(Scorer.load(artifact), read_corpus([test]).examples)
    found = [one for one in found if head in (None, one.head)]
    if not found:
        raise InvalidInput("has no labels for these heads", field=test.name)
    if as_json:
        click.echo(json.dumps({"model": model.version, "heads": {one.head: one.as_json() for one in found}}))
        return
    for one in found:
        _show(one)


@main.group()
def corpus() -> None:
    """The project's own labelled messages."""


@corpus.command("check")
@click.option("--recipe", type=_FILE, default=_RECIPE, help="the recipe whose split is checked")
def check_corpus(recipe: Path) -> None:
    """Check labels, exposed items, duplicates and balance; exit 1 where something is wrong."""
    told = read_recipe(recipe)
    examples = read_corpus(sorted(OWN.glob("*.jsonl"))).examples
    found = check.problems(examples, told.split)
    for line in found:
        _say(line)
    for head in Head:
        counts = Counter(one.labels.get(head, "(none)") for one in examples)
        click.echo(f"{head.value}: " + ", ".join(f"{label} {count}" for label, count in counts.most_common()))
    click.echo(f"{len(examples):,} messages, {len(found)} problems")
    sys.exit(1 if found else 0)


def _show(one: Figures) -> None:
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


def _show_single(found: single.SingleFigures, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found.as_json()))
        return
    _show(found.in_scope)
    if found.auroc is not None:
        click.echo(f"out of scope: {found.out_of_scope:,} of {found.messages:,}, AUROC {found.auroc:.3f}")
    for one in found.answering:
        line = f"at most {one.most_wrong:.0%} wrong: {one.hindsight:.1%} answerable in hindsight"
        if one.threshold is not None:
            line += (
                f"; at the certified threshold {one.threshold}: {one.certified:.1%}, {one.certified_wrong:.1%} wrong"
            )
        click.echo(line)


if __name__ == "__main__":
    main(prog_name="python -m training")
