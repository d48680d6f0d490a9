"""A brand's certificate: the whole path judged on a calibration set, by the procedure of :mod:`training.certify`."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from training.answering import Answerer, read_asked
from training.certify import Target, certify
from triage.answers.certificate import Certificate


def certificate(path: Answerer, calibration: Path, target: Target, today: date) -> Certificate:
    """What can be certified of ``path`` from the labelled messages in ``calibration``.

    Raises:
        InvalidInput: the file is broken or names a snippet that is not there.
    """
    known = [snippet.id for snippet in path.answers.knowledge_base.snippets]
    asked = read_asked(calibration, known)
    judged = path.verdicts(asked, today)
    found = certify(judged.confidence, judged.right, target, path.policy.min_match_confidence)
    return Certificate(
        most_wrong=target.most_wrong,
        confidence=target.confidence,
        threshold=found.threshold,
        messages=len(asked),
        answered=found.answered,
        wrong=found.wrong,
        grounds=path.answers.grounds(path.policy, path.scorer.made_of),
        calibration=hashlib.sha256(calibration.read_bytes()).hexdigest(),
        date=today,
    )


def sentence(one: Certificate, target: Target) -> str:
    """The certificate, or that there is none to be had, for a person to read."""
    if one.threshold is None:
        return (
            f"Nothing can be certified: {one.answered:,} of {one.messages:,} messages are answered at the strictest "
            f"threshold that was tested, {one.wrong:,} of them wrongly; at least {target.fewest:,} answers without a "
            "wrong one are needed. Nothing is answered automatically."
        )
    return (
        f"At most {one.most_wrong:.1%} of the answers are wrong, with {one.confidence:.0%} confidence, from a "
        f"confidence of {one.threshold:g} on: {one.answered:,} of {one.messages:,} messages are answered, "
        f"{one.wrong:,} of them wrongly."
    )
