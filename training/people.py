"""The model of people and addresses: from a recipe to the folder that serving loads.

It learns from the project's own carrier sentences, filled with invented people anew in every round, and from the
project's own messages. Nothing of anybody's real messages is read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from training import people_card, public
from training.carriers import ADDRESS, PERSON, Lesson, lessons, mistyped, peopled, read_carriers, written_otherwise
from training.corpus import Example as Message
from training.corpus import own_files, read_corpus
from training.invented import Invented, plain
from training.recipe_file import recipe_file
from triage import artifact
from triage.domain.scores import Span
from triage.privacy.findings import any_of
from triage.privacy.people import KIND, WEIGHTS, WORDS, People, Size, WordLists, network, put_weights, weights_of
from triage.scoring.vectors import PieceVectors

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.training import Example

CARD: Final = "CARD.md"
Say = Callable[[str], None]

_LABELS: Final = (PERSON, ADDRESS)
_NEW_NAMES: Final = "known carriers, new names"
_CAPITAL: Final = re.compile(r"(?<![@#\w])[A-Z][a-z]{2,}(?!\w)")
_CALENDAR: Final = any_of(
    "january february march april may june july august september october november december monday mondays tuesday"
    " tuesdays wednesday wednesdays thursday thursdays friday fridays saturday saturdays sunday sundays christmas"
    " easter"
    " jan feb mar apr jun jul aug sep sept oct nov dec"
)
#: First names that are more often places or brands in messages.
_PLACES: Final = any_of(
    "paris austin florence chelsea jordan sydney virginia carolina georgia dallas charlotte madison jackson houston"
    " lincoln victoria london brooklyn israel china india asia africa america kent devon chester lancaster darwin"
    " milan roma siena vienna adelaide alexandria orlando phoenix savannah denver aurora cairo santiago diego jose"
    " francisco antonio wendy amazon alexa siri samsung apple delta virgin visa mercedes lexus nova bella luna"
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rounds over the lessons, ``words`` in a step, rates of the first and the last step, share of dropped inputs."""

    rounds: int
    words: int
    rate: float
    last_rate: float
    dropout: float


@dataclass(frozen=True, slots=True)
class PeopleRecipe:
    """``times`` is how often a carrier is filled in a round, ``messages`` how many of the corpus join one.

    ``other_case`` is the share of lessons written in lower case or capitals, ``mistyped`` that of misspelt words,
    ``peopled`` that of pronouns and relatives in messages that become names. ``draws`` is how many names of each
    language are drawn for the lists, and ``known`` the share of listed names that the network is told of while it
    learns: the rest are, to it, like names that are on no list.
    """

    name: str
    title: str
    seed: int
    carriers: Path
    vectors: Path
    times: int
    messages: int
    other_case: float
    mistyped: float
    peopled: float
    draws: int
    known: float
    size: Size
    schedule: Schedule


def read_recipe(path: Path) -> PeopleRecipe:
    """Read a recipe; its paths are relative to the file.

    Raises:
        ConfigurationError: the file cannot be read or lacks something; the message names it.
    """
    with recipe_file(path) as told:
        size = Size(**told.pop("network"))
        told |= {name: path.parent / told[name] for name in ("carriers", "vectors")}
        return PeopleRecipe(size=size, schedule=Schedule(**told.pop("schedule")), **told)


