"""The card of the model of people, written from its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_CARD: Final = """\
# {name}: people and street addresses in messages

**What.** A spaCy entity recogniser with the labels {labels}. It reads four hashed features of a word (its form, its
first and its last three letters, its shape with the lists that have it), then {depth} layers of {width} numbers over
the words around, then spaCy's transition parser decides. Its lists hold first names and surnames of many languages, and
common words. Weights are in half precision.

Written by `python -m training fit-people`, seed {seed}. Licence: {licence}.

**Where from.** Sentences with slots, written for this project (`training/personal_data/people.jsonl`) and filled with
people and places that Faker {faker} (MIT) invents; and the project's own messages (`training/corpus`). No public
corpus, no post from X and nobody's real message was read. The common words are those of the vocabulary of `{vectors}`.

| carriers that it knows, names that it does not | precision | recall |
|---|--:|--:|
{rows}

Exact spans, and an upper bound. `docs/figures.md` has figures on public sets that nothing was learnt from.

**What for.** It says who is named. Whether a message exposes that person is judged by the words around
(`triage/privacy/exposure.py`).

**Limits.** English sentences, names in Latin letters. Names in lower case are found where a list has them. Firms and
places that are called like people may be taken for them, and unusual names of one word missed. Names of some languages
are better known than those of others.

Training again with the same packages ({packages}) on the same kind of machine gives the same bytes.
"""


def write(about: Mapping[str, Any], known: Mapping[str, Mapping[str, float]]) -> str:
    """``about`` is the manifest; ``known`` has precision and recall of each label."""
    made_with = about["made_with"]
    return _CARD.format(
        name=about["name"],
        labels=" and ".join(about["labels"]),
        depth=about["network"]["depth"],
        width=about["network"]["width"],
        seed=about["recipe"]["seed"],
        licence=about["licence"],
        faker=made_with["Faker"],
        vectors=about["data"]["common words"],
        rows="\n".join(f"| {label} | {one['precision']:.1%} | {one['recall']:.1%} |" for label, one in known.items()),
        packages=", ".join(f"{package} {number}" for package, number in made_with.items()),
    )
