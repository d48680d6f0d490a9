"""Encoders: from a recipe and downloaded weights to the folder that serving loads.

The recipe names the weights by their checksum; where they lie is for the caller to say. An encoder without
``[studying]`` is the downloaded one, cut to size. With it, a larger model is fine-tuned several times on the
project's own messages (the teachers) and asked about them and about many texts made of them, and the small one learns
from those verdicts and from the labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from training import public
from training.recipe_file import recipe_file
from training.transfer import TransferChoice
from training.verdicts import read_verdicts, write_verdicts
from triage import artifact
from triage.errors import ArtifactError, ConfigurationError
from triage.scoring.encoder import KIND, NETWORK, WORDS
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
    """How the teachers are fine-tuned.

    One for each of ``folds`` parts of the training messages reads the others, so that each message is judged by one
    that has not read it; ``whole`` more read them all. ``decay`` is how much slower each layer learns than the one
    above it, ``masked`` the share of word pieces that are hidden, ``average`` how much of the running mean of the
    weights stays at a step: the mean of the later steps is what judges.
    """

    folds: int
    whole: int
    epochs: int
    batch: int
    rate: float
    head_rate: float
    decay: float
    smoothing: float
    masked: float
    average: float


@dataclass(frozen=True, slots=True)
class Studying:
    """How the student learns: labels count ``hard`` beside the verdicts, which are taken at ``softness``.

    A labelled message is read ``repeats`` times as often as a text without a label.
    """

    steps: int
    batch: int
    rate: float
    head_rate: float
    hard: float
    softness: float
    repeats: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a taught encoder learns from: the training part of the recipe ``messages``, and the teachers' verdicts.

    ``verdicts`` is the file of the repository: all messages, and the first texts of ``transfer``.
    """

    messages: Path
    verdicts: Path
    teacher: Source
    teaching: Teaching
    transfer: TransferChoice
    studying: Studying


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """``lessons`` is ``None`` for an encoder that is taught nothing; ``words`` is a folder of an encoder, or none.

    An encoder with ``words`` keeps the table of word pieces of that one, and is written without it.
    """

    name: str
    title: str
    seed: int
    vectors: Path
    base: Source
    layers: int
    words: Path | None
    lessons: Lessons | None

    def taught(self) -> Lessons:
        """The lessons.

        Raises:
            ConfigurationError: there are none.
        """
        if self.lessons is None:
            raise ConfigurationError(f"{self.name} is taught nothing: its recipe has no teacher")
        return self.lessons


def read_recipe(path: Path) -> EncoderRecipe:
    """Read an encoder's recipe; its paths are relative to the file.

    Raises:
        ConfigurationError: the file cannot be read or lacks something; the message names it.
    """
    with recipe_file(path) as told:
        return _recipe(told, path.parent)


def _recipe(told: Mapping[str, Any], folder: Path) -> EncoderRecipe:
    return EncoderRecipe(
        name=str(told["name"]),
        title=str(told["title"]),
        seed=int(told["seed"]),
        vectors=folder / str(told["vectors"]),
        base=Source(**told["base"]),
        layers=int(told["layers"]),
        words=folder / str(told["words"]) if "words" in told else None,
        lessons=_lessons(told, folder) if "studying" in told else None,
    )


def _lessons(told: Mapping[str, Any], folder: Path) -> Lessons:
    return Lessons(
        messages=folder / str(told["messages"]),
        verdicts=folder / str(told["verdicts"]),
        teacher=Source(**told["teacher"]),
        teaching=Teaching(**told["teaching"]),
        transfer=TransferChoice(**told["transfer"] | {"public": tuple(told["transfer"]["public"])}),
        studying=Studying(**told["studying"]),
    )


def ask(recipe: EncoderRecipe, teacher: Path, corpora: Path, everything: Path, say: Say) -> Path:
    """Fine-tune the teachers on the recipe's messages and write down what they say; returns the repository's file.

    ``teacher`` is a folder in the layout of Hugging Face models, ``corpora`` that of the public corpora;
    ``everything`` is the file of all verdicts that :func:`build` reads.

    Raises:
        ArtifactError: the folder does not have the weights that the recipe names.
        ConfigurationError: the recipe has no teacher.
        InvalidInput: a public corpus whose texts are to be read is not there.
    """
    lessons = recipe.taught()
    from training import distil  # here, so that nothing else needs PyTorch

    check(teacher, lessons.teacher)
    told = distil.ask(recipe, teacher, corpora, say)
    write_verdicts(everything, told)
    write_verdicts(lessons.verdicts, told.first(lessons.transfer.kept))
    return lessons.verdicts


