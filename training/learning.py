"""How a network learns: what it is asked, in which order, and how its weights follow.

Needs the extra ``encoder`` of the package; runs on a GPU where PyTorch finds one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, log_softmax

from triage.domain.scores import Head

DEVICE: Final = torch.device("cuda" if torch.cuda.is_available() else "cpu")
#: In place of a label that a text does not have.
UNLABELLED: Final = -100
#: Texts of like length are put into one batch, out of this many batches' worth.
_POOL: Final = 20
#: The share of all steps in which the rate rises, and the share of it that is left at the end.
_WARM_UP: Final = 0.05
_LAST: Final = 0.01
#: From this share of the steps on, the weights are averaged.
_SETTLED: Final = 0.4

Text = TypeVar("Text", bound=Sized)
Values = dict[Head, Tensor]
Rows = list[int]


class Balance(Protocol):
    """Labels count ``hard`` beside verdicts, which are taken at ``softness``."""

    @property
    def hard(self) -> float: ...

    @property
    def softness(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Lesson(Generic[Text]):
    """Texts (or their pieces), the places of their labels per head (or -100), and what teachers said, where asked."""

    texts: Sequence[Text]
    labels: Mapping[Head, Tensor]
    verdicts: Mapping[Head, Tensor] = field(default_factory=dict)


def learn(
    reader: nn.Module,
    loss: Callable[[Rows], Tensor],
    batches: Iterator[Rows],
    groups: list[dict[str, Any]],
    steps: int,
    average: float,
) -> None:
    """AdamW with a linear warm-up and decay; the reader is left with the mean of its later weights."""
    optimiser = torch.optim.AdamW(groups)
    warm = max(1, round(_WARM_UP * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warm) * max(_LAST, 1 - step / steps)
    )
    mean = torch.optim.swa_utils.AveragedModel(reader, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(average))
    reader.train()
    for step in range(steps):
        found = loss(next(batches))
        optimiser.zero_grad()
        found.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step >= _SETTLED * steps:
            mean.update_parameters(reader)
    if int(mean.n_averaged):
        reader.load_state_dict(mean.module.state_dict())


def batches(texts: Sequence[Sized], rows: Sequence[int], size: int, seed: int) -> Iterator[Rows]:
    """Numbers of texts, again and again in another order, those of like length together."""
    dice = random.Random(seed)  # noqa: S311  # a shuffle is no secret
    while True:
        shuffled = list(rows)
        dice.shuffle(shuffled)
        for start in range(0, len(shuffled), _POOL * size):
            pool = sorted(shuffled[start : start + _POOL * size], key=lambda row: len(texts[row]))
            own = [pool[place : place + size] for place in range(0, len(pool), size)]
            dice.shuffle(own)
            yield from own


def from_labels(values: Values, lesson: Lesson[Any], batch: Rows, smoothing: float) -> Tensor:
    """Cross-entropy against the labels, added over the heads; a head without a label in the batch adds nothing."""
    total = torch.zeros((), device=DEVICE)
    for head, own in values.items():
        labels = lesson.labels[head][batch].to(DEVICE)
        if bool((labels >= 0).any()):
            total = total + cross_entropy(own, labels, ignore_index=UNLABELLED, label_smoothing=smoothing)
    return total


def from_verdicts(values: Values, lesson: Lesson[Any], batch: Rows, balance: Balance) -> Tensor:
    """Cross-entropy against the teachers' softened verdicts and, ``hard`` times, against the labels; over the heads."""
    total, softness = torch.zeros((), device=DEVICE), balance.softness
    for head, own in values.items():
        said = lesson.verdicts[head][batch].to(DEVICE)
        read = torch.isfinite(said).all(dim=1)  # a message that is newer than the verdicts has labels alone
        wanted = torch.softmax(said[read] / softness, dim=1)
        soft = -(wanted * log_softmax(own[read] / softness, dim=1)).sum() / len(batch)
        labels = lesson.labels[head][batch].to(DEVICE)
        hard = cross_entropy(own, labels, ignore_index=UNLABELLED, reduction="sum") / len(batch)
        total = total + softness**2 / 2 * soft + balance.hard * hard
    return total
