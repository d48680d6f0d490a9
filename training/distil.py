"""Teaching the small encoder: large ones are fine-tuned on labelled messages, and the small one learns from them.

Four heads share one encoder, as in serving. Needs the extra ``encoder`` of the package; runs on a GPU where PyTorch
finds one, else on the processor, which takes very long.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from training import public, splits, transfer
from training.corpus import Example, in_languages, read_corpus
from training.encoders import LONGEST
from training.learning import (
    DEVICE,
    UNLABELLED,
    Balance,
    Lesson,
    Rows,
    Values,
    batches,
    from_labels,
    from_verdicts,
    learn,
)
from training.recipe import read_recipe
from training.second import SCALE
from training.transfer import plain
from training.verdicts import TAUGHT, Verdicts
from triage.domain.scores import Head
from triage.scoring.vectors import PieceVectors

if TYPE_CHECKING:
    from training.encoders import EncoderRecipe, Say, Teaching

_READ_AT_ONCE: Final = 256
#: How much of the running mean of the student's weights stays at a step.
_AVERAGE: Final = 0.9985


class Reader(nn.Module):
    """An encoder whose mean state of a text's pieces feeds one linear head per judgement.

    The student's vectors have the length that serving gives them, and the states of the two ends of a text do not
    count, for serving has none for them; its table of word pieces stays as it is.
    """

    def __init__(self, encoder: Any, tokenizer: Any, *, student: bool) -> None:
        super().__init__()
        self.encoder, self.tokenizer, self.student = encoder, tokenizer, student
        self.drop = nn.Dropout(0.05 if student else 0.1)
        width = encoder.config.hidden_size
        self.heads = nn.ModuleDict({head.value: nn.Linear(width, len(labels)) for head, labels in TAUGHT.items()})
        encoder.embeddings.word_embeddings.weight.requires_grad = not student
        self.to(DEVICE)

    def forward(self, texts: Sequence[str], masked: float = 0.0) -> Values:
        """Decision values per head, ``(texts, labels)``; a share of the pieces is hidden."""
        return self.values(self.vectors(texts, masked))

    def values(self, vectors: Tensor) -> Values:
        """Decision values per head that follow from ``vectors``."""
        vectors = self.drop(vectors)
        return {head: self.heads[head.value](vectors) for head in Head}

    def vectors(self, texts: Sequence[str], masked: float = 0.0) -> Tensor:
        """What the heads read, ``(texts, width)``."""
        told = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=LONGEST,
            return_tensors="pt",
            return_special_tokens_mask=True,
        ).to(DEVICE)
        pieces, own = told["input_ids"], told["attention_mask"] * (1 - told["special_tokens_mask"])
        hidden = (torch.rand(pieces.shape, device=DEVICE) < masked) & (own > 0)
        pieces = pieces.masked_fill(hidden, self.tokenizer.mask_token_id)
        with _half():
            states = self.encoder(input_ids=pieces, attention_mask=told["attention_mask"]).last_hidden_state
        counted = (own if self.student else told["attention_mask"])[..., None].float()
        mean = (states.float() * counted).sum(1) / counted.sum(1).clamp(min=1)
        return SCALE * nn.functional.normalize(mean, dim=1) if self.student else mean


def _half() -> torch.autocast:
    return torch.autocast(DEVICE.type, dtype=torch.bfloat16)


def cut(folder: Path, layers: int) -> Any:
    """The encoder in ``folder`` without its upper layers."""
    model = AutoModel.from_pretrained(folder)
    model.encoder.layer = model.encoder.layer[:layers]
    return model


def ask(recipe: EncoderRecipe, folder: Path, corpora: Path, say: Say) -> Verdicts:
    """Fine-tune the teachers from the model in ``folder``; what they say of every message, and of many other texts.

    ``corpora`` is the folder of public corpora.
    """
    lessons = recipe.taught()
    teaching = lessons.teaching
    train, held = messages_of(lessons.messages)
    own = [plain(one.text) for one in train]
    others = transfer.texts(own, PieceVectors.load(recipe.vectors), lessons.transfer, corpora)
    texts = [*own, *(plain(one.text) for one in held), *others]
    lesson = Lesson(own, labels_of(train))
    fold = folds([one.text for one in train], teaching.folds, recipe.seed)
    total = {head: np.zeros((len(texts), len(labels))) for head, labels in TAUGHT.items()}
    unseen = {head: np.zeros((len(train), len(labels))) for head, labels in TAUGHT.items()}
    for number in range(teaching.folds + teaching.whole):
        rows = np.flatnonzero(fold != number)
        say(f"teacher {number + 1} of {teaching.folds + teaching.whole} reads {len(rows):,} messages")
        teacher = _teacher(lesson, rows.tolist(), folder, teaching, recipe.seed + number)
        for head, values in judged(teacher, texts)[0].items():
            told = values.numpy().astype(np.float64)
            told -= told.mean(axis=1, keepdims=True)
            total[head] += told / (teaching.folds + teaching.whole)
            unseen[head][fold == number] = told[: len(train)][fold == number]
    for head in Head:
        total[head][: len(train)] = unseen[head]
    return Verdicts(tuple(one.id for one in (*train, *held)), tuple(others), total)


def folds(texts: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """The number of each text's fold; near-duplicates are in the same one."""
    dice = random.Random(seed)  # noqa: S311  # a shuffle is no secret
    groups = splits.near_duplicates(texts)
    found = {group: dice.randrange(count) for group in dict.fromkeys(groups)}
    return np.array([found[group] for group in groups], np.int64)