def build(recipe: EncoderRecipe, base: Path, heard: Path | None, folder: Path, say: Say) -> str:
    """Write the encoder of ``recipe``; returns its version.

    ``base`` is a folder in the layout of Hugging Face models; ``heard`` the file of all verdicts.

    Raises:
        ArtifactError: the folder does not have the weights that the recipe names, or the encoder whose words are to
            be shared is not there or has others.
        ConfigurationError: the verdicts are not there.
    """
    from training import distil  # here, so that nothing else needs PyTorch

    check(base, recipe.base)
    if recipe.lessons is None:
        return write(recipe, distil.cut(base, recipe.layers), base, folder)
    if heard is None:
        raise ConfigurationError(f"{recipe.name} is taught: the file of all verdicts is needed")
    model = distil.teach(recipe, read_verdicts(heard), base, say)
    return write(recipe, model, base, folder)


def write(recipe: EncoderRecipe, model: Any, base: Path, folder: Path) -> str:
    """Write ``model`` (a Transformers BERT) as the encoder of ``recipe``; returns its version.

    Raises:
        ArtifactError: the encoder whose words are to be shared is not there, or has others.
    """
    from training import network  # here, so that nothing else needs PyTorch

    shipped = PieceVectors.load(recipe.vectors)
    about: dict[str, Any] = {
        "title": recipe.title,
        "licence": "Apache-2.0",
        "layers": recipe.layers,
        "source": _told(recipe.base),
        "width": int(model.config.hidden_size),
        "longest": LONGEST,
        "vectors": shipped.version,
    }
    words = None
    if recipe.words is not None:
        other = artifact.read(recipe.words, kind=KIND)
        words = other.file(NETWORK)
        about[WORDS] = {"folder": recipe.words.name, "version": other.version}
    if recipe.lessons is not None:
        about["taught"] = {
            "teacher": _told(recipe.lessons.teacher),
            "messages": recipe.lessons.messages.name,
            "verdicts": hashlib.sha256(recipe.lessons.verdicts.read_bytes()).hexdigest(),
            "teaching": asdict(recipe.lessons.teaching),
            "transfer": asdict(recipe.lessons.transfer) | {"public": list(recipe.lessons.transfer.public)},
            "studying": asdict(recipe.lessons.studying),
        }
    exported = network.export(model, shipped.tokenizer_json, (base / TOKENIZER).read_bytes(), LONGEST, words)
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
        *(
            [f"- The table of word pieces is that of `{about[WORDS]['version']}`: it is needed beside this folder."]
            if recipe.words
            else ()
        ),
        *(_taught(recipe.lessons) if recipe.lessons else ("- Taught nothing by this project.",)),
    ]
    return "\n".join([*lines, ""])


def _taught(lessons: Lessons) -> list[str]:
    teaching, transfer, study = lessons.teaching, lessons.transfer, lessons.studying
    return [
        f"- Taught by {lessons.teacher.model} ({lessons.teacher.licence}), taken from {lessons.teacher.package}; "
        f"`{WEIGHTS}` has SHA-256 `{lessons.teacher.sha256}`. {teaching.folds + teaching.whole} teachers were "
        f"fine-tuned from it for {teaching.epochs} epochs on the training part of the project's own messages, "
        f"{teaching.folds} of them each without a part of it, which it then judged. They are not shipped; what they "
        f"say of the messages and of the first {transfer.kept:,} other texts is in `training/verdicts.npz`.",
        f"- Learnt from the training part of `{lessons.messages.name}` and from the teachers' verdicts on it, on parts "
        "of those messages, on the messages with other words, and on the texts (without their labels) of "
        f"{_named(transfer.public)}; {study.steps:,} steps of {study.batch} texts at {study.rate:g}, labels beside "
        f"verdicts {study.hard:g} to 1. No post from X was read.",
        "- Training again gives another encoder of the same kind, not the same bytes: PyTorch adds in another order on "
        "another machine.",
    ]


def _named(names: Sequence[str]) -> str:
    """Public corpora with their licences and sources, as those ask for."""
    corpora = [public.find(name) for name in names]
    return "; ".join(f"{one.title} ({one.licence}, {one.source})" for one in corpora)
