"""The model card: what an artifact was made from and how good it is, written from its manifest and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from training.evaluate import Figures
from training.recipe import PURPOSE

_LIMITS: Final = """\
## Limits

- English only. Messages in other languages get verdicts too, marked as out of scope; nothing may be decided from them
  alone.
- Fitted on invented messages. Real ones have topics, brands and slang that these lack: the figures on real messages
  above are the ones to expect, not those on held-out messages of the project's own.
- Intent has 19 labels and is the weakest head. A verdict below about 60 % confidence is a hint, no more.
- In the first look words count by themselves and in pairs. Irony and negation over a distance are left to the second
  look, which is better at them and far from safe; what only a picture or a link shows is beyond both.
- Rare intents have few examples: see the supports in the tables.
- Medium and high privacy risk rest on the detector alone: what it misses counts as low or none.
- It judges messages, never people. It must not be used to infer health, hardship or any other trait of a writer.
"""

_REFITTED: Final = (
    "- After the figures on held-out messages were taken, the weights were fitted once more on all parts, with the "
    "same settings and temperatures. The figures on real messages are those of the final weights.",
)


def write(manifest: Mapping[str, Any], sets: Mapping[str, Sequence[Figures]], notes: Mapping[str, str]) -> str:
    """The card as Markdown.

    ``sets`` maps the title of a set of messages to the figures on it, ``notes`` the same titles to a
    sentence on where the set comes from.
    """
    parts = [
        f"# {manifest['name']}",
        "",
        f"{manifest['title']}.",
        "",
        *_purpose(manifest.get(PURPOSE)),
        "Written by `python -m training fit`; the figures are measured on the very files beside this card.",
        "",
        *_made_from(manifest),
        *_agreement(manifest.get("agreement", ())),
        *_summary(sets, notes),
    ]
    for title, all_figures in sets.items():
        parts += _tables(title, all_figures)
    return "\n".join([*parts, _LIMITS])


def _purpose(purpose: str | None) -> list[str]:
    """Nothing where a model may be shipped."""
    if purpose is None:
        return []
    return [f"**For {purpose} only.** The licences of its data forbid to ship it; `promote` refuses it.", ""]


def _made_from(manifest: Mapping[str, Any]) -> list[str]:
    recipe, data, features = manifest["recipe"], manifest["data"], manifest["features"]
    split = ", ".join(f"{count:,} {part}" for part, count in recipe["split"].items())
    lines = [
        "## Made from",
        "",
        f"- Messages {data['origin']}, licence {data['licence']}, languages: {', '.join(recipe['languages'])}; "
        f"{split}. Near-duplicates are in the same part.",
        f"- Word pieces and their vectors: `{manifest['vectors']}` (distilled from all-MiniLM-L6-v2, Apache-2.0).",
        f"- Features: hashed n-grams of 1 to {features['longest_gram']} words, word pieces, and "
        f"{len(features['cues'])} cues ({', '.join(features['cues'])}).",
        "- Weights: multinomial logistic regression per head. Heads whose labels are steps of a scale take the step of "
        "least expected squared distance.",
        *_taught(recipe),
        *_second(manifest),
        *_confidence(recipe["caution"]),
        "- Privacy risk: the weights tell low from none; medium and high are set by the exposed items that the "
        "detector finds, with a confidence measured on the training and calibration parts.",
        *(_REFITTED if recipe["refit_on_everything"] else ()),
        "- Never fitted on: the public corpora that it is measured on below.",
        "",
        "| file | SHA-256 |",
        "|---|---|",
    ]
    return [*lines, *(f"| {name} | `{digest}` |" for name, digest in data["files"].items()), ""]


def _confidence(caution: Mapping[str, float]) -> list[str]:
    line = "- Confidence: one temperature per head, fitted on the calibration part"
    if all(factor == 1 for factor in caution.values()):
        return [f"{line}."]
    factors = ", ".join(f"{factor:g} ({head})" for head, factor in caution.items())
    return [
        f"{line}, then made more modest by the factors {factors}, because real messages are less like the fitted ones "
        "than held-out ones are. The factors were chosen on the real messages below."
    ]


def _taught(recipe: Mapping[str, Any]) -> list[str]:
    """One line where heads were fitted on a teacher's verdicts."""
    taught = recipe.get("taught", {})
    if not taught:
        return []
    told = ", ".join(f"{head} ({one['hard']:.0%} labels, {one['parts']:,} parts)" for head, one in taught.items())
    return [
        "- The first look is fitted on labels and on the verdicts of a larger model, fine-tuned on the training part, "
        f"on the same messages and on parts of them: {told}. The verdicts are in `training/verdicts.npz`."
    ]


def _second(manifest: Mapping[str, Any]) -> list[str]:
    """One line where messages in doubt are read by an encoder."""
    told = manifest.get("second_look")
    if not told:
        return []
    weights = ", ".join(f"{weight:g} ({head})" for head, weight in told["doubt"]["weights"].items())
    return [
        f"- Second look: `{told['encoder']['version']}` reads the messages whose doubt is over "
        f"{told['doubt']['limit']:g}, {manifest['recipe']['share_of_second_looks']:.0%} of held-out messages; doubt is "
        f"one minus the confidence, added over the heads by {weights}."
    ]


def _agreement(heads: Sequence[Mapping[str, Any]]) -> list[str]:
    if not heads:
        return []
    lines = [
        "## How sure the labels are",
        "",
        f"{heads[0]['messages']:,} messages were labelled twice, the second time by a reader who saw no labels. Where "
        "the two differed, a third reading decided; between negative and neutral a tie is negative.",
        "",
        "| head | agree | Cohen's kappa | quadratic kappa |",
        "|---|--:|--:|--:|",
    ]
    for one in heads:
        quadratic = "" if one["quadratic_kappa"] is None else f"{one['quadratic_kappa']:.3f}"
        lines.append(f"| {one['head']} | {one['share']:.1%} | {one['kappa']:.3f} | {quadratic} |")
    return [*lines, ""]


def _summary(sets: Mapping[str, Sequence[Figures]], notes: Mapping[str, str]) -> list[str]:
    lines = ["## How good", ""]
    lines += [f"- **{title}**: {notes[title]}" for title in sets]
    lines += [
        "",
        "| messages | head | labelled | accuracy | macro-F1 | quadratic kappa | calibration error |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for title, all_figures in sets.items():
        for one in all_figures:
            kappa = "" if one.quadratic_kappa is None else f"{one.quadratic_kappa:.3f}"
            lines.append(
                f"| {title} | {one.head} | {one.messages:,} | {one.accuracy:.3f} | {one.macro_f1:.3f} | {kappa} "
                f"| {one.calibration_error:.3f} |"
            )
    return [*lines, "", "Calibration error: expected calibration error, 15 bins of equal width.", ""]


def _tables(title: str, all_figures: Sequence[Figures]) -> list[str]:
    lines = [f"## Per label: {title}", ""]
    for one in all_figures:
        lines += [f"### {one.head}", "", "| label | precision | recall | F1 | messages |", "|---|--:|--:|--:|--:|"]
        lines += [
            f"| {row.label} | {row.precision:.2f} | {row.recall:.2f} | {row.f1:.2f} | {row.support:,} |"
            for row in one.classes
        ]
        lines.append("")
    return lines
