"""People and street addresses as a small spaCy model sees them: named entities, whoever they are.

Whether a name is exposed personal data is judged elsewhere (:mod:`triage.privacy.exposure`). spaCy is
imported when a model is loaded or made, not with this module.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from triage import artifact
from triage.domain.scores import Span
from triage.errors import ArtifactError
from triage.privacy.view import folded

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.tokens import Span as Place

#: The folder of the shipped model, inside that of all models.
SHIPPED: Final = "people-en"
#: What loading a model imports, for those who want that done beforehand.
LIBRARIES: Final = ("spacy.lang.en", "spacy.training")
KIND: Final = "people"
WEIGHTS: Final = "weights.npz"
WORDS: Final = "words.json.gz"
#: Texts that the network reads at once: more make it no faster.
_BATCH: Final = 128


@dataclass(frozen=True, slots=True)
class WordLists:
    """First names and surnames of many languages, and common words that are neither; all in lower case.

    None of them is complete.
    """

    first: frozenset[str]
    last: frozenset[str]
    common: frozenset[str]

    def mark(self, word: str) -> str:
        """Which lists have ``word``, as the network is told."""
        word = word.lower()
        if word in self.common:
            return "c"
        return ("f" if word in self.first else "") + ("l" if word in self.last else "")

    def has_name(self, word: str) -> bool:
        word = word.lower()
        return word in self.first or word in self.last


@dataclass(frozen=True, slots=True)
class Size:
    """Of the network: numbers per word, layers, and rows of the table of each feature of a word."""

    width: int
    depth: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class People:
    """A loaded model. Pure: equal texts get equal entities, in any batch."""

    version: str
    words: WordLists
    language: Language
    _turn: Lock = field(default_factory=Lock, repr=False, compare=False)

    @classmethod
    def load(cls, folder: Path) -> People:
        """Load what ``python -m training fit-people`` wrote.

        Raises:
            ArtifactError: the folder is missing, damaged, foreign or does not fit this version.
        """
        found = artifact.read(folder, kind=KIND)
        words = _words(found)
        told = found.get("network", dict)
        try:
            size = Size(int(told["width"]), int(told["depth"]), tuple(map(int, told["rows"])))
            language = network(words, size, [str(label) for label in found.get("labels", list)])
            put_weights(language, found.arrays(WEIGHTS))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} describes no network that this version can build: {error}") from error
        return cls(found.version, words, language)

    def read(self, texts: Sequence[str]) -> Iterator[Doc]:
        """Each text as the model reads it, with its entities marked; tokens lie where they do in the text.

        A document is good until the last one was given: the words that it brought are forgotten then, so that a
        service does not grow with all that it reads. All must be taken, by one thread at a time.
        """
        if texts:
            with self._turn, self.language.memory_zone():
                yield from self.language.pipe(map(folded, texts), batch_size=_BATCH)

    def entities(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """The people and addresses of each text, in order: character offsets into the text as given."""
        return [
            tuple(Span(one.start_char, one.end_char, one.label_) for one in entities_of(doc))
            for doc in self.read(texts)
        ]


def entities_of(doc: Doc) -> list[Place]:
    """The entities of ``doc``; a first name and a surname side by side that the model takes for two are one."""
    from spacy.tokens import Span as Place

    joined: list[Place] = []
    for one in doc.ents:
        last = joined[-1] if joined else None
        if last is not None and last.end == one.start and last.label_ == one.label_ and doc[one.start - 1].whitespace_:
            joined[-1] = Place(doc, last.start, one.end, label=one.label_)
        else:
            joined.append(one)
    return joined


def _words(found: artifact.Artifact) -> WordLists:
    try:
        told = json.loads(gzip.decompress(found.file(WORDS)))
        return WordLists(*(frozenset(map(str, told[kind])) for kind in ("first", "last", "common")))
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise ArtifactError(f"{found.folder / WORDS} holds no lists of words") from error


def network(words: WordLists, size: Size, labels: Sequence[str]) -> Language:
    """English words and the network over them, its weights still to be set."""
    from spacy.attrs import NORM, PREFIX, SHAPE, SUFFIX
    from spacy.lang.en import English
    from spacy.lang.lex_attrs import word_shape

    class Words(English):  # type: ignore[no-untyped-call]
        class Defaults(English.Defaults):  # type: ignore[misc, valid-type]
            lex_attr_getters: Mapping[int, Callable[[str], Any]] = {
                **English.Defaults.lex_attr_getters,
                NORM: norm,
                PREFIX: lambda word: word[:3].lower(),
                SUFFIX: lambda word: word[-3:].lower(),
                SHAPE: lambda word: word_shape(word) + words.mark(word),
            }

    language = Words()
    recogniser = language.add_pipe("ner", config={"model": _architecture(size)})
    recogniser.initialize(lambda: [_nothing(language)], nlp=language, labels=_moves(labels))  # type: ignore[attr-defined]
    return language


def norm(word: str) -> str:
    """What a word is to the network beside its shape: handles, links and numbers are all the same."""
    if word[0] == "@" and len(word) > 1:
        return "@someone"
    if word.startswith(("http://", "https://", "www.")):
        return "@link"
    return "".join("0" if sign.isdigit() else sign for sign in word.lower())


def _architecture(size: Size) -> dict[str, Any]:
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": size.width,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": size.width,
                "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                "rows": list(size.rows),
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": size.width,
                "window_size": 1,
                "maxout_pieces": 3,
                "depth": size.depth,
            },
        },
    }


def _moves(labels: Sequence[str]) -> dict[int, dict[str, int]]:
    """spaCy's ``label_data``: the labels of each kind of step, those with higher numbers first."""
    ranked = {label: len(labels) - place for place, label in enumerate(labels)}
    begin, inside, last, unit, out = range(1, 6)
    return {0: {}, **dict.fromkeys((begin, inside, last), ranked), unit: {**ranked, "": 0}, out: {"": 1}}


def _nothing(language: Language) -> Any:
    """An example without entities: enough to tell the network its dimensions."""
    from spacy.training import Example

    return Example.from_dict(language.make_doc("a b c"), {"entities": []})


def weights_of(language: Language) -> dict[str, NDArray[np.float16]]:
    """Every array of the network, in half precision, by its place."""
    return {key: node.get_param(name).astype(np.float16) for key, node, name in _parameters(language)}


def put_weights(language: Language, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Set what :func:`weights_of` gave.

    Raises:
        ValueError: the arrays are not those of this network.
    """
    wanted = list(_parameters(language))
    if {key for key, _, _ in wanted} != set(arrays):
        raise ValueError("the arrays are those of another network")
    for key, node, name in wanted:
        if arrays[key].shape != node.get_param(name).shape or arrays[key].dtype.kind != "f":
            raise ValueError(f"array {key} has another shape or type")
        node.set_param(name, arrays[key].astype(np.float32))


def _parameters(language: Language) -> Iterator[tuple[str, Any, str]]:
    model: Any = language.get_pipe("ner").model  # type: ignore[attr-defined]
    for place, node in enumerate(model.walk()):
        for name in node.param_names:
            if node.has_param(name):
                yield f"{place:03}.{name}", node, name