def fit_people(recipe: PeopleRecipe, folder: Path, say: Say) -> str:
    """Fit the model of ``recipe`` and write it; returns its version.

    Raises:
        InvalidInput: the carriers or the corpus are broken.
        ConfigurationError: the carriers do not say that they are the project's own.
    """
    public.refuse_to_fit_on([recipe.carriers, *own_files()])
    carriers, messages = read_carriers(recipe.carriers), read_corpus(own_files())
    lists = word_lists(recipe, [one.text for one in messages.examples])
    say(
        f"{len(lists.first):,} first names, {len(lists.last):,} surnames, {len(lists.common):,} common words, "
        f"{len(carriers):,} carriers"
    )
    language = _taught(recipe, carriers, [_as_lesson(one, lists) for one in messages.examples], lists, say)
    about = _about(recipe, messages.files)
    files = {
        WEIGHTS: artifact.pack(weights_of(language)),
        WORDS: _packed(lists),
    }
    artifact.write(folder, kind=KIND, name=recipe.name, files=files, about=about)
    about["metrics"] = _measured(People.load(folder), recipe, carriers)
    files[CARD] = people_card.write({"name": recipe.name, **about}, about["metrics"][_NEW_NAMES]).encode()
    digest = artifact.write(folder, kind=KIND, name=recipe.name, files=files, about=about)
    return f"{recipe.name}@{digest[:12]}"


def _packed(lists: WordLists) -> bytes:
    told = {kind: sorted(words) for kind, words in asdict(lists).items()}
    return gzip.compress(json.dumps(told, ensure_ascii=False).encode(), mtime=0)


def common_words(texts: Iterable[str]) -> frozenset[str]:
    """Words that the texts have in lower case: no sign of a name, whatever lists of names say."""
    counts = Counter(word for text in texts for word in text.split() if word.isalpha() and word.islower())
    return frozenset(word for word, count in counts.items() if count >= 2) | _CALENDAR


def word_lists(recipe: PeopleRecipe, texts: Sequence[str]) -> WordLists:
    """Names of every language that names are invented in, with and without accents, and what is no name.

    Common words are those that the texts have in lower case, those of countries, and those of the vocabulary of
    the shipped vectors that are on no list of names.
    """
    invented = Invented(recipe.seed)
    used = common_words(texts) | invented.countries(recipe.draws)

    def listed(drawn: Iterable[str]) -> frozenset[str]:
        words = {part.lower() for name in drawn for part in name.replace("-", " ").split()}
        words |= {plain(word) for word in words}
        return frozenset(word for word in words if len(word) > 2 and word not in used)

    first, last = listed(invented.first_names(recipe.draws)), listed(invented.last_names(recipe.draws))
    pieces = PieceVectors.load(recipe.vectors).tokenizer.get_vocab()
    known = {piece for piece in pieces if piece.isalpha() and piece.isascii() and len(piece) > 1}
    return WordLists(first, last, frozenset((known - first - last) | used))


def _as_lesson(message: Message, lists: WordLists) -> Lesson:
    """A message of the corpus. Only exposed names are marked in it; staff's are known by the list of first names.

    Of other words with a capital that may be names, nothing is learnt.
    """
    spans = [span for span in message.spans if span.type in (PERSON, ADDRESS)]
    taken = [range(span.start, span.end) for span in spans]
    unsure: list[Span] = []
    for word in _CAPITAL.finditer(message.text):
        if lists.has_name(word[0]) and not any(word.start() in one for one in taken):
            sure = word[0].lower() in lists.first and word[0].lower() not in _PLACES
            (spans if sure else unsure).append(Span(*word.span(), PERSON))
    return Lesson(message.text, tuple(sorted(spans, key=lambda span: span.start)), tuple(unsure))


