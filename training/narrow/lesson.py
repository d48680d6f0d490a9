"""What a narrow encoder learns: the wide one's vectors of many texts, and the verdicts that follow from them.

Where the seven large teachers have judged a text, and that is written down in the repository, theirs count; elsewhere
those of one more large teacher and of heads over the wide encoder's vectors together. Needs the extra ``encoder`` of
the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize, pad

from training import transfer
from training.distil import messages_of, study
from training.learning import UNLABELLED, Lesson, Rows, Values, batches, from_verdicts, learn
from training.narrow.network import Network, in_half, narrowed, vectors
from training.second import SCALE
from training.verdicts import TAUGHT, read_verdicts
from triage.domain.scores import Head
from triage.scoring.encoder import Encoder
from triage.scoring.vectors import PieceVectors

if TYPE_CHECKING:
    from training.encoders import Say
    from training.narrow.judge import Opinion
    from training.narrow.recipe import Narrowing, NarrowRecipe

#: Steps in which heads over the wide encoder's vectors are fitted, with their rates; and texts a step.
_FITTING: Final = ((400, 3e-3), (200, 5e-4))
_FITTED_AT_ONCE: Final = 2048
_DECAY: Final = 1e-4
_DROPPED: Final = 0.05
#: Every this many of the texts without labels is read to see what varies, up to a thousand.
_EACH: Final = 20
_MOST: Final = 1000
_JUDGED_AT_ONCE: Final = 20_000
_WEIGHT_DECAY: Final = 0.01


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts, ``plain`` and as word pieces, labelled messages first; ``vectors`` ``(texts, width)`` are the wide ones.

    ``studied`` are the first of them, which the seven teachers judged; of those the first ``labelled`` have labels.
    """

    plain: list[str]
    studied: Lesson[str]
    lesson: Lesson[list[int]]
    vectors: Tensor
    labelled: int

    @property
    def known(self) -> int:
        """How many the seven teachers judged."""
        return len(self.studied.texts)


class Heads(nn.Module):
    """One linear head per judgement, over vectors of length 1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.each = nn.ModuleDict({head.value: nn.Linear(width, len(labels)) for head, labels in TAUGHT.items()})

    def forward(self, given: Tensor) -> Values:
        """Decision values per head, ``(texts, labels)``."""
        given = SCALE * dropout(given, _DROPPED, self.training)
        return {head: self.each[head.value](given) for head in Head}


def teach(recipe: NarrowRecipe, wide: Network, texts: Texts, opinion: Opinion, say: Say) -> Network:
    """``wide`` made narrower and taught by ``texts``, which gain the verdicts that they lack."""
    torch.manual_seed(recipe.seed)
    choice = recipe.narrowing
    heads = _fitted(texts, choice)
    _judge(texts, heads, opinion.values, recipe.judging.share)
    others = texts.lesson.texts[texts.known :]
    network = narrowed(wide, choice.heads, choice.inner, choice.adjusted, others[::_EACH][:_MOST])
    say(f"the narrow encoder reads {len(texts.vectors):,} texts")
    _teach(network, heads, texts, opinion.vectors, recipe)
    return network


def read_texts(recipe: NarrowRecipe, wide: Network, reader: Encoder, corpora: Path, say: Say) -> Texts:
    """The messages of the wide encoder's recipe, and as many of its other texts as the recipe says.

    ``reader`` is the same encoder as serving has it, for its word pieces. A text without any is left out.
    """
    lessons = recipe.wide.taught()
    train, _ = messages_of(lessons.messages)
    own = [transfer.plain(one.text) for one in train]
    others = transfer.texts(own, PieceVectors.load(recipe.wide.vectors), lessons.transfer, corpora)
    others = [one for one in others if reader.pieces(one.split())]
    chosen = torch.randperm(len(others), generator=torch.Generator().manual_seed(recipe.seed))[: recipe.judging.texts]
    studied = study(train, read_verdicts(lessons.verdicts))
    plain = [*studied.texts, *(others[number] for number in chosen.tolist())]
    pieces = [reader.pieces(text.split()) or [0] for text in plain]
    say(f"the wide encoder reads {len(pieces):,} texts")
    more = len(plain) - len(studied.texts)
    labels = {head: pad(one, (0, more), value=UNLABELLED) for head, one in studied.labels.items()}
    verdicts = {head: pad(one, (0, 0, 0, more), value=torch.nan) for head, one in studied.verdicts.items()}
    return Texts(plain, studied, Lesson(pieces, labels, verdicts), vectors(wide, pieces), len(own))


def _fitted(texts: Texts, choice: Narrowing) -> Heads:
    """Heads over the wide encoder's vectors, fitted on the texts that the seven teachers judged."""
    heads = Heads(texts.vectors.shape[1])
    optimiser = torch.optim.AdamW(heads.parameters(), weight_decay=_DECAY)
    for steps, rate in _FITTING:
        optimiser.param_groups[0]["lr"] = rate
        for _ in range(steps):
            rows = torch.randint(0, texts.known, (min(_FITTED_AT_ONCE, texts.known),)).tolist()
            loss = from_verdicts(heads(texts.vectors[rows]), texts.lesson, rows, choice)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return heads


