"""Presidio, the usual finder of personal data, with a pipeline of the size of spaCy's small English one."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from typing import Any, Final

from tests.bench.peers import Judge, package

SMALL: Final = "en_core_web_sm"
_WIDTH: Final = 96
_DEPTH: Final = 4
_PASSES: Final = 3
#: The reading part of the small pipeline, as its published configuration has it.
_READER: Final[dict[str, Any]] = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": _WIDTH,
        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"],
        "rows": [5000, 1000, 2500, 2500, 50, 50],
        "include_static_vectors": False,
    },
    "encode": {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": _WIDTH,
        "depth": _DEPTH,
        "window_size": 1,
        "maxout_pieces": 3,
    },
}
_SHARED: Final = {"@architectures": "spacy.Tok2VecListener.v1", "width": _WIDTH, "upstream": "tok2vec"}
_ENTITIES: Final = ("PERSON", "GPE", "LOC", "NORP", "ORG", "DATE")


def finder(examples: Sequence[str]) -> tuple[str, Judge]:
    """A name for the table, and Presidio as a judge that returns no labels.

    Where the small pipeline is not installed, one of its architecture stands in: the same layers of the
    same width take the same time whatever their weights. Its names are fitted to find none in ``examples``,
    so that no made-up names are to be worked on.

    Raises:
        LeftOut: Presidio or spaCy is not installed.
    """
    analyzer, engines, spacy = package("presidio_analyzer"), package("presidio_analyzer.nlp_engine"), package("spacy")
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    installed = SMALL in spacy.util.get_installed_models()
    with tempfile.TemporaryDirectory(prefix="triage-presidio-") as folder:
        if not installed:
            _like_the_small_one(spacy, examples).to_disk(folder)
        engine = engines.SpacyNlpEngine(models=[{"lang_code": "en", "model_name": SMALL if installed else folder}])
        engine.load()
    presidio = analyzer.AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])

    def judge(texts: Sequence[str]) -> list[str]:
        for text in texts:
            presidio.analyze(text, "en")
        return []

    return f"Presidio with {SMALL if installed else f'a pipeline as large as {SMALL}, not trained'}", judge


def _like_the_small_one(spacy: Any, examples: Sequence[str]) -> Any:
    training = package("spacy.training")
    spacy.util.fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": _READER})
    nlp.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": _SHARED}})
    nlp.add_pipe("parser", config={"model": _steps("parser", _SHARED)})
    names = nlp.add_pipe("ner", config={"model": _steps("ner", _READER)})
    for label in _ENTITIES:
        names.add_label(label)
    doc = nlp.make_doc("Ada went to Rome")
    told = {"tags": ["NNP", "VBD", "IN", "NNP"], "heads": [1, 1, 1, 2], "deps": ["nsubj", "ROOT", "prep", "pobj"]}
    nlp.initialize(lambda: [training.Example.from_dict(doc, told | {"entities": [(12, 16, "GPE")]})])
    nameless = [training.Example.from_dict(nlp.make_doc(text), {"entities": []}) for text in examples]
    with nlp.select_pipes(enable="ner"):
        for _ in range(_PASSES):
            nlp.update(nameless, sgd=nlp.create_optimizer())
    return nlp


def _steps(kind: str, reader: dict[str, Any]) -> dict[str, Any]:
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": kind,
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": reader,
    }
