"""Public corpora: what each is, which use its licence permits, and how the sets for measuring are read.

Each is declared once, in ``public.toml``. None of them is part of the repository: they are looked for
in the folder ``TRIAGE_CORPORA``, and ``training/fetch.py`` downloads what has an official download.
What a recipe may be fitted on is decided here, by the declared use.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from training.corpus import Example, numbered_rows, read_corpus
from training.recipe import Purpose
from triage.domain.scores import LABELS, Head, Utterance
from triage.errors import ConfigurationError, InvalidInput, NotFound

CARE: Final = "care_dev"
AIRLINE: Final = "airline"
_CARE_FILE: Final = Path(CARE, "labelled.jsonl")
_AIRLINE_FILE: Final = Path(AIRLINE, "dev.jsonl")
_DECLARATIONS: Final = Path(__file__).with_suffix(".toml")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Use(StrEnum):
    """The most that may be done with a corpus."""

    SHIP = "ship"
    RESEARCH = "research"
    MEASURE = "measure"


#: Uses that a recipe's corpora must be declared for.
_FITTED_ON: Final[Mapping[Purpose, frozenset[Use]]] = {
    Purpose.SHIPPING: frozenset({Use.SHIP}),
    Purpose.RESEARCH: frozenset({Use.SHIP, Use.RESEARCH}),
}
_ONLY_FOR: Final = {Use.RESEARCH: "research", Use.MEASURE: "measuring"}


@dataclass(frozen=True, slots=True)
class OfficialFile:
    """A file as its publisher offers it; ``sha256`` is ``None`` where its checksum is not known."""

    url: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file as this project arranges it. ``rows`` is ``None`` for what has none.

    ``official`` are the files that the layout of this name makes it of; empty where there is no direct download.
    """

    name: str
    rows: int | None
    bytes: int
    sha256: str
    layout: str
    official: tuple[OfficialFile, ...]


@dataclass(frozen=True, slots=True)
class PublicCorpus:
    """One folder of ``TRIAGE_CORPORA``. ``why`` gives the reason for the permitted use."""

    name: str
    title: str
    source: str
    licence: str
    use: Use
    why: str
    arrangement: str
    files: tuple[PublicFile, ...]

    @property
    def rows(self) -> int | None:
        counts = [file.rows for file in self.files if file.rows is not None]
        return sum(counts) if counts else None


@cache
def declared() -> Mapping[str, PublicCorpus]:
    """Every declared corpus, by name."""
    return read_declarations(_DECLARATIONS)


def read_declarations(path: Path) -> dict[str, PublicCorpus]:
    """Read a file of declarations.

    Raises:
        ConfigurationError: it is no TOML, lacks something, or holds what cannot be; the message names it.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    found = {}
    for name, one in told.items():
        try:
            found[name] = _corpus(name, one)
        except KeyError as error:
            raise ConfigurationError(f"{path}, {name}: {error.args[0]!r} is missing") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{path}, {name}: {error}") from error
    return found


def _corpus(name: str, told: Mapping[str, Any]) -> PublicCorpus:
    root = str(told.get("root", ""))
    return PublicCorpus(
        name=name,
        title=str(told["title"]),
        source=str(told["source"]),
        licence=str(told["licence"]),
        use=Use(told["use"]),
        why=str(told["why"]),
        arrangement=str(told["arrangement"]),
        files=tuple(_file(one, root) for one in told["files"]),
    )


def _file(told: Mapping[str, Any], root: str) -> PublicFile:
    return PublicFile(
        name=_inside(str(told["name"])),
        rows=told.get("rows"),
        bytes=int(told["bytes"]),
        sha256=_digest(told["sha256"]),
        layout=str(told.get("layout", "")),
        official=tuple(_official(one, root) for one in told.get("official", ())),
    )


def _official(told: Mapping[str, Any], root: str) -> OfficialFile:
    url = root + str(told["path"])
    if not url.startswith("https://"):
        raise ValueError(f"{url!r} is no https address")
    return OfficialFile(url, _digest(told["sha256"]) if "sha256" in told else None)


def _inside(name: str) -> str:
    """A name that cannot lead out of the folder of the corpus."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{name!r} is no file of the corpus")
    return name


def _digest(told: object) -> str:
    if not isinstance(told, str) or not _SHA256.fullmatch(told):
        raise ValueError(f"{told!r} is no SHA-256")
    return told


def find(name: str) -> PublicCorpus:
    """The declared corpus of this name.

    Raises:
        NotFound: there is none.
    """
    if name not in declared():
        raise NotFound(f"no public corpus {name!r} is declared; there are {', '.join(declared())}")
    return declared()[name]


def refuse_to_fit_on(paths: Sequence[Path], purpose: Purpose = Purpose.SHIPPING) -> None:
    """Let nothing through whose permitted use is not that of the recipe, by its folder or by what its rows say.

    Raises:
        ConfigurationError: names the first such file, or a file of a public corpus that is not as declared.
        InvalidInput: a file cannot be read.
    """
    for path in paths:
        for part in path.resolve().parts:
            if part in declared():
                _refuse(declared()[part], purpose, str(path))
        corpus = declared().get(path.resolve().parent.name)
        if corpus is None:
            _refuse_by_rows(path, purpose)
        else:
            _refuse_altered(path, corpus)


def _refuse(corpus: PublicCorpus, purpose: Purpose, place: str) -> None:
    if corpus.use not in _FITTED_ON[purpose]:
        raise ConfigurationError(
            f"{place}: corpus {corpus.name!r} is for {_ONLY_FOR[corpus.use]} only ({corpus.why}); "
            f"nothing may be fitted on it for {purpose}"
        )


def _refuse_by_rows(path: Path, purpose: Purpose) -> None:
    for number, row in numbered_rows(path):
        origin = row.get("origin")
        if isinstance(origin, str) and origin in declared():
            _refuse(declared()[origin], purpose, f"{path}, line {number}")
        elif origin != "own" or row.get("licence") != "Apache-2.0":
            raise ConfigurationError(f"{path}, line {number}: does not say that it is the project's own")


def _refuse_altered(path: Path, corpus: PublicCorpus) -> None:
    """A file in the folder of a corpus must be the declared one: else anything could be put there."""
    try:
        digest = sha256(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
    if digest not in {file.sha256 for file in corpus.files}:
        raise ConfigurationError(f"{path}: is no declared file of corpus {corpus.name!r}; its SHA-256 is {digest}")


def licences(paths: Iterable[Path], examples: Iterable[Example]) -> dict[str, str]:
    """Name and licence of every public corpus among files and examples, by folder or by what rows say."""
    named = {path.resolve().parent.name for path in paths} | {one.origin for one in examples}
    return {name: corpus.licence for name, corpus in declared().items() if name in named}


def sha256(path: Path) -> str:
    """Digest of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
