"""What a narrow encoder learns: the wide one's vectors of many texts, and the verdicts that follow from them.

Where larger teachers have judged a text, and that is written down in the repository, theirs count; elsewhere those of
heads over the wide encoder's vectors. Needs the extra ``encoder`` of the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from training import transfer
from training.distil import labels_of, messages_of
from training.learning import UNLABELLED, Lesson, Rows, Values, batches, from_verdicts, learn
from training.narrow.network import Network, in_half, narrowed, vectors
from training.second import SCALE
from training.verdicts import TAUGHT, read_verdicts
from triage.domain.scores import Head
from triage.scoring.encoder import Encoder
from triage.scoring.vectors import PieceVectors

if TYPE_CHECKING:
    from training.encoders import EncoderRecipe, Say
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
    """Texts as word pieces, labelled messages first, with what is wanted of each. ``vectors`` is ``(texts, width)``.

    The first ``labelled`` have labels; after them come, up to ``judged``, texts that larger teachers judged.
    """

    lesson: Lesson[list[int]]
    vectors: Tensor
    labelled: int
    judged: int


class Heads(nn.Module):
    """One linear head per judgement, over vectors of length 1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.each = nn.ModuleDict({head.value: nn.Linear(width, len(labels)) for head, labels in TAUGHT.items()})

    def forward(self, given: Tensor) -> Values:
        """Decision values per head, ``(texts, labels)``."""
        given = SCALE * dropout(given, _DROPPED, self.training)
        return {head: self.each[head.value](given) for head in Head}


def teach(recipe: NarrowRecipe, wide: Network, texts: Texts, say: Say) -> Network:
    """``wide`` made narrower and taught by ``texts``, which gain the verdicts that they lack."""
    torch.manual_seed(recipe.seed)
    choice = recipe.narrowing
    heads = _fitted(texts, choice)
    _judge(texts, heads)
    others = texts.lesson.texts[texts.judged :]
    network = narrowed(wide, choice.heads, choice.inner, choice.adjusted, others[::_EACH][:_MOST])
    say(f"the narrow encoder reads {len(texts.vectors):,} texts")
    _teach(network, heads, texts, choice, recipe.seed)
    return network


def read_texts(recipe: EncoderRecipe, wide: Network, reader: Encoder, corpora: Path, say: Say) -> Texts:
    """All texts of the wide encoder's recipe that have word pieces, and their vectors by ``wide``.

    ``reader`` is the same encoder as serving has it, for its word pieces.
    """
    lessons = recipe.taught()
    train, _ = messages_of(lessons.messages)
    told = read_verdicts(lessons.verdicts)
    own = [transfer.plain(one.text) for one in train]
    others = transfer.texts(own, PieceVectors.load(recipe.vectors), lessons.transfer, corpora)
    known = [reader.pieces(text.split()) or [0] for text in (*own, *told.parts)]
    pieces = known + [one for one in (reader.pieces(text.split()) for text in others) if one]
    say(f"the wide encoder reads {len(pieces):,} texts")
    ids, more = [one.id for one in train], len(pieces) - len(own)
    labels = {head: torch.cat([one, torch.full((more,), UNLABELLED)]) for head, one in labels_of(train).items()}
    verdicts = {}
    for head, judged in TAUGHT.items():
        verdicts[head] = torch.full((len(pieces), len(judged)), torch.nan)
        verdicts[head][: len(own)] = torch.from_numpy(told.of(ids, head))
        verdicts[head][len(own) : len(known)] = torch.from_numpy(told.of_parts(len(told.parts), head))
    return Texts(Lesson(pieces, labels, verdicts), vectors(wide, pieces), len(own), len(known))


def _fitted(texts: Texts, choice: Narrowing) -> Heads:
    """Heads over the wide encoder's vectors, fitted on the texts that larger teachers judged."""
    heads = Heads(texts.vectors.shape[1])
    optimiser = torch.optim.AdamW(heads.parameters(), weight_decay=_DECAY)
    for steps, rate in _FITTING:
        optimiser.param_groups[0]["lr"] = rate
        for _ in range(steps):
            rows = torch.randint(0, texts.judged, (min(_FITTED_AT_ONCE, texts.judged),)).tolist()
            loss = from_verdicts(heads(texts.vectors[rows]), texts.lesson, rows, choice)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return heads


@torch.no_grad()
def _judge(texts: Texts, heads: Heads) -> None:
    """Verdicts of ``heads`` where there are none."""
    heads.eval()
    for start in range(0, len(texts.vectors), _JUDGED_AT_ONCE):
        part = slice(start, start + _JUDGED_AT_ONCE)
        for head, values in heads(texts.vectors[part]).items():
            known = texts.lesson.verdicts[head][part]
            known.copy_(torch.where(known.isfinite().all(dim=1, keepdim=True), known, values))
    heads.train()


def _teach(network: Network, heads: Heads, texts: Texts, choice: Narrowing, seed: int) -> None:
    rows = [*range(texts.labelled)] * choice.repeats + [*range(texts.labelled, len(texts.vectors))]

    def loss(batch: Rows) -> Tensor:
        with in_half():
            given = network([texts.lesson.texts[row] for row in batch])
        unlike = 1.0 - (given * texts.vectors[batch]).sum(dim=1).mean()
        return from_verdicts(heads(given), texts.lesson, batch, choice) + choice.likeness * unlike

    both = nn.ModuleList([network, heads])
    order = batches(texts.lesson.texts, rows, choice.batch, seed)
    learn(both, loss, order, _rates(network, heads, choice), choice.steps, choice.average)


def _rates(network: Network, heads: Heads, choice: Narrowing) -> list[dict[str, object]]:
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
