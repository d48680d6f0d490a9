"""Teaching the small encoder: a larger one is fine-tuned on labelled messages, and the small one learns from both.

Four heads share one encoder, as in serving. Needs the extra ``encoder`` of the package.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, log_softmax
from transformers import AutoModel, AutoTokenizer

from training import shipping, splits
from training.corpus import Example, read_corpus
from training.recipe import read_recipe
from triage.domain.scores import LABELS, Head
from triage.scoring.encoder import spoken
from triage.scoring.words import WITHOUT_PIECES, split
from triage.text.normalise import normalise

if TYPE_CHECKING:
    from training.encoders import EncoderRecipe, Say

_LONGEST: Final = 96
_BATCH: Final = 32
#: Texts of like length are put into one batch, out of this many batches' worth.
_POOL: Final = 20 * _BATCH
_WARM_UP: Final = 60
_HEAD_RATE: Final = 2e-3
_SMOOTHING: Final = 0.05
_UNLABELLED: Final = -100
#: Where a message may be cut into parts that could stand alone.
_JOINTS: Final = re.compile(r"(?<=[.!?…])\s+|\s+(?=but |and |so |because |now )")
_FEWEST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text, the place of its label per head (or -100), and what the teacher said of it, if it was asked."""

    text: str
    labels: Mapping[Head, int]
    verdicts: Mapping[Head, Tensor] | None = None


class Reader(nn.Module):
    """An encoder whose mean state of a text's own pieces feeds one linear head per judgement."""

    def __init__(self, encoder: Any, tokenizer: Any) -> None:
        super().__init__()
        self.encoder, self.tokenizer = encoder, tokenizer
        self.drop = nn.Dropout(0.1)
        width = encoder.config.hidden_size
        self.heads = nn.ModuleDict({head.value: nn.Linear(width, len(LABELS[head])) for head in Head})

    def forward(self, texts: Sequence[str]) -> dict[Head, Tensor]:
        """Decision values per head, ``(texts, labels)``."""
        told = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=_LONGEST,
            return_tensors="pt",
            return_special_tokens_mask=True,
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.encoder(input_ids=told["input_ids"], attention_mask=told["attention_mask"]).last_hidden_state
        own = (told["attention_mask"] * (1 - told["special_tokens_mask"]))[..., None].float()
        mean = (states.float() * own).sum(1) / own.sum(1).clamp(min=1)
        mean = self.drop(mean)
        return {head: self.heads[head.value](mean) for head in Head}


def cut(folder: Path, layers: int) -> Any:
    """The encoder in ``folder`` without its upper layers."""
    model = AutoModel.from_pretrained(folder)
    model.encoder.layer = model.encoder.layer[:layers]
    return model


def teach(recipe: EncoderRecipe, base: Path, teacher_folder: Path, say: Say) -> tuple[Any, dict[str, Any]]:
    """The taught encoder, and what the manifest tells of its lessons."""
    if recipe.teaching is None or recipe.messages is None:
        raise ValueError("the recipe teaches nothing")
    teaching = recipe.teaching
    torch.manual_seed(recipe.seed)
    dice = random.Random(recipe.seed)  # noqa: S311  # a shuffle is no secret
    lessons = list(_lessons(recipe.messages))
    say(f"{len(lessons):,} messages to learn from")
    teacher = Reader(AutoModel.from_pretrained(teacher_folder), AutoTokenizer.from_pretrained(teacher_folder))
    _train(teacher, lessons, teaching.teacher_epochs, teaching.teacher_rate, (1.0, 1.0), dice, say)
    crops = _crops(lessons, teaching.crops, dice)
    say(f"the teacher reads {len(lessons) + len(crops):,} texts")
    lessons = _asked(teacher, [*lessons, *crops])
    del teacher
    student = Reader(cut(base, recipe.layers), AutoTokenizer.from_pretrained(base))
    _train(student, lessons, teaching.epochs, teaching.rate, (teaching.hard, teaching.softness), dice, say)
    told = {"recipe": recipe.messages.name, "messages": len(lessons) - len(crops), "crops": len(crops)}
    return student.encoder, told