@torch.no_grad()
def _judge(texts: Texts, heads: Heads, said: Values, share: float) -> None:
    """Verdicts where there are none: ``share`` of what the teacher ``said``, the rest of ``heads``."""
    heads.eval()
    for start in range(0, len(texts.vectors), _JUDGED_AT_ONCE):
        part = slice(start, start + _JUDGED_AT_ONCE)
        for head, values in heads(texts.vectors[part]).items():
            known = texts.lesson.verdicts[head][part]
            mixed = share * _centred(said[head][part]) + (1 - share) * _centred(values)
            known.copy_(torch.where(known.isfinite().all(dim=1, keepdim=True), known, mixed))
    heads.train()


def _centred(values: Tensor) -> Tensor:
    return values - values.mean(dim=1, keepdim=True)


def _teach(network: Network, heads: Heads, texts: Texts, larger: Tensor, recipe: NarrowRecipe) -> None:
    choice, judging = recipe.narrowing, recipe.judging
    rows = [*range(texts.labelled)] * choice.repeats + [*range(texts.labelled, len(texts.vectors))]
    towards = nn.Linear(texts.vectors.shape[1], larger.shape[1])

    def loss(batch: Rows) -> Tensor:
        with in_half():
            given = network([texts.lesson.texts[row] for row in batch], choice.hidden)
        unlike = _unlike(given, texts.vectors[batch]).mean()
        # The teacher knows the labelled messages by heart: what it makes of those is no model.
        fresh = torch.tensor(batch) >= texts.labelled
        apart = _unlike(normalize(towards(given), dim=1), larger[batch])[fresh].sum() / fresh.sum().clamp(min=1)
        told = from_verdicts(heads(given), texts.lesson, batch, choice)
        return told + choice.likeness * unlike + judging.likeness * apart

    all_three = nn.ModuleList([network, heads, towards])
    order = batches(texts.lesson.texts, rows, choice.batch, recipe.seed)
    groups = _rates(network, nn.ModuleList([heads, towards]), choice)
    learn(all_three, loss, order, groups, choice.steps, choice.average)


def _unlike(some: Tensor, others: Tensor) -> Tensor:
    """Cosine distances of vectors of length 1, row by row."""
    return 1.0 - (some * others.float()).sum(dim=1)


def _rates(network: Network, heads: nn.Module, choice: Narrowing) -> list[dict[str, object]]:
    rates = {id(one): choice.head_rate for one in heads.parameters()}
    rates |= {id(one): choice.own_rate for one in (network.attend.weight, network.shift.weight)}
    return [
        {
            "params": [one],
            "lr": rates.get(id(one), choice.rate),
            "weight_decay": _WEIGHT_DECAY if one.dim() > 1 and id(one) not in rates else 0.0,
        }
        for one in (*network.parameters(), *heads.parameters())
    ]
