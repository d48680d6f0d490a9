"""The four-head model: from a recipe to the folder that serving loads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from training import card, fit, public, second, splits
from training.agreement import agreements, read_readings
from training.corpus import Corpus, Example, in_languages, read_corpus
from training.design import Design
from training.detector import detector_of
from training.evaluate import OWN_TEST, Figures, evaluate_scorer
from training.fit import FittedHead
from training.lexicon import read_lexicon
from training.recipe import PURPOSE, Purpose, Recipe
from training.second import FittedSecond
from training.spelling import spelling_of
from training.verdicts import Verdicts, chances, read_verdicts
from triage import artifact
from triage.domain.scores import LABELS, Head, PrivacyRisk, Utterance
from triage.errors import ConfigurationError, InvalidInput
from triage.privacy.risk import exposed_level
from triage.scoring import classifier, features
from triage.scoring.encoder import Encoder
from triage.scoring.heads import placed
from triage.scoring.scorer import Scorer
from triage.scoring.spelling import Reader, Spelling, as_written
from triage.scoring.vectors import PieceVectors

Say = Callable[[str], None]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Places of the privacy levels that mean that something is exposed.
EXPOSED: Final = tuple(LABELS[Head.PRIVACY].index(level) for level in (PrivacyRisk.HIGH, PrivacyRisk.MEDIUM))

CARD: Final = "CARD.md"
NOTES: Final = {
    OWN_TEST: "the test part of the project's own corpus, judged by weights that were fitted without it and without "
    "near-duplicates of it.",
    public.REAL: "messages from public data sets, labelled to this project's guide by two annotators who did not see "
    "each other's work; what they disagree on is left out. Used for choosing between recipes, never fitted on.",
    public.TWEETS: "Twitter US Airline Sentiment, the development part. Never fitted on.",
}


@dataclass(frozen=True, slots=True)
class Model:
    """A design and the heads fitted over it."""

    design: Design
    heads: tuple[FittedHead, ...]
    second: FittedSecond | None = None
    spelling: Spelling | None = None

    def write(self, folder: Path, name: str, about: Mapping[str, Any], more: Mapping[str, bytes]) -> None:
        """Write the artifact; ``about`` and ``more`` are further entries of its manifest and further files."""
        artifact.write(
            folder,
            kind=classifier.KIND,
            name=name,
            files={**fit.artifact_files(self.design, self.heads), **self._second_files(), **self._words(), **more},
            about={**about, **self.describe()},
        )

    def describe(self) -> dict[str, Any]:
        """The entries of the manifest that serving reads."""
        return {**fit.describe(self.design, self.heads), **(self.second.describe() if self.second else {})}

    def _second_files(self) -> dict[str, bytes]:
        return second.files(self.second.look(self.heads)) if self.second else {}

    def _words(self) -> dict[str, bytes]:
        return {classifier.SEEN: "\n".join([*self.spelling.seen, ""]).encode()} if self.spelling else {}


def fit_recipe(recipe: Recipe, folder: Path, corpora: Path, say: Say) -> None:
    """Fit all heads of ``recipe``, measure them, and write the artifact with its card.

    The weights are fitted on the training part, the temperatures on the calibration part, and both are
    measured on the test part. Where the recipe says so, the weights are then fitted once more on all
    parts under the same settings, and keep those temperatures. ``corpora`` is the folder of public
    corpora; the card lacks what is not there.

    Raises:
        ConfigurationError: the recipe asks to fit on a corpus whose permitted use is not the recipe's purpose.
        InvalidInput: a corpus file is broken.
        ArtifactError: the vectors are missing or damaged.
    """
    public.refuse_to_fit_on(recipe.corpora, recipe.purpose)
    corpus = read_corpus(list(recipe.corpora))
    trial = fit_trial(recipe, corpus.examples, say)
    about = _about(recipe, corpus, trial.parts)
    figures = {OWN_TEST: evaluate_scorer(trial.scorer, trial.parts[splits.TEST])}
    model = trial.model
    if recipe.refit:
        everything = [one for own in trial.parts.values() for one in own]
        model = _refit(recipe, everything, model, say)
    model.write(folder, recipe.name, about, {})
    figures |= _measure(Scorer.load(folder, _encoders(recipe), detector_of(recipe)), corpora, say)
    about["metrics"] = {title: {one.head: _in_short(one) for one in found} for title, found in figures.items()}
    about["agreement"] = _agreement(trial.parts)
    told = card.write({"name": recipe.name, **about, **model.describe()}, figures, NOTES)
    model.write(folder, recipe.name, about, {CARD: told.encode()})


@dataclass(frozen=True, slots=True)
class Trial:
    """A model fitted without the test part, as serving would load it, and the parts."""

    model: Model
    scorer: Scorer
    parts: Mapping[str, list[Example]]


def fit_trial(recipe: Recipe, examples: Sequence[Example], say: Say) -> Trial:
    """Split what the recipe's languages cover, fit on the training part, calibrate on the calibration part.

    Raises:
        ConfigurationError: there is too little to split.
    """
    spoken = in_languages(examples, recipe.languages)
    parts = splits.split(spoken, recipe.split)
    say(f"{len(spoken):,} messages: " + ", ".join(f"{len(own):,} {part}" for part, own in parts.items()))
    if not all(parts.values()):
        raise ConfigurationError(f"{recipe.name}: the corpus is too small to be split")
    model = _fit(recipe, parts[splits.TRAIN], parts[splits.CALIBRATION], say)
    about = {"raised_confidence": _raised_confidence(recipe, parts[splits.TRAIN] + parts[splits.CALIBRATION])}
    with TemporaryDirectory() as folder:
        model.write(Path(folder), recipe.name, about, {})
        return Trial(model, Scorer.load(Path(folder), _encoders(recipe), detector_of(recipe)), parts)


@dataclass(frozen=True, slots=True)
class _Lessons:
    """The rows that heads are fitted on: messages, and for heads that are taught the parts that the teacher judged."""

    recipe: Recipe
    examples: Sequence[Example]
    matrix: sp.csr_array
    told: Verdicts | None
    parts: sp.csr_array

    @classmethod
    def of(
        cls, recipe: Recipe, design: Design, examples: Sequence[Example], matrix: sp.csr_array, spelling: Reader
    ) -> _Lessons:
        if recipe.verdicts is None:
            return cls(recipe, examples, matrix, None, matrix[:0])
        told = read_verdicts(recipe.verdicts)
        wanted = max(choice.taught.parts if choice.taught else 0 for choice in recipe.heads.values())
        texts = [Example("", Utterance(text), {}, (), "part") for text in told.parts[:wanted]]
        parts = design.transform(readings(texts, recipe, spelling)) if texts else matrix[:0]
        return cls(recipe, examples, matrix, told, parts)

    def rows(self, head: Head) -> tuple[sp.csr_array, Ints] | tuple[sp.csr_array, Ints, Floats]:
        """Matrix and labels, and for a head that is taught weights."""
        labels, soft = numbers(self.examples, head), self.recipe.heads[head].taught
        if soft is None or self.told is None:
            return self.matrix, labels
        said = self.told.of([one.id for one in self.examples], head)
        own = chances(said, labels, soft.hard, soft.softness)
        without = np.full(min(soft.parts, self.parts.shape[0]), -1)
        others = chances(self.told.of_parts(len(without), head), without, soft.hard, soft.softness)
        both = sp.csr_array(sp.vstack([self.matrix, self.parts[: len(without)]], format="csr"))
        return fit.soften(both, np.vstack([own, others]))


def _fit(recipe: Recipe, train: Sequence[Example], calibration: Sequence[Example], say: Say) -> Model:
    design = _design(recipe)
    spelling, spell = _spelling(recipe, design, train)
    read, held_read = (readings(own, recipe, spell) for own in (train, calibration))
    matrix, held = design.fit(read), design.transform(held_read)
    say(f"{matrix.shape[1]:,} features, {matrix.nnz / matrix.shape[0]:.0f} in a message")
    heads = []
    lessons = _Lessons.of(recipe, design, train, matrix, spell)
    for head in Head:
        say(f"fitting {head.value} on {len(train):,} messages")
        known = lessons.rows(head), (held, numbers(calibration, head))
        heads.append(fit.fit_head(head.value, LABELS[head], *known, recipe.heads[head], recipe.seed))
    if recipe.second is None:
        return Model(design, tuple(heads), spelling=spelling)
    say(f"fitting the second look on {len(train):,} messages")
    encoder = Encoder.load(recipe.second.encoder)
    vectors, held_vectors = (encoder.embed([one.words for one in several]) for several in (read, held_read))
    firsts = [head.values(held) for head in heads]
    looks = [
        second.fit_head(
            own,
            (vectors, numbers(train, head)),
            (values, held_vectors, numbers(calibration, head)),
            recipe.second,
            recipe.seed,
        )
        for head, own, values in zip(Head, heads, firsts, strict=True)
    ]
    specs = placed([own.spec for own in heads])
    doubt = second.fit_doubt(np.hstack(firsts), specs, recipe.second)
    fitted = FittedSecond(encoder, recipe.second.encoder.name, doubt, tuple(looks))
    return Model(design, tuple(heads), fitted, spelling)


def _refit(recipe: Recipe, examples: Sequence[Example], trial: Model, say: Say) -> Model:
    design = _design(recipe)
    spelling, spell = _spelling(recipe, design, examples)
    read = readings(examples, recipe, spell)
    matrix = design.fit(read)
    heads = []
    lessons = _Lessons.of(recipe, design, examples, matrix, spell)
    for head, before in zip(Head, trial.heads, strict=True):
        say(f"fitting {head.value} on {len(examples):,} messages")
        heads.append(fit.refit_head(before, lessons.rows(head), recipe.heads[head], recipe.seed))
    if recipe.second is None or trial.second is None:
        return Model(design, tuple(heads), spelling=spelling)
    say(f"fitting the second look on {len(examples):,} messages")
    vectors = trial.second.encoder.embed([one.words for one in read])
    looks = [
        second.refit_head(look, (vectors, numbers(examples, head)), recipe.second, recipe.seed)
        for head, look in zip(Head, trial.second.heads, strict=True)
    ]
    return Model(design, tuple(heads), replace(trial.second, heads=tuple(looks)), spelling)


def _spelling(recipe: Recipe, design: Design, examples: Sequence[Example]) -> tuple[Spelling | None, Reader]:
    """The words of ``examples``, and how a text is read by them."""
    if not recipe.features.seen_texts:
        return None, as_written
    found = spelling_of(examples, read_lexicon(recipe.lexicon), design.vectors, recipe.features.seen_texts)
    return found, found.read


def _encoders(recipe: Recipe) -> list[Path]:
    """Where the artifact of this recipe finds its encoder."""
    return [recipe.second.encoder.parent] if recipe.second else []


def _design(recipe: Recipe) -> Design:
    return Design(recipe.features, PieceVectors.load(recipe.vectors), read_lexicon(recipe.lexicon))


def _measure(scorer: Scorer, corpora: Path, say: Say) -> dict[str, list[Figures]]:
    found = {}
    for title, (_, read) in public.MEASURING.items():
        try:
            examples = read(corpora)
        except InvalidInput as error:
            say(f"not measured on {title}: {error}")
        else:
            say(f"measuring on {title}")
            found[title] = evaluate_scorer(scorer, examples)
    return found


def _in_short(one: Figures) -> dict[str, Any]:
    short = one.as_json()
    del short["classes"], short["head"]
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in short.items()}


def readings(examples: Sequence[Example], recipe: Recipe, spelling: Reader = as_written) -> list[features.Reading]:
    """Examples as serving would read them: exposed items are what the detector finds, not the labelled ones."""
    spans = detector_of(recipe).find_all([one.text for one in examples])
    return [
        features.read(one.utterance, recipe.features.cues, found, spelling)
        for one, found in zip(examples, spans, strict=True)
    ]


def numbers(examples: Sequence[Example], head: Head) -> NDArray[np.int64]:
    """Place of each example's label in the head's list; -1 where there is nothing to fit on.

    Privacy risks above low are set by exposed items alone, so the weights only learn low from none.
    This makes the level monotone: no wording can talk an exposed item down.
    """
    labels = LABELS[head]
    places = [labels.index(one.labels[head]) if head in one.labels else -1 for one in examples]
    if head is Head.PRIVACY:
        places = [-1 if place in EXPOSED else place for place in places]
    return np.array(places, np.int64)


def _about(recipe: Recipe, corpus: Corpus, parts: Mapping[str, list[Example]]) -> dict[str, Any]:
    return {
        "title": recipe.title,
        **_purpose(recipe),
        "recipe": {
            "seed": recipe.seed,
            "refit_on_everything": recipe.refit,
            "languages": list(recipe.languages),
            "split": {part: len(own) for part, own in parts.items()},
            "fewest_texts": list(recipe.features.fewest_texts),
            "seen_texts": recipe.features.seen_texts,
            "piece_scale": recipe.features.piece_scale,
            "phrase_scale": recipe.features.phrase_scale,
            "cue_scale": recipe.features.cue_scale,
            "c": {head.value: recipe.heads[head].c for head in Head},
            "caution": {head.value: recipe.heads[head].caution for head in Head},
            **_taught(recipe),
        },
        "data": {
            **_origin(recipe, corpus),
            "files": dict(corpus.files),
            "lexicon": hashlib.sha256(recipe.lexicon.read_bytes()).hexdigest(),
            "detector": detector_of(recipe).version,
        },
        "raised_confidence": _raised_confidence(recipe, parts[splits.TRAIN] + parts[splits.CALIBRATION]),
    }


def _purpose(recipe: Recipe) -> dict[str, Any]:
    """What is for shipping does not say so: its manifest stays as it was before there were purposes."""
    if recipe.purpose is Purpose.SHIPPING:
        return {"licence": "Apache-2.0"}
    return {"licence": "for research only", PURPOSE: recipe.purpose.value}


def _origin(recipe: Recipe, corpus: Corpus) -> dict[str, Any]:
    licences = public.licences(recipe.corpora, corpus.examples)
    if not licences:
        return {"origin": "written for this project", "licence": "Apache-2.0"}
    origin = "written for this project or taken from public corpora"
    told = [f"{licence} ({name})" for name, licence in licences.items()]
    return {"origin": origin, "licence": ", ".join(["Apache-2.0", *told]), "public": licences}


def _taught(recipe: Recipe) -> dict[str, Any]:
    told: dict[str, Any] = {}
    soft = {head.value: asdict(choice.taught) for head, choice in recipe.heads.items() if choice.taught}
    if soft and recipe.verdicts is not None:
        told["taught"] = soft
        told["verdicts"] = hashlib.sha256(recipe.verdicts.read_bytes()).hexdigest()
    if recipe.second is not None:
        told["share_of_second_looks"] = recipe.second.share
        told["second_c"], told["second_caution"] = recipe.second.c, recipe.second.caution
    return told


def _agreement(parts: Mapping[str, list[Example]]) -> list[dict[str, Any]]:
    """How far two readers agree on those of the messages that were read twice."""
    fitted = {one.id for own in parts.values() for one in own}
    twice = [reading for reading in read_readings() if reading.id in fitted]
    return [one.as_json() for one in agreements(twice)] if twice else []


def _raised_confidence(recipe: Recipe, examples: Sequence[Example]) -> dict[str, float]:
    """How often a level demanded by detected items is the labelled one, with one right and one wrong added.

    The detector was not fitted on these labels, so the whole of train and calibration may count.
    """
    told = {}
    levels = [exposed_level(spans) for spans in detector_of(recipe).find_all([one.text for one in examples])]
    for level in (PrivacyRisk.HIGH, PrivacyRisk.MEDIUM):
        labels = [one.labels.get(Head.PRIVACY) for one, own in zip(examples, levels, strict=True) if own == level]
        known = [label for label in labels if label is not None]
        told[level.value] = round((sum(label == level for label in known) + 1) / (len(known) + 2), 4)
    return told
