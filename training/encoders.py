"""Encoders: from a recipe and downloaded weights to the folder that serving loads.

The recipe names the weights by their checksum; where they lie is for the caller to say. An encoder without
``[student]`` is the downloaded one, cut to size. With it, a larger model (the teacher) is fine-tuned on the
project's own messages, and the small one learns from its verdicts as well as from the labels.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from triage.errors import ArtifactError, ConfigurationError
from triage.scoring import artifact
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
    """How the teacher is fine-tuned and the student learns from it.

    ``hard`` is the share of the labels beside the teacher's verdicts in the student's loss, ``softness`` the
    temperature that both are compared at (Hinton et al. 2015), ``crops`` how many parts of messages, without a
    label, the student learns from as well.
    """

    teacher: Source
    teacher_epochs: int
    teacher_rate: float
    epochs: int
    rate: float
    hard: float
    softness: float
    crops: int


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """``messages`` is the recipe whose training part is taught; ``None`` where nothing is."""

    name: str
    title: str
    seed: int
    vectors: Path
    base: Source
    layers: int
    messages: Path | None
    teaching: Teaching | None


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
    taught = "student" in told
    return EncoderRecipe(
        name=str(told["name"]),
        title=str(told["title"]),
        seed=int(told["seed"]),
        vectors=folder / str(told["vectors"]),
        base=Source(**told["base"]),
        layers=int(told["layers"]),
        messages=folder / str(told["messages"]) if taught else None,
        teaching=Teaching(Source(**told["teacher"]), **told["student"]) if taught else None,
    )


def build(recipe: EncoderRecipe, base: Path, teacher: Path | None, folder: Path, say: Say) -> str:
    """Write the encoder of ``recipe``; returns its version.

    ``base`` and ``teacher`` are folders in the layout of Hugging Face models.

    Raises:
        ArtifactError: a folder does not have the weights that the recipe names.
        ConfigurationError: the recipe has a teacher and none is given.
    """
    from training import distil, network  # here, so that nothing else needs PyTorch

    _check(base, recipe.base)
    shipped = PieceVectors.load(recipe.vectors)
    about: dict[str, Any] = {"title": recipe.title, "licence": "Apache-2.0", "layers": recipe.layers}
    about["source"] = _told(recipe.base)
    if recipe.teaching is None or recipe.messages is None:
        model = distil.cut(base, recipe.layers)
    else:
        if teacher is None:
            raise ConfigurationError(f"{recipe.name} is taught: say where {recipe.teaching.teacher.model} is")
        _check(teacher, recipe.teaching.teacher)
        model, taught = distil.teach(recipe, base, teacher, say)
        about["taught"] = {"teacher": _told(recipe.teaching.teacher), **taught}
    exported = network.export(model, shipped.tokenizer_json, (base / TOKENIZER).read_bytes())
    about |= {"width": int(model.config.hidden_size), "longest": LONGEST, "vectors": shipped.version}
    files = {NETWORK: exported, TOKENIZER: shipped.tokenizer_json, CARD: _card(recipe, about).encode()}
    digest = artifact.write(folder, kind=KIND, name=recipe.name, files=files, about=about)
    return f"{recipe.name}@{digest[:12]}"


def _check(folder: Path, source: Source) -> None:
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
    taught = about.get("taught")
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
    ]
    if taught:
        teacher = recipe.teaching.teacher if recipe.teaching else recipe.base
        lines += [
            f"- Taught by {teacher.model} ({teacher.licence}), taken from {teacher.package}; `{WEIGHTS}` has SHA-256 "
            f"`{teacher.sha256}`. The teacher was fine-tuned on the training part of the project's own messages and is "
            "not shipped.",
            f"- Messages: the training part of `{taught['recipe']}`, {taught['messages']:,} of them, and "
            f"{taught['crops']:,} parts of them. No public corpus and no post from X was read.",
            *(f"- {note}" for note in taught.get("notes", ())),
        ]
    return "\n".join([*lines, ""])
