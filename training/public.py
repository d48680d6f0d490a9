"""Public corpora: read for measuring. Which of them nothing shipped may ever be fitted on is code.

Their licences do not allow it, or nobody knows; X's developer terms forbid it for posts. None of
them is part of the repository: they are looked for in the folder ``TRIAGE_CORPORA``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from training.corpus import Example, numbered_rows, read_corpus
from triage.domain.scores import LABELS, Head, Utterance
from triage.errors import ConfigurationError, InvalidInput

CARE: Final = "care_dev"
AIRLINE: Final = "airline"
_CARE_FILE: Final = Path(CARE, "labelled.jsonl")
_AIRLINE_FILE: Final = Path(AIRLINE, "dev.jsonl")

#: Folders whose rows are for measuring only.
MEASURE_ONLY: Final = frozenset(
    {
        "care_dev", "airline", "twcs", "complaints", "tweeteval_sentiment", "tweeteval_offensive",
        "tweeteval_irony", "tweeteval_emotion", "ibm_tcc", "hint3", "wnut17", "btc", "covid_faq",
    }
)  # fmt: skip


def refuse_to_fit_on(paths: Sequence[Path]) -> None:
    """Let nothing through that is for measuring only, by its folder or by what its rows say.

    Raises:
        ConfigurationError: names the first such file.
    """
    for path in paths:
        named = MEASURE_ONLY.intersection(path.resolve().parts)
        if named:
            raise ConfigurationError(
                f"{path}: corpus {min(named)!r} is for measuring only; nothing may be fitted on it"
            )
        for number, row in numbered_rows(path):
            if row.get("origin") != "own" or row.get("licence") != "Apache-2.0":
                raise ConfigurationError(f"{path}, line {number}: does not say that it is the project's own")


def care(corpora: Path) -> list[Example]:
    """Real care messages labelled to the project's guide; a head without agreement has no label."""
    return list(read_corpus([corpora / _CARE_FILE]).examples)


def airline(corpora: Path) -> list[Example]:
    """Twitter US Airline Sentiment: sentiment only."""
    path = corpora / _AIRLINE_FILE
    found = []
    for number, row in numbered_rows(path):
        text, label = row.get("text"), row.get("sentiment")
        if not isinstance(text, str) or label not in LABELS[Head.SENTIMENT]:
            raise InvalidInput("has no text or sentiment", field=path.name, line=number)
        found.append(Example(str(row.get("id")), Utterance(text), {Head.SENTIMENT: str(label)}, (), AIRLINE))
    return found


#: Title of each set for measuring, as cards and gate give it: its file, and how that is read.
REAL: Final = "real care messages"
TWEETS: Final = "airline tweets"
MEASURING: Final[Mapping[str, tuple[Path, Callable[[Path], list[Example]]]]] = {
    REAL: (_CARE_FILE, care),
    TWEETS: (_AIRLINE_FILE, airline),
}


def measuring_sets(corpora: Path) -> dict[str, list[Example]]:
    """The sets for measuring that ``corpora`` has, by title.

    Raises:
        InvalidInput: a file is there and broken.
    """
    return {title: read(corpora) for title, (file, read) in MEASURING.items() if (corpora / file).is_file()}
