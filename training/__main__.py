"""``python -m training …``: fit, evaluate, measure, compare, promote, and check the corpus."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from training import check, gate, public, registry, single
from training.answering import load_path, read_asked
from training.certify import Target
from training.certifying import certificate, sentence
from training.corpus import own_files, read_corpus
from training.encoder_commands import MAKING
from training.evaluate import evaluate_scorer
from training.fetch import fetch, presence
from training.options import FILE, FOLDER, WEIGHTS, output_folder, say
from training.printing import show, show_gate, show_single
from training.recipe import read_recipe
from triage.answers.calibration import EVIDENCE
from triage.answers.certificate import write as write_certificate
from triage.answers.match import PRIOR
from triage.brand import load_brand
from triage.domain.scores import Head
from triage.errors import InvalidInput, TriageError
from triage.privacy.detect import Detector
from triage.privacy.people import SHIPPED
from triage.scoring.classifier import Classifier
from triage.scoring.scorer import Scorer
from triage.scoring.sentences import SentenceEncoder
from triage.settings import read as read_settings

#: The repository.
ROOT: Final = Path(__file__).parents[1]
_DEMO_BRAND: Final = ROOT / "app" / "demo"
_DEVELOPMENT: Final = Path(__file__).parent / "answers" / "demo_development.jsonl"
_RECIPE: Final = Path(__file__).parent / "recipes" / "triage-en.toml"

#: What only fitting imports, and the extra of the package that brings it.
_EXTRAS: Final = dict.fromkeys(("faker", "joblib", "sklearn", "threadpoolctl"), "training") | dict.fromkeys(
    ("onnx", "torch", "transformers"), "encoder"
)
#: Commands whose exit code 1 may be an answer; what they cannot do at all is 2.
_ANSWERING: Final = frozenset({"certify", "gate", "promote", "rollback"})
_MOST_SEED: Final = 2**32 - 1


class _Unusable(click.ClickException):
    exit_code = 2


class _Commands(click.Group):
    """Turns errors that people can act on into one line on standard error."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # click's own business: whoever read us has read enough
        except (TriageError, OSError, ModuleNotFoundError) as error:
            if isinstance(error, ModuleNotFoundError) and _extra(error) is None:
                raise
            kind = _Unusable if ctx.invoked_subcommand in _ANSWERING else click.ClickException
            raise kind(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and _extra(error) == "encoder":
        return "making an encoder needs PyTorch, Transformers and ONNX: install the extra `encoder` of the package"
    if isinstance(error, ModuleNotFoundError):
        return (
            "fitting needs scikit-learn and Faker: install them with `make setup DEV=1`, or the extra `training` of "
            "the package"
        )
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _extra(error: ModuleNotFoundError) -> str | None:
    return _EXTRAS.get(str(error.name).partition(".")[0])


def _positive(_: click.Context, __: click.Parameter, value: float) -> float:
    if not 0 < value < math.inf:
        raise click.BadParameter(f"{value} is not a positive number")
    return value


def _share(_: click.Context, __: click.Parameter, value: float) -> float:
    if not 0 < value < 1:
        raise click.BadParameter(f"{value} is not between 0 and 1")
    return value


@click.group(cls=_Commands)
def main() -> None:
    """Fit, evaluate and describe the models that serving loads."""


for making in MAKING:
    main.add_command(making)


@main.command()
@click.argument("recipe", type=FILE)
@click.option("-o", "--output", type=FOLDER, required=True, help="folder of the artifact")
def fit(recipe: Path, output: Path) -> None:
    """Fit all heads of RECIPE into an artifact folder with its card."""
    from training import shipping  # here, so that other commands need no fitting stack

    with output_folder(output):
        shipping.fit_recipe(read_recipe(recipe), output, read_settings().corpora, say)
    say(f"{output} is {Scorer.load(output, [read_settings().models]).version}")


@main.command("fit-head")
@click.option("--train", type=FILE, required=True, help='lines of {"text", "label"}; label null: out of scope')
@click.option(
    "--valid", type=FILE, help="calibrates, and certifies thresholds; without it a tenth of --train calibrates"
)
@click.option("-o", "--output", type=FOLDER, required=True, help="folder of the artifact")
@click.option("--fast", is_flag=True, help="features alone, without the encoder: many times as fast, less right")
@click.option("--c", default=10.0, show_default=True, callback=_positive, help="inverse strength of the penalty")
@click.option("--seed", type=click.IntRange(0, _MOST_SEED), default=0, show_default=True)
def fit_head(train: Path, valid: Path | None, output: Path, fast: bool, c: float, seed: int) -> None:
    """Fit one head on any label set."""
    with output_folder(output):
        models = read_settings().models
        sources = single.Sources(models / "vectors-minilm", None if fast else models / "encoder-minilm")
        single.fit_single(train, valid, sources, output, c=c, seed=seed)
    say(f"{output} is {Classifier.load(output, [read_settings().models]).version}")


@main.command("fit-people")
@click.argument("recipe", type=FILE)
@click.option("-o", "--output", type=FOLDER, required=True, help="folder of the artifact")
def fit_people(recipe: Path, output: Path) -> None:
    """Fit the model of people and addresses of RECIPE; minutes on one core."""
    from training import people  # here, so that other commands need no fitting stack

    with output_folder(output):
        version = people.fit_people(people.read_recipe(recipe), output, say)
    say(f"{output} is {version}")


@main.command()
@click.argument("artifact", type=FOLDER)
@click.argument("test", type=FILE)
@click.option("--head", help="only this head")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def evaluate(artifact: Path, test: Path, head: str | None, as_json: bool) -> None:
    """Figures of the ARTIFACT on the labelled messages of TEST."""
    encoders = [read_settings().models]
    model = Classifier.load(artifact, encoders)
    if head is not None and head not in model.heads:
        raise InvalidInput(f"the artifact has the heads {', '.join(model.heads)}", field="--head")
    if single.HEAD in model.heads:
        show_single(single.evaluate_single(model, single.read_labelled(test)), as_json)
        return
    detector = Detector.load(read_settings().models / SHIPPED)
    found = evaluate_scorer(Scorer.load(artifact, encoders, detector), read_corpus([test]).examples)
    found = [one for one in found if head in (None, one.head)]
    if not found:
        raise InvalidInput("has no labels for these heads", field=test.name)
    if as_json:
        click.echo(json.dumps({"model": model.version, "heads": {one.head: one.as_json() for one in found}}))
        return
    for one in found:
        show(one)


@main.command("certify")
@click.argument("calibration", type=FILE)
@click.option("--brand", type=WEIGHTS, help="the brand's folder; default: TRIAGE_BRAND, or the demo brand")
@click.option("--most-wrong", default=0.02, show_default=True, callback=_share, help="share of wrong answers at most")
@click.option("--confidence", default=0.95, show_default=True, callback=_share, help="how sure that is to be")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.option("--dry-run", is_flag=True, help="write no certificate")
def certify_answers(
    calibration: Path, brand: Path | None, most_wrong: float, confidence: float, as_json: bool, dry_run: bool
) -> None:
    """Certify a brand's automatic answers on CALIBRATION, labelled messages that nothing was fitted or chosen on.

    A line is {"text", "snippet"}; null means that no snippet answers it. Wrong is an answer with another snippet, and
    any answer to a message that has none. The certificate is written into the folder of the knowledge base, where
    the service reads it at its next start; exit 1 where nothing can be certified.
    """
    settings = read_settings()
    today = datetime.now(UTC).date()
    target = Target(most_wrong, confidence)
    path = load_path(brand or settings.brand or _DEMO_BRAND, settings.models, settings.model, today, settings.cache)
    found = certificate(path, calibration, target, today)
    if not dry_run:
        write_certificate(load_brand(brand or settings.brand or _DEMO_BRAND).knowledge_base, found)
    click.echo(msgspec.json.encode(found).decode() if as_json else sentence(found, target))
    sys.exit(0 if found.threshold is not None else 1)


@main.command("matcher-prior")
def settle_matcher_prior() -> None:
    """Settle anew what evidence is worth to a matcher at first, and print it beside what is in use.

    Needs CLINC150 and HWU64 in TRIAGE_CORPORA. The result goes, rounded, into triage/answers/match.py by hand: it
    changes every confidence, so the matcher's version changes too and every knowledge base is certified anew.
    """
    from training import matcher_prior  # here, so that other commands need no fitting stack

    settings = read_settings()
    path = load_path(_DEMO_BRAND, settings.models, settings.model, datetime.now(UTC).date(), settings.cache)
    asked = read_asked(_DEVELOPMENT, [snippet.id for snippet in path.answers.knowledge_base.snippets])
    vectors = SentenceEncoder.load(settings.models / "encoder-minilm")
    found = matcher_prior.settled(matcher_prior.lessons(path, asked, settings.corpora), vectors)
    for name, weight, used in zip(EVIDENCE, found.weights, PRIOR.weights, strict=True):
        click.echo(f"{name:15} {weight:6.2f}  in use {used:5.1f}")
    click.echo(f"{'bias':15} {found.bias:6.2f}  in use {PRIOR.bias:5.1f}")


@main.command("gate")
@click.argument("candidate", type=FOLDER)
@click.argument("live", type=FOLDER)
@click.option("--recipe", type=FILE, default=_RECIPE, help="the recipe whose test part both judge")
@click.option("--on", "files", type=FILE, multiple=True, help="more labelled messages, in the format of the corpus")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def gate_candidate(candidate: Path, live: Path, recipe: Path, files: tuple[Path, ...], as_json: bool) -> None:
    """Say whether CANDIDATE may replace LIVE: exit 0 if so, 1 if not, 2 where they cannot be compared."""
    corpora = read_settings().corpora
    if not corpora.is_dir():
        say(f"no public measuring sets: {corpora} (TRIAGE_CORPORA) is not there")
    report = gate.compare(candidate, live, read_recipe(recipe), corpora, files)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        show_gate(report)
    sys.exit(0 if report.passed else 1)


@main.command()
@click.argument("artifact", type=FOLDER)
def promote(artifact: Path) -> None:
    """Make ARTIFACT the live model; what was live is kept for `rollback`. Serving loads it at its next start."""
    settings = read_settings()
    switch = registry.promote(artifact, settings.models, settings.model)
    if switch.live == switch.before:
        click.echo(f"{switch.live} is live already")
    else:
        click.echo(f"{switch.live} is live; before: {switch.before or 'nothing that could be loaded'}")


@main.command()
def rollback() -> None:
    """Make live again what was live before the last promotion. Serving loads it at its next start."""
    settings = read_settings()
    switch = registry.rollback(settings.models, settings.model)
    click.echo(f"{switch.live} is live again; taken out: {switch.before or 'nothing that could be loaded'}")


@main.command("figures")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--model", type=FOLDER, help="folder of the artifact; default: the live model")
@click.option("--recipe", type=FILE, default=_RECIPE, help="the recipe whose corpus and settings are used")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.option("--write", is_flag=True, help="write docs/figures.md and the block of the README")
def take_figures(names: tuple[str, ...], model: Path | None, recipe: Path, as_json: bool, write: bool) -> None:
    """Take the measures that are named, all by default, and say what they reach.

    What a measure needs and is not there leaves it out. All of them take about ten minutes.
    """
    from training.figures import curve, measures, page  # here, so that other commands need no fitting stack
    from training.figures.setting import Setting

    unknown = [name for name in names if name not in measures.NAMES]
    if unknown:
        raise click.UsageError(f"no measure {unknown[0]!r}; there are {', '.join(measures.NAMES)}")
    if write:
        page.check(ROOT)
    settings = read_settings()
    picture = ROOT / "docs" / "img" / curve.PICTURE if write else None
    folder = model or settings.models / settings.model
    found = measures.take(names, Setting(folder, read_recipe(recipe), settings.corpora, say, picture))
    click.echo(json.dumps([one.as_json() for one in found]) if as_json else page.table(found))
    if write:
        page.write(ROOT, found)


@main.group()
def corpus() -> None:
    """The project's own labelled messages, and the public corpora."""


@corpus.command("check")
@click.option("--recipe", type=FILE, default=_RECIPE, help="the recipe whose split is checked")
def check_corpus(recipe: Path) -> None:
    """Check labels, exposed items, duplicates and balance; exit 1 where something is wrong."""
    told = read_recipe(recipe)
    examples = read_corpus(own_files()).examples
    found = check.problems(examples, told.split)
    for line in found:
        say(line)
    for head in Head:
        counts = Counter(one.labels.get(head, "(none)") for one in examples)
        click.echo(f"{head.value}: " + ", ".join(f"{label} {count}" for label, count in counts.most_common()))
    click.echo(f"{len(examples):,} messages, {len(found)} problems")
    sys.exit(1 if found else 0)


@corpus.command("list")
def list_corpora() -> None:
    """Every public corpus: rows, licence, permitted use, and whether TRIAGE_CORPORA has it as declared."""
    corpora = read_settings().corpora
    head = ("name", "rows", "licence", "use", "here", "verified")
    rows = [head, *(_row(one, corpora) for one in public.declared().values())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:{side}{width}}" for cell, side, width in zip(row, "<><<<<", widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _row(one: public.PublicCorpus, corpora: Path) -> tuple[str, ...]:
    found = presence(one, corpora)
    here = {0: "no", len(one.files): "yes"}.get(len(found.here), f"{len(found.here)} of {len(one.files)} files")
    verified = f"differs: {', '.join(file.name for file in found.differing)}" if found.differing else "yes"
    rows = "" if one.rows is None else f"{one.rows:,}"
    return one.name, rows, one.licence, one.use, here, verified if found.here else ""


@corpus.command("fetch")
@click.argument("names", nargs=-1, required=True)
@click.option("--into", type=FOLDER, help="folder of corpora to download to; default: TRIAGE_CORPORA")
def fetch_corpora(names: tuple[str, ...], into: Path | None) -> None:
    """Take public corpora from TRIAGE_CORPORA, or download them from their official source, and verify them."""
    corpora = read_settings().corpora
    for one in [public.find(name) for name in names]:
        fetch(one, corpora, into or corpora, say)


if __name__ == "__main__":
    main(prog_name="python -m training")