def _taught(
    recipe: PeopleRecipe, carriers: Sequence[str], messages: Sequence[Lesson], lists: WordLists, say: Say
) -> Language:
    from thinc.api import Adam, fix_random_seed

    fix_random_seed(recipe.seed)
    told = _told(lists, recipe)
    language = network(told, recipe.size, _LABELS)
    plan = recipe.schedule
    optimizer = Adam(plan.rate, L2=0.001, grad_clip=1.0, use_averages=True)
    for turn in range(plan.rounds):
        optimizer.learn_rate = plan.rate + (plan.last_rate - plan.rate) * turn / max(1, plan.rounds - 1)
        invented = Invented(recipe.seed + 1 + turn)
        own = invented.dice.sample(messages, min(recipe.messages, len(messages)))
        own = [peopled(one, invented, recipe.peopled) for one in own]
        given = [written_otherwise(one, invented.dice, recipe.other_case) for one in own]
        given += lessons(carriers, recipe.times, recipe.other_case, invented)
        given = [mistyped(one, invented.dice, recipe.mistyped) for one in given]
        invented.dice.shuffle(given)
        losses: dict[str, float] = {}
        for batch in _batches((_example(language, one) for one in given), plan.words):
            language.update(batch, sgd=optimizer, drop=plan.dropout, losses=losses)
        say(f"round {turn + 1} of {plan.rounds}: {len(given):,} texts, loss {losses['ner']:,.0f}")
    model: Any = language.get_pipe("ner").model  # type: ignore[attr-defined]
    with model.use_params(optimizer.averages):
        averaged = weights_of(language)
    final = network(lists, recipe.size, _LABELS)
    put_weights(final, averaged)
    return final


def _told(lists: WordLists, recipe: PeopleRecipe) -> WordLists:
    """What the network is told of the lists while it learns."""
    dice = random.Random(recipe.seed)  # noqa: S311 - no secret

    def some(of: Iterable[str]) -> frozenset[str]:
        return frozenset(word for word in sorted(of) if dice.random() < recipe.known)

    return WordLists(some(lists.first), some(lists.last), lists.common)


def _example(language: Language, lesson: Lesson) -> Example:
    from spacy.training import Example
    from spacy.util import filter_spans

    doc, told = language.make_doc(lesson.text), language.make_doc(lesson.text)
    marked = [told.char_span(s.start, s.end, s.type, alignment_mode="expand") for s in lesson.spans]
    unsure = [told.char_span(s.start, s.end, alignment_mode="expand") for s in lesson.unsure]
    kept = filter_spans([span for span in marked if span is not None])
    inside = {token.i for span in kept for token in span}
    missing = {token.i for span in unsure if span is not None for token in span} - inside
    told.set_ents(kept, missing=[told[place : place + 1] for place in sorted(missing)], default="outside")
    return Example(doc, told)


def _batches(examples: Iterable[Example], words: int) -> Iterator[list[Example]]:
    batch: list[Example] = []
    size = 0
    for one in examples:
        batch.append(one)
        size += len(one.x)
        if size >= words:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _about(recipe: PeopleRecipe, files: Mapping[str, str]) -> dict[str, Any]:
    told = asdict(recipe)
    return {
        "title": recipe.title,
        "licence": "Apache-2.0",
        "labels": list(_LABELS),
        "network": told.pop("size"),
        "recipe": {name: value for name, value in told.items() if name not in ("name", "title", "carriers", "vectors")},
        "data": {
            "origin": "written for this project, filled with invented names",
            "licence": "Apache-2.0",
            "common words": PieceVectors.load(recipe.vectors).version,
            "files": {recipe.carriers.name: hashlib.sha256(recipe.carriers.read_bytes()).hexdigest(), **files},
        },
        "made_with": {name: version(name) for name in ("spacy", "thinc", "Faker")},
    }


def _measured(people: People, recipe: PeopleRecipe, carriers: Sequence[str]) -> dict[str, Any]:
    """Precision and recall, exact spans, on the carriers filled with names that were not learnt from."""
    given = list(lessons(carriers, 1, 0, Invented(recipe.seed + 10_000)))
    found = people.entities([one.text for one in given])
    told = {}
    for label in (PERSON, ADDRESS):
        gold = {(place, s.start, s.end) for place, one in enumerate(given) for s in one.spans if s.type == label}
        seen = {(place, s.start, s.end) for place, spans in enumerate(found) for s in spans if s.type == label}
        right = len(gold & seen)
        told[label] = {
            "precision": round(right / max(1, len(seen)), 4),
            "recall": round(right / max(1, len(gold)), 4),
        }
    return {_NEW_NAMES: told}
