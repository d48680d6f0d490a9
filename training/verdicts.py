"""What the teacher said: a large model's values for the project's messages, and for parts of them without labels.

Fitting takes them as soft labels beside the hard ones (Hinton et al. 2015): that a message is mostly a complaint
and a little praise says more than that it is a complaint. The file is made by ``python -m training verdicts``; neither
fitting heads nor serving needs the teacher itself.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from triage import artifact
from triage.domain.scores import LABELS, Head, PrivacyRisk
from triage.errors import ConfigurationError

Floats = NDArray[np.float64]

#: Values are written down to this part of one.
_STEPS: Final = 16

#: Labels that the teacher judges by, per head: medium and high privacy risk are set by exposed items alone.
TAUGHT: Final[Mapping[Head, tuple[str, ...]]] = {
    **LABELS,
    Head.PRIVACY: (PrivacyRisk.LOW.value, PrivacyRisk.NONE.value),
}


@dataclass(frozen=True)
class Verdicts:
    """Values of the teacher: ``values[head]`` has a row per message, then a row per part, and a column per label.

    ``messages`` are ids of the corpus, ``parts`` texts.
    """

    messages: tuple[str, ...]
    parts: tuple[str, ...]
    values: Mapping[Head, Floats]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {one: row for row, one in enumerate(self.messages)}

    def of(self, ids: Sequence[str], head: Head) -> Floats:
        """Values for messages, ``(ids, labels)``; a row of NaN for what the teacher never read."""
        rows = np.array([self._rows.get(one, -1) for one in ids], np.int64)
        found = self.values[head][rows]
        found[rows < 0] = np.nan
        return found

    def of_parts(self, count: int, head: Head) -> Floats:
        """Values for the first ``count`` parts."""
        first = len(self.messages)
        return self.values[head][first : first + count]

    def first(self, parts: int) -> Verdicts:
        """The same for all messages and the first ``parts`` parts."""
        rows = len(self.messages) + min(parts, len(self.parts))
        values = {head: own[:rows] for head, own in self.values.items()}
        return Verdicts(self.messages, self.parts[:parts], values)


def chances(values: Floats, labels: NDArray[np.int64], hard: float, softness: float) -> Floats:
    """Soft labels ``(rows, labels)``: ``hard`` of the label's own, the rest the teacher's at this softness.

    Where the teacher said nothing the label stands alone, where there is no label (-1) the teacher's verdict does.
    """
    known = np.eye(values.shape[1])[np.maximum(labels, 0)]
    said = softmax(values / softness, axis=1)
    mixed: Floats = hard * known + (1 - hard) * said
    unread, unlabelled = np.isnan(values[:, 0]), labels < 0
    mixed[unread] = known[unread]
    mixed[unlabelled] = said[unlabelled]
    return mixed


def read_verdicts(path: Path) -> Verdicts:
    """Read the file.

    Raises:
        ConfigurationError: it is not there or not such a file.
    """
    try:
        with np.load(path, allow_pickle=False) as told:
            messages, parts = tuple(told["messages"].tolist()), tuple(told["parts"].tolist())
            values = {head: told[head.value].astype(np.float64) for head in Head}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ConfigurationError(f"{path} holds no verdicts: {error}") from error
    shapes = {head: (len(messages) + len(parts), len(TAUGHT[head])) for head in Head}
    if any(values[head].shape != shape or not np.isfinite(values[head]).all() for head, shape in shapes.items()):
        raise ConfigurationError(f"{path} has verdicts of a wrong shape, or that are no numbers")
    return Verdicts(messages, parts, values)


def write_verdicts(path: Path, told: Verdicts) -> None:
    """Write the file, values to a sixteenth; its bytes depend on nothing but the verdicts."""
    arrays: dict[str, NDArray[np.generic]] = {
        "messages": np.array(told.messages),
        "parts": np.array(told.parts),
        **{head.value: (np.rint(told.values[head] * _STEPS) / _STEPS).astype(np.float16) for head in Head},
    }
    path.write_bytes(artifact.pack(arrays))