def _teacher(lesson: Lesson[str], rows: Rows, folder: Path, teaching: Teaching, seed: int) -> Reader:
    def loss(values: Values, batch: Rows) -> Tensor:
        return from_labels(values, lesson, batch, teaching.smoothing)

    return _fine_tuned(lesson, loss, rows, folder, teaching, seed)


def judge(lesson: Lesson[str], balance: Balance, folder: Path, teaching: Teaching, seed: int) -> Reader:
    """One more teacher, of the model in ``folder``: it learns from labels and from what the others said.

    ``teaching.folds``, ``whole`` and ``smoothing`` count nothing.
    """

    def loss(values: Values, batch: Rows) -> Tensor:
        return from_verdicts(values, lesson, batch, balance)

    return _fine_tuned(lesson, loss, [*range(len(lesson.texts))], folder, teaching, seed)


def _fine_tuned(
    lesson: Lesson[str],
    loss_of: Callable[[Values, Rows], Tensor],
    rows: Rows,
    folder: Path,
    teaching: Teaching,
    seed: int,
) -> Reader:
    torch.manual_seed(seed)
    reader = Reader(AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder), student=False)
    steps = teaching.epochs * -(-len(rows) // teaching.batch)

    def loss(batch: Rows) -> Tensor:
        return loss_of(reader([lesson.texts[row] for row in batch], teaching.masked), batch)

    groups = _by_layer(reader, teaching.rate, teaching.head_rate, teaching.decay)
    learn(reader, loss, batches(lesson.texts, rows, teaching.batch, seed), groups, steps, teaching.average)
    return reader


def teach(recipe: EncoderRecipe, told: Verdicts, base: Path, say: Say) -> Any:
    """The encoder in ``base``, cut to the recipe's layers and taught; ``told`` has all verdicts."""
    studying = recipe.taught().studying
    torch.manual_seed(recipe.seed)
    train, _ = messages_of(recipe.taught().messages)
    lesson = study(train, told)
    rows = [*range(len(train))] * studying.repeats + [*range(len(train), len(lesson.texts))]
    say(f"the student reads {len(lesson.texts):,} texts")
    reader = Reader(cut(base, recipe.layers), AutoTokenizer.from_pretrained(base), student=True)

    def loss(batch: Rows) -> Tensor:
        values = reader([lesson.texts[row] for row in batch])
        return from_verdicts(values, lesson, batch, studying)

    groups = _by_layer(reader, studying.rate, studying.head_rate, 1.0)
    learn(reader, loss, batches(lesson.texts, rows, studying.batch, recipe.seed), groups, studying.steps, _AVERAGE)
    return reader.encoder.cpu()


def study(train: Sequence[Example], told: Verdicts) -> Lesson[str]:
    """Labelled messages and texts without labels, with what the teachers said of both."""
    unlabelled = torch.full((len(told.parts),), UNLABELLED)
    labels = {head: torch.cat([own, unlabelled]) for head, own in labels_of(train).items()}
    ids = [one.id for one in train]
    said = {
        head: torch.tensor(np.vstack([told.of(ids, head), told.of_parts(len(told.parts), head)])).float()
        for head in Head
    }
    return Lesson([*(plain(one.text) for one in train), *told.parts], labels, said)


def messages_of(path: Path) -> tuple[list[Example], list[Example]]:
    """The training part of a recipe's messages, and the rest, which nothing is fitted on here."""
    recipe = read_recipe(path)
    public.refuse_to_fit_on(recipe.corpora)
    examples = in_languages(read_corpus(list(recipe.corpora)).examples, recipe.languages)
    parts = splits.split(examples, recipe.split)
    return parts[splits.TRAIN], [one for name, own in parts.items() if name != splits.TRAIN for one in own]


def labels_of(examples: Sequence[Example]) -> dict[Head, Tensor]:
    return {
        head: torch.tensor(
            [labels.index(one.labels[head]) if one.labels.get(head) in labels else UNLABELLED for one in examples]
        )
        for head, labels in TAUGHT.items()
    }


@torch.no_grad()
def judged(reader: Reader, texts: Sequence[str]) -> tuple[Values, Tensor]:
    """Decision values of many texts, ``(texts, labels)``, and the vectors that they follow from, in half precision."""
    reader.eval()
    found = {head: torch.zeros(len(texts), len(labels)) for head, labels in TAUGHT.items()}
    vectors = torch.zeros(len(texts), reader.encoder.config.hidden_size, dtype=torch.half)
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for start in range(0, len(order), _READ_AT_ONCE):
        numbers = order[start : start + _READ_AT_ONCE]
        given = reader.vectors([texts[number] for number in numbers])
        vectors[numbers] = given.cpu().half()
        for head, values in reader.values(given).items():
            found[head][numbers] = values.cpu()
    return found, vectors


def _by_layer(reader: Reader, rate: float, head_rate: float, decay: float) -> list[dict[str, Any]]:
    """Parameters with their rates: each layer learns ``decay`` times as fast as the one above it."""
    layers = list(reader.encoder.encoder.layer)
    rates = {
        id(one): rate * decay ** (len(layers) - 1 - number)
        for number, own in enumerate(layers)
        for one in own.parameters()
    }
    rates |= {id(one): head_rate for one in reader.heads.parameters()}
    lowest = rate * decay ** len(layers)
    return [
        {"params": [one], "lr": rates.get(id(one), lowest), "weight_decay": 0.01 if one.dim() > 1 else 0.0}
        for one in reader.parameters()
        if one.requires_grad
    ]
