"""The large teacher of a narrow encoder: it learns from labels and from what the seven said, and judges other texts.

The verdicts of the seven are in the repository for the messages and few other texts only. Needs the extra ``encoder``
of the package.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor
from torch.nn.functional import normalize

from training import distil
from training.learning import Values

if TYPE_CHECKING:
    from training.encoders import Say
    from training.narrow.lesson import Texts
    from training.narrow.recipe import NarrowRecipe


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the teacher says of texts: values per head ``(texts, labels)``, and its vectors ``(texts, its width)``.

    Vectors are of length 1 after their mean was taken off, in half precision.
    """

    values: Values
    vectors: Tensor


def ask(recipe: NarrowRecipe, folder: Path, texts: Texts, say: Say) -> Opinion:
    """Fine-tune the model in ``folder`` on ``texts.studied``, and ask it about all."""
    say(f"the teacher reads {texts.known:,} texts, and then judges {len(texts.plain):,}")
    teaching = replace(recipe.wide.taught().teaching, epochs=recipe.judging.epochs)
    reader = distil.judge(texts.studied, recipe.judging, folder, teaching, recipe.seed)
    values, vectors = distil.judged(reader, texts.plain)
    apart = vectors - vectors[texts.known :].float().mean(dim=0)
    return Opinion(values, normalize(apart, dim=1).half())
