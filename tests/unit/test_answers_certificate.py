from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from triage.answers import certificate
from triage.answers.certificate import FILE, Certificate, Grounds, dials, in_force, promised
from triage.domain.decision import Action, Match
from triage.errors import KnowledgeBaseError
from triage.policy import Context, Policy, decide
from triage.routing.table import RoutingTable

from ..doubles import scores

POLICY = Policy(min_match_confidence=0.7)
NOW = Grounds("model-1", "matcher-1", dials(POLICY), "abc")
GIVEN = Certificate(0.02, 0.95, 0.85, 400, 180, 0, NOW, "f" * 64, dt.date(2026, 11, 26))
ROUTING = RoutingTable({"all": "All"}, {}, "all", "all")
FIRST = Context(addressed=True, with_a_person=False)


def test_a_certificate_is_read_as_it_was_written(tmp_path: Path) -> None:
    certificate.write(tmp_path, GIVEN)
    assert certificate.read(tmp_path) == GIVEN


def test_a_folder_without_a_certificate_has_none(tmp_path: Path) -> None:
    assert certificate.read(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{}", '{"threshold": "high"}', "no json"])
def test_a_broken_certificate_is_refused_with_its_place(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match=FILE):
        certificate.read(tmp_path)


def test_a_certificate_raises_what_the_policy_asks_for() -> None:
    assert in_force(POLICY, GIVEN, NOW) == replace(POLICY, min_match_confidence=0.85)


def test_a_policy_that_asks_for_more_than_the_certificate_gets_more() -> None:
    strict = replace(POLICY, min_match_confidence=0.95)
    assert in_force(strict, GIVEN, NOW) == strict


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"knowledge_base": "abd"}, "another knowledge base"),
        ({"matcher": "matcher-2"}, "another matcher"),
        ({"scorer": "model-2"}, "another model"),
        ({"policy": dials(replace(POLICY, min_intent_confidence=0.1))}, "another policy"),
    ],
)
def test_whatever_changes_withdraws_the_certificate_and_the_reason_says_so(
    changed: dict[str, str], reason: str
) -> None:
    policy = in_force(POLICY, GIVEN, replace(NOW, **changed))
    decision = decide(scores(), Match("hours", 1, 0.99, "when?"), policy, ROUTING, FIRST)
    assert decision.action is Action.QUEUE
    assert [one.code for one in decision.reasons] == ["not_certified"]
    assert f"The certificate is for {reason}" in decision.reasons[0].text


@pytest.mark.parametrize("given", [None, replace(GIVEN, threshold=None)])
def test_without_a_certified_threshold_nothing_is_answered_alone(given: Certificate | None) -> None:
    policy = in_force(POLICY, given, NOW)
    assert decide(scores(), Match("hours", 1, 1.0, "when?"), policy, ROUTING, FIRST).action is Action.QUEUE


def test_an_operator_may_answer_without_proof_but_not_with_a_withdrawn_one() -> None:
    daring = replace(POLICY, answer_uncertified=True)
    assert in_force(daring, None, NOW) == daring
    assert in_force(daring, GIVEN, replace(NOW, knowledge_base="abd")).withheld
    assert in_force(daring, replace(GIVEN, threshold=None), NOW).withheld


def test_audits_hold_to_what_was_certified_and_to_the_dial_only_without_a_certificate() -> None:
    careless = replace(POLICY, max_wrong_share=0.3)
    assert promised(careless, replace(GIVEN, most_wrong=0.05)) == 0.05
    assert promised(careless, None) == 0.3


def test_a_withdrawn_certificate_still_says_what_its_answers_promised() -> None:
    withdrawn = replace(GIVEN, grounds=replace(NOW, matcher="matcher-2"))
    assert in_force(POLICY, withdrawn, NOW).withheld
    assert promised(POLICY, withdrawn) == GIVEN.most_wrong
