"""Teaching the small encoder: a larger one is fine-tuned on labelled messages, and the small one learns from both.

Four heads share one encoder, as in serving. Needs the extra ``encoder`` of the package.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, log_softmax
from transformers import AutoModel, AutoTokenizer

from training import public, splits
from training.corpus import Example, in_languages, read_corpus
from training.encoders import LONGEST
from training.recipe import read_recipe
from training.verdicts import TAUGHT, Verdicts
from triage.domain.scores import Head
from triage.scoring.encoder import spoken
from triage.scoring.words import WITHOUT_PIECES, split
from triage.text.normalise import normalise

if TYPE_CHECKING:
    from training.encoders import Lessons, Say

_BATCH: Final = 32
#: Texts of like length are put into one batch, out of this many batches' worth.
_POOL: Final = 20 * _BATCH
#: The temperature at which the student's values are compared with the teacher's (Hinton et al. 2015).
_SOFTNESS: Final = 2.0
_SMOOTHING: Final = 0.05
#: The learning rate of the student's heads, and its steps of warm-up; the recipe tells the teacher's.
_STUDENT_HEAD_RATE: Final = 2e-3
_STUDENT_WARM_UP: Final = 100
_UNLABELLED: Final = -100
#: Where a message may be cut into parts that could stand alone.
_JOINTS: Final = re.compile(r"(?<=[.!?…,;])\s+|\s+(?=but |and |so |because |now )")
_FEWEST_WORDS: Final = 3
_JOINED: Final = 0.25
#: How many draws are made for each part that is wanted, at most.
_PATIENCE: Final = 20


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text, the place of its label per head (or -100), and what the teacher said of it, if it was asked."""

    text: str
    labels: Mapping[Head, int]
    verdicts: Mapping[Head, Tensor] | None = None


class Reader(nn.Module):
    """An encoder whose mean state of a text's pieces feeds one linear head per judgement.

    ``ends`` says whether the states of the two ends of a text count as well; serving has none for them.
    """

    def __init__(self, encoder: Any, tokenizer: Any, *, ends: bool) -> None:
        super().__init__()
        self.encoder, self.tokenizer, self.ends = encoder, tokenizer, ends
        self.drop = nn.Dropout(0.1)
        width = encoder.config.hidden_size
        self.heads = nn.ModuleDict({head.value: nn.Linear(width, len(labels)) for head, labels in TAUGHT.items()})

    def forward(self, texts: Sequence[str]) -> dict[Head, Tensor]:
        """Decision values per head, ``(texts, labels)``."""
        told = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=LONGEST,
            return_tensors="pt",
            return_special_tokens_mask=True,
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.encoder(input_ids=told["input_ids"], attention_mask=told["attention_mask"]).last_hidden_state
        counted = told["attention_mask"] if self.ends else told["attention_mask"] * (1 - told["special_tokens_mask"])
        own = counted[..., None].float()
        mean = (states.float() * own).sum(1) / own.sum(1).clamp(min=1)
        mean = self.drop(mean)
        return {head: self.heads[head.value](mean) for head in Head}


def cut(folder: Path, layers: int) -> Any:
    """The encoder in ``folder`` without its upper layers."""
    model = AutoModel.from_pretrained(folder)
    model.encoder.layer = model.encoder.layer[:layers]
    return model


def ask(lessons: Lessons, folder: Path, seed: int, say: Say) -> Verdicts:
    """Fine-tune the teacher in ``folder`` on the training part; what it says of every message, and of parts."""
    torch.manual_seed(seed)
    dice = random.Random(seed)  # noqa: S311  # a shuffle is no secret
    train, held = _messages(lessons.messages)
    teacher = Reader(AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder), ends=True)
    teaching = lessons.teaching
    own = [Lesson(plain(one), _labels(one)) for one in train]
    _train(teacher, own, teaching.epochs, Pace(teaching.rate, teaching.head_rate, teaching.warm_up, 1.0), dice, say)
    parts = crops([one.text for one in own], teaching.parts, dice)
    texts = [*(plain(one) for one in (*train, *held)), *parts]
    say(f"the teacher reads {len(texts):,} texts")
    ids = tuple(one.id for one in (*train, *held))
    return Verdicts(ids, tuple(parts), {head: values.numpy() for head, values in _values(teacher, texts).items()})


def teach(lessons: Lessons, told: Verdicts, base: Path, layers: int, seed: int, say: Say) -> Any:
    """The encoder in ``base``, cut to ``layers`` and taught in the rounds of ``lessons``."""
    torch.manual_seed(seed)
    dice = random.Random(seed)  # noqa: S311  # a shuffle is no secret
    train, _ = _messages(lessons.messages)
    said = {head: torch.tensor(told.of([one.id for one in train], head)).float() for head in Head}
    own = [Lesson(plain(one), _labels(one), {head: said[head][row] for head in Head}) for row, one in enumerate(train)]
    student = Reader(cut(base, layers), AutoTokenizer.from_pretrained(base), ends=False)
    for one in lessons.rounds:
        parts = told.parts[: one.parts]
        heard = {head: torch.tensor(told.of_parts(len(parts), head)).float() for head in Head}
        unlabelled = dict.fromkeys(Head, _UNLABELLED)
        more = [Lesson(text, unlabelled, {head: heard[head][row] for head in Head}) for row, text in enumerate(parts)]
        _train(
            student,
            [*own, *more],
            one.epochs,
            Pace(one.rate, _STUDENT_HEAD_RATE, _STUDENT_WARM_UP, one.hard),
            dice,
            say,
        )
    return student.encoder