def _lessons(messages: Path) -> Iterator[Lesson]:
    """The training part of the recipe; its calibration and test parts are never read here."""
    recipe = read_recipe(messages)
    examples = [
        one for one in read_corpus(list(recipe.corpora)).examples if (one.utterance.lang or "en") in recipe.languages
    ]
    for one in splits.split(examples, recipe.split)[splits.TRAIN]:
        yield Lesson(plain(one), {head: int(shipping.numbers([one], head)[0]) for head in Head})


def plain(one: Example) -> str:
    """The text as the encoder will be given it: normalised, without placeholders, signs spoken."""
    return " ".join(spoken(word) for word in split(normalise(one.text)) if word not in WITHOUT_PIECES)


def _crops(lessons: Sequence[Lesson], count: int, dice: random.Random) -> list[Lesson]:
    """Parts of messages that have several: texts without labels, for the teacher to judge."""
    seen = {lesson.text for lesson in lessons}
    found = []
    for lesson in lessons:
        parts = [part for part in _JOINTS.split(lesson.text) if part.strip()]
        if len(parts) < 2:
            continue
        size = dice.randint(1, len(parts) - 1)
        start = dice.randint(0, len(parts) - size)
        text = " ".join(parts[start : start + size])
        if len(text.split()) >= _FEWEST_WORDS and text not in seen:
            seen.add(text)
            found.append(Lesson(text, dict.fromkeys(Head, _UNLABELLED)))
    dice.shuffle(found)
    return found[:count]


@torch.no_grad()
def _asked(teacher: Reader, lessons: Sequence[Lesson]) -> list[Lesson]:
    teacher.eval()
    told: dict[int, Lesson] = {}
    order = sorted(range(len(lessons)), key=lambda number: len(lessons[number].text))
    for start in range(0, len(order), _BATCH):
        numbers = order[start : start + _BATCH]
        values = teacher([lessons[number].text for number in numbers])
        for row, number in enumerate(numbers):
            one = lessons[number]
            told[number] = Lesson(one.text, one.labels, {head: values[head][row] for head in Head})
    return [told[number] for number in range(len(lessons))]


def _train(
    reader: Reader,
    lessons: Sequence[Lesson],
    epochs: int,
    rate: float,
    share: tuple[float, float],
    dice: random.Random,
    say: Say,
) -> None:
    """AdamW with a linear warm-up and decay; ``share`` is the labels' share of the loss, and the softness."""
    steps = epochs * -(-len(lessons) // _BATCH)
    optimiser = torch.optim.AdamW(
        [
            {"params": reader.encoder.parameters(), "lr": rate},
            {"params": reader.heads.parameters(), "lr": _HEAD_RATE},
        ],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, step / _WARM_UP) * max(0.02, 1 - step / steps)
    )
    for epoch in range(epochs):
        reader.train()
        total = 0.0
        batches = _batches(lessons, dice)
        for batch in batches:
            loss = _loss(reader([one.text for one in batch]), batch, *share)
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


def _loss(values: Mapping[Head, Tensor], batch: Sequence[Lesson], hard: float, softness: float) -> Tensor:
    """Cross-entropy against labels and against the teacher's softened verdicts, added over the heads."""
    total = torch.zeros(())
    for head, own in values.items():
        labels = torch.tensor([one.labels[head] if one.labels[head] >= 0 else _UNLABELLED for one in batch])
        taught = all(one.verdicts is not None for one in batch)
        if bool((labels >= 0).any()):
            total = total + hard * cross_entropy(own, labels, label_smoothing=0.0 if taught else _SMOOTHING)
        if taught:
            verdicts = torch.stack([one.verdicts[head] for one in batch if one.verdicts is not None])
            wanted = torch.softmax(verdicts / softness, dim=1)
            soft = -(wanted * log_softmax(own / softness, dim=1)).sum(dim=1).mean()
            total = total + (1 - hard) * softness**2 / 2 * soft
    return total
