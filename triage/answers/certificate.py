"""The proof that automatic answers are seldom wrong, and whether it holds for what is running now.

``python -m training certify`` writes it as ``certificate.json`` into the folder of the knowledge base. It is of
exactly one state of everything that decides about an answer: the knowledge base, the matcher, the model that
scores, the dials of the policy. When any of these changes, the proof is no longer about what runs, and nothing
is answered alone until there is a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from triage.errors import KnowledgeBaseError
from triage.policy import Policy
from triage.shapes import ready

FILE: Final = "certificate.json"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a certificate is about: versions, the knowledge base's digest, the policy's dials as :func:`dials`."""

    scorer: str
    matcher: str
    policy: str
    knowledge_base: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """“With ``confidence``, at most ``most_wrong`` of what is answered above ``threshold`` is wrong.”

    ``messages``, ``answered`` and ``wrong`` are counts of the calibration set, whose SHA-256 is ``calibration``.
    ``threshold`` is ``None`` where nothing could be certified.
    """

    most_wrong: float
    confidence: float
    threshold: float | None
    messages: int
    answered: int
    wrong: int
    grounds: Grounds
    calibration: str
    date: date


def dials(policy: Policy) -> str:
    """The dials of a policy that bear on what is answered, apart from the threshold that is certified."""
    return f"{', '.join(sorted(policy.answer_intents))}; intent at least {policy.min_intent_confidence:g} sure"


def read(folder: Path) -> Certificate | None:
    """The certificate in the folder of a knowledge base; ``None`` where there is none.

    Raises:
        KnowledgeBaseError: the file is not a certificate.
    """
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Certificate)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise KnowledgeBaseError(f"{path} is no certificate: {error}") from None


def write(folder: Path, certificate: Certificate) -> Path:
    path = folder / FILE
    path.write_bytes(msgspec.json.format(msgspec.json.encode(certificate), indent=2) + b"\n")
    return path


def in_force(policy: Policy, certificate: Certificate | None, now: Grounds) -> Policy:
    """The policy with the certified threshold, or one that answers nothing alone and says why.

    A policy that asks for more than the certificate keeps its ``min_match_confidence``.

    An operator who sets ``answer_uncertified`` answers without proof, above ``min_match_confidence``, where there
    is no certificate at all; one that has been withdrawn stays withdrawn.
    """
    if certificate is None and policy.answer_uncertified:
        return policy
    if reason := _against(certificate, now):
        return replace(policy, withheld=reason)
    proven = (certificate.threshold if certificate else None) or 0.0
    return replace(policy, min_match_confidence=max(proven, policy.min_match_confidence))


def promised(policy: Policy, certificate: Certificate | None) -> float:
    """The largest share of answers that may be wrong, which audits hold the service to.

    Where there is a certificate it says so, in force or not: what was answered was answered under it. The policy's
    ``max_wrong_share`` counts only for answering without one.
    """
    return policy.max_wrong_share if certificate is None else certificate.most_wrong


def _against(certificate: Certificate | None, now: Grounds) -> str:
    if certificate is None:
        return "There is no certificate for this knowledge base."
    then = certificate.grounds
    if then.knowledge_base != now.knowledge_base:
        return "The certificate is for another knowledge base."
    if then.matcher != now.matcher:
        return f"The certificate is for another matcher ({then.matcher})."
    if then.scorer != now.scorer:
        return f"The certificate is for another model ({then.scorer})."
    if then.policy != now.policy:
        return f"The certificate is for another policy ({then.policy})."
    if certificate.threshold is None:
        return "No threshold could be certified for this knowledge base."
    return ""


ready(Certificate)