def _messages(path: Path) -> tuple[list[Example], list[Example]]:
    """The training part of a recipe's messages, and the rest, which nothing is fitted on here."""
    recipe = read_recipe(path)
    public.refuse_to_fit_on(recipe.corpora)
    examples = in_languages(read_corpus(list(recipe.corpora)).examples, recipe.languages)
    parts = splits.split(examples, recipe.split)
    return parts[splits.TRAIN], [one for name, own in parts.items() if name != splits.TRAIN for one in own]


def _labels(one: Example) -> dict[Head, int]:
    return {
        head: labels.index(one.labels[head]) if one.labels.get(head) in labels else _UNLABELLED
        for head, labels in TAUGHT.items()
    }


def plain(one: Example) -> str:
    """The text as the encoder will be given it: normalised, without placeholders, signs spoken."""
    return " ".join(spoken(word) for word in split(normalise(one.text)) if word not in WITHOUT_PIECES)


def crops(texts: Sequence[str], count: int, dice: random.Random) -> list[str]:
    """``count`` parts of messages, or as many as there are, for the teacher to judge; one in four joins two messages.

    They sound as messages do, and cost nobody a label.
    """
    parts = [own for own in (_parts(text) for text in texts) if own]
    seen = set(texts)
    found: list[str] = []
    for _ in range(_PATIENCE * count):
        text = _run(dice.choice(parts), dice)
        if dice.random() < _JOINED:
            text = f"{text} {_run(dice.choice(parts), dice)}"
        if len(text.split()) >= _FEWEST_WORDS and text not in seen:
            seen.add(text)
            found.append(text)
        if len(found) == count:
            break
    return found


def _parts(text: str) -> list[str]:
    return [part for part in _JOINTS.split(text) if part.strip()]


def _run(parts: Sequence[str], dice: random.Random) -> str:
    """Some of the parts that follow each other, not all of them where there are several."""
    size = dice.randint(1, max(1, len(parts) - 1))
    start = dice.randint(0, len(parts) - size)
    return " ".join(parts[start : start + size])


@torch.no_grad()
def _values(reader: Reader, texts: Sequence[str]) -> dict[Head, Tensor]:
    """Decision values of many texts, ``(texts, labels)``."""
    reader.eval()
    found = {head: torch.zeros(len(texts), len(labels)) for head, labels in TAUGHT.items()}
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for start in range(0, len(order), _BATCH):
        numbers = order[start : start + _BATCH]
        for head, values in reader([texts[number] for number in numbers]).items():
            found[head][numbers] = values
    return found


@dataclass(frozen=True, slots=True)
class Pace:
    """Learning rates of the encoder and of its heads, steps of warm-up, and the labels' share of the loss."""

    rate: float
    head_rate: float
    warm_up: int
    hard: float


def _train(
    reader: Reader,
    lessons: Sequence[Lesson],
    epochs: int,
    pace: Pace,
    dice: random.Random,
    say: Say,
) -> None:
    """AdamW with a linear warm-up and decay."""
    steps = epochs * -(-len(lessons) // _BATCH)
    optimiser = torch.optim.AdamW(
        [
            {"params": reader.encoder.parameters(), "lr": pace.rate},
            {"params": reader.heads.parameters(), "lr": pace.head_rate},
        ],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, step / pace.warm_up) * max(0.02, 1 - step / steps)
    )
    for epoch in range(epochs):
        reader.train()
        total = 0.0
        batches = _batches(lessons, dice)
        for batch in batches:
            loss = _loss(reader([one.text for one in batch]), batch, pace.hard)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss)
        say(f"epoch {epoch + 1} of {epochs}: loss {total / len(batches):.3f}")


def _batches(lessons: Sequence[Lesson], dice: random.Random) -> list[list[Lesson]]:
    shuffled = list(lessons)
    dice.shuffle(shuffled)
    batches: list[list[Lesson]] = []
    for start in range(0, len(shuffled), _POOL):
        pool = sorted(shuffled[start : start + _POOL], key=lambda one: len(one.text))
        own = [pool[place : place + _BATCH] for place in range(0, len(pool), _BATCH)]
        dice.shuffle(own)
        batches += own
    return batches


def _loss(values: Mapping[Head, Tensor], batch: Sequence[Lesson], hard: float) -> Tensor:
    """Cross-entropy against labels and against the teacher's softened verdicts, added over the heads."""
    total = torch.zeros(())
    for head, own in values.items():
        labels = torch.tensor([one.labels[head] if one.labels[head] >= 0 else _UNLABELLED for one in batch])
        taught = all(one.verdicts is not None for one in batch)
        if bool((labels >= 0).any()):
            total = total + hard * cross_entropy(own, labels, label_smoothing=0.0 if taught else _SMOOTHING)
        if taught:
            verdicts = torch.stack([one.verdicts[head] for one in batch if one.verdicts is not None])
            read = torch.isfinite(verdicts).all(dim=1)  # a message that is newer than the verdicts has labels alone
            wanted = torch.softmax(verdicts[read] / _SOFTNESS, dim=1)
            soft = -(wanted * log_softmax(own[read] / _SOFTNESS, dim=1)).sum(dim=1)
            total = total + (1 - hard) * _SOFTNESS**2 / 2 * soft.sum() / len(batch)
    return total
