"""``python -m training verdicts``, ``encoder`` and ``narrow``: the three steps to an encoder, each done seldom."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from training import encoders
from training.narrow.build import build
from training.narrow.recipe import read_narrow_recipe
from training.options import FILE, FOLDER, NEW_FILE, WEIGHTS, output_folder, say
from triage.settings import read as read_settings


@click.command("verdicts")
@click.argument("recipe", type=FILE)
@click.option("--teacher", type=WEIGHTS, required=True, help="folder of the teacher's weights")
@click.option("-o", "--output", type=NEW_FILE, required=True, help="file of all verdicts, for `encoder --heard`")
def ask_teacher(recipe: Path, teacher: Path, output: Path) -> None:
    """Fine-tune the teachers of an encoder's RECIPE and write down what they say, here and where the recipe says."""
    told, corpora = encoders.read_recipe(recipe), read_settings().corpora
    say(f"{encoders.ask(told, teacher, corpora, output, say)} and {output} are written")


@click.command("encoder")
@click.argument("recipe", type=FILE)
@click.option("--base", type=WEIGHTS, required=True, help="folder of the weights that the recipe starts from")
@click.option("--heard", type=FILE, help="file of all verdicts, for a taught encoder")
@click.option("-o", "--output", type=FOLDER, required=True, help="folder of the encoder")
def make_encoder(recipe: Path, base: Path, heard: Path | None, output: Path) -> None:
    """Make the encoder of RECIPE from downloaded weights (a folder in the layout of Hugging Face models)."""
    told = encoders.read_recipe(recipe)
    with output_folder(output):
        version = encoders.build(told, base, heard, output, say)
    say(f"{output} is {version}")


@click.command("narrow")
@click.argument("recipe", type=FILE)
@click.option("--wide", type=WEIGHTS, required=True, help="folder of the encoder to begin from")
@click.option("--teacher", type=WEIGHTS, required=True, help="folder of the large teacher's weights")
@click.option("-o", "--output", type=FOLDER, required=True, help="folder of the narrow encoder")
def make_narrow(recipe: Path, wide: Path, teacher: Path, output: Path) -> None:
    """Make the narrow encoder of RECIPE from a wide one."""
    told, corpora = read_narrow_recipe(recipe), read_settings().corpora
    with output_folder(output):
        version = build(told, wide, teacher, corpora, output, say)
    say(f"{output} is {version}")


MAKING: Final = (ask_teacher, make_encoder, make_narrow)
