"""Encoders: from a recipe and downloaded weights to the folder that serving loads.

The recipe names the weights by their checksum; where they lie is for the caller to say. An encoder without
``[[student]]`` is the downloaded one, cut to size. With it, a larger model (the teacher) is fine-tuned on the
project's own messages and asked about them, and the small one learns from its verdicts and from the labels.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from training.verdicts import read_verdicts, write_verdicts
from triage import artifact
from triage.errors import ArtifactError, ConfigurationError
from triage.scoring.encoder import KIND, NETWORK
from triage.scoring.vectors import TOKENIZER, PieceVectors

WEIGHTS: Final = "model.safetensors"
CARD: Final = "CARD.md"
#: Word pieces of a text that an encoder reads; longer texts are cut.
LONGEST: Final = 96

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """Weights from elsewhere: a folder of theirs must have ``model.safetensors`` with this checksum."""

    model: str
    package: str
    licence: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Teaching:
    """How the teacher is fine-tuned, and how many parts of messages it is asked about beside the messages."""

    epochs: int
    rate: float
    head_rate: float
    warm_up: int
    parts: int


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the student: ``hard`` is the share of the labels beside the teacher's verdicts in its loss."""

    epochs: int
    rate: float
    hard: float
    parts: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a taught encoder learns from: the training part of the recipe ``messages``, and the teacher's verdicts."""

    messages: Path
    verdicts: Path
    teacher: Source
    teaching: Teaching
    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """``lessons`` is ``None`` for an encoder that is taught nothing."""

    name: str
    title: str
    seed: int
    vectors: Path
    base: Source
    layers: int
    lessons: Lessons | None


def read_recipe(path: Path) -> EncoderRecipe:
    """Read an encoder's recipe; its paths are relative to the file.

    Raises:
        ConfigurationError: the file cannot be read or lacks something; the message names it.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return _recipe(told, path.parent)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except KeyError as error:
        raise ConfigurationError(f"{path}: {error.args[0]!r} is missing") from error
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _recipe(told: Mapping[str, Any], folder: Path) -> EncoderRecipe:
    return EncoderRecipe(
        name=str(told["name"]),
        title=str(told["title"]),
        seed=int(told["seed"]),
        vectors=folder / str(told["vectors"]),
        base=Source(**told["base"]),
        layers=int(told["layers"]),
        lessons=_lessons(told, folder) if "student" in told else None,
    )


def _lessons(told: Mapping[str, Any], folder: Path) -> Lessons:
    return Lessons(
        messages=folder / str(told["messages"]),
        verdicts=folder / str(told["verdicts"]),
        teacher=Source(**told["teacher"]),
        teaching=Teaching(**told["teaching"]),
        rounds=tuple(Round(**one) for one in told["student"]),
    )


def ask(recipe: EncoderRecipe, teacher: Path, say: Say) -> Path:
    """Fine-tune the teacher on the recipe's messages and write down what it says; returns the file.

    ``teacher`` is a folder in the layout of Hugging Face models.

    Raises:
        ArtifactError: the folder does not have the weights that the recipe names.
        ConfigurationError: the recipe has no teacher.
    """
    if recipe.lessons is None:
        raise ConfigurationError(f"{recipe.name} is taught nothing: its recipe has no teacher")
    from training import distil  # here, so that nothing else needs PyTorch

    check(teacher, recipe.lessons.teacher)
    write_verdicts(recipe.lessons.verdicts, distil.ask(recipe.lessons, teacher, recipe.seed, say))
    return recipe.lessons.verdicts


def build(recipe: EncoderRecipe, base: Path, folder: Path, say: Say) -> str:
    """Write the encoder of ``recipe``; returns its version.

    ``base`` is a folder in the layout of Hugging Face models.

    Raises:
        ArtifactError: the folder does not have the weights that the recipe names.
        ConfigurationError: the recipe's verdicts are not there.
    """
    from training import distil, network  # here, so that nothing else needs PyTorch

    check(base, recipe.base)
    shipped = PieceVectors.load(recipe.vectors)
    about: dict[str, Any] = {
        "title": recipe.title,
        "licence": "Apache-2.0",
        "layers": recipe.layers,
        "source": _told(recipe.base),
    }
    if recipe.lessons is None:
        model = distil.cut(base, recipe.layers)
    else:
        told = read_verdicts(recipe.lessons.verdicts)
        model = distil.teach(recipe.lessons, told, base, recipe.layers, recipe.seed, say)
        about["taught"] = {
            "teacher": _told(recipe.lessons.teacher),
            "messages": recipe.lessons.messages.name,
            "verdicts": hashlib.sha256(recipe.lessons.verdicts.read_bytes()).hexdigest(),
            "rounds": [asdict(one) for one in recipe.lessons.rounds],
        }
    exported = network.export(model, shipped.tokenizer_json, (base / TOKENIZER).read_bytes())
    about |= {"width": int(model.config.hidden_size), "longest": LONGEST, "vectors": shipped.version}
    files = {NETWORK: exported, TOKENIZER: shipped.tokenizer_json, CARD: _card(recipe, about).encode()}
    digest = artifact.write(folder, kind=KIND, name=recipe.name, files=files, about=about)
    return f"{recipe.name}@{digest[:12]}"


def check(folder: Path, source: Source) -> None:
    """Let nothing through but the very weights that ``source`` names.

    Raises:
        ArtifactError: they are not there, or others.
    """
    path = folder / WEIGHTS
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error
    if found != source.sha256:
        raise ArtifactError(f"{path} has SHA-256 {found}, but {source.model} has {source.sha256}")


def _told(source: Source) -> dict[str, str]:
    return {
        "model": source.model,
        "licence": source.licence,
        "package": source.package,
        f"{WEIGHTS} sha256": source.sha256,
    }


def _card(recipe: EncoderRecipe, about: Mapping[str, Any]) -> str:
    lines = [
        f"# {recipe.name}",
        "",
        f"{recipe.title}.",
        "",
        "Written by `python -m training encoder`. Licence: Apache-2.0.",
        "",
        f"- Derived from {recipe.base.model} ({recipe.base.licence}), taken from {recipe.base.package}; "
        f"`{WEIGHTS}` has SHA-256 `{recipe.base.sha256}`. The first {recipe.layers} of its layers are kept, over the "
        f"vocabulary of `{about['vectors']}`.",
        "- 8-bit weights (7 bits used, one scale per column), activations quantised as they come; run by ONNX Runtime.",
        f"- Reads the first {LONGEST} word pieces of a text; gives {about['width']} numbers per piece.",
        *(_taught(recipe.lessons) if recipe.lessons else ("- Taught nothing by this project.",)),
    ]
    return "\n".join([*lines, ""])


def _taught(lessons: Lessons) -> list[str]:
    rounds = "; ".join(
        f"{one.epochs} epochs at {one.rate:g}, {one.hard:.0%} labels, {one.parts:,} parts" for one in lessons.rounds
    )
    return [
        f"- Taught by {lessons.teacher.model} ({lessons.teacher.licence}), taken from {lessons.teacher.package}; "
        f"`{WEIGHTS}` has SHA-256 `{lessons.teacher.sha256}`. The teacher was fine-tuned on the training part of the "
        "project's own messages and is not shipped; its verdicts are in `training/verdicts.npz`.",
        f"- Learnt from the training part of `{lessons.messages.name}`: labels, the teacher's verdicts, and its "
        f"verdicts on parts of those messages. Rounds: {rounds}. No public corpus and no post from X was read.",
        "- Training again gives another encoder of the same kind, not the same bytes: PyTorch adds in another order on "
        "another machine.",
    ]
