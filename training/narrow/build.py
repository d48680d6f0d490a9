"""From a taught encoder and a recipe to the folder of the narrower one that serving loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from training.encoders import CARD, LONGEST, check
from training.narrow.recipe import NarrowRecipe
from triage import artifact
from triage.errors import ArtifactError
from triage.scoring.encoder import KIND, NETWORK, WORDS, Encoder, read_choice
from triage.scoring.vectors import TOKENIZER

if TYPE_CHECKING:
    from training.encoders import Say

#: Messages that ranges of rounding are measured on.
_MEASURED: Final = 400
#: Entries of the wide encoder's manifest that hold for the narrow one, too.
_KEPT: Final = ("licence", "layers", "source", "width", "vectors", WORDS, "taught")


def build(recipe: NarrowRecipe, wide: Path, teacher: Path, corpora: Path, folder: Path, say: Say) -> str:
    """Write the encoder of ``recipe``; returns its version.

    ``wide`` is the folder of the encoder to begin from, with the encoder that has its words beside it; ``teacher`` one
    in the layout of Hugging Face models, ``corpora`` that of the public corpora.

    Raises:
        ArtifactError: ``wide`` is not the encoder that the recipe names, or cannot be narrowed; or the teacher does
            not have the weights that the wide encoder's recipe names.
        InvalidInput: a public corpus whose texts are to be read is not there.
    """
    checked = artifact.read(wide, kind=KIND)
    if checked.version != recipe.version:
        raise ArtifactError(f"{wide} is {checked.version}, but {recipe.name} begins from {recipe.version}")
    check(teacher, recipe.wide.taught().teacher)
    from training.narrow import graph, judge, lesson, network  # here, so that nothing else needs PyTorch

    words = artifact.read(wide.resolve().parent / read_choice(checked.get(WORDS, dict)).folder, kind=KIND)
    before, table = network.from_served(checked.file(NETWORK), words.file(NETWORK))
    texts = lesson.read_texts(recipe, before, Encoder.load(wide), corpora, say)
    after = lesson.teach(recipe, before, texts, judge.ask(recipe, teacher, texts, say), say)
    measured = texts.lesson.texts[: min(_MEASURED, texts.labelled)]
    made = graph.build(network.weights(after), network.ranges(after, measured), recipe.narrowing.heads, table)
    about = {key: checked.manifest[key] for key in _KEPT} | {
        "title": recipe.title,
        "longest": LONGEST,
        "narrowed": {"from": checked.version, **asdict(recipe.narrowing), "judging": asdict(recipe.judging)},
    }
    card = _card(recipe, about, checked.file(CARD).decode("utf-8"))
    files = {NETWORK: made, TOKENIZER: checked.file(TOKENIZER), CARD: card.encode()}
    digest = artifact.write(folder, kind=KIND, name=recipe.name, files=files, about=about)
    return f"{recipe.name}@{digest[:12]}"


def _card(recipe: NarrowRecipe, about: Mapping[str, Any], wide: str) -> str:
    choice = recipe.narrowing
    lines = [
        f"# {recipe.name}",
        "",
        f"{recipe.title}.",
        "",
        f"Written by `python -m training narrow`. Licence: {about['licence']}.",
        "",
        f"- Made from `{recipe.version}`, whose own card follows: of each layer the {choice.heads} heads of attention "
        f"and {choice.inner} inner units that vary most are kept.",
        f"- What was left learnt that encoder's vectors, and verdicts, of the messages and texts named below: of the "
        "messages and of the texts in `training/verdicts.npz` those of the seven teachers, of "
        f"{recipe.judging.texts:,} others those of one more (the same model, fine-tuned on labels and on what the "
        f"seven said) and those that follow from that encoder's vectors, {recipe.judging.share:.0%} to "
        f"{1 - recipe.judging.share:.0%}; {choice.steps:,} steps of {choice.batch} texts at {choice.rate:g}, "
        f"{choice.hidden:.0%} of the pieces hidden, labels beside verdicts {choice.hard:g} to 1.",
        "- A text's vector is the sum of the states of its pieces, each of six blocks of their numbers weighted by "
        "how much it attends to the piece.",
        f"- 8-bit weights (7 bits used, one scale per column); activations in 8 bits, by ranges measured on "
        f"{_MEASURED} messages; run by ONNX Runtime, texts of one length side by side.",
        f"- Reads the first {LONGEST} word pieces of a text; gives {about['width']} numbers per piece.",
        "",
        "## The encoder that it was made from",
        "",
        *(line for line in wide.splitlines() if line.startswith("- ")),
    ]
    return "\n".join([*lines, ""])
