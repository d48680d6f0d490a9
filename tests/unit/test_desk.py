"""The desk's words, lists and highlighting, without a server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.desk import possible, words
from app.desk.highlight import Mark, pieces, words_found
from app.desk.listing import TITLES, Kind, Listing
from tests.doubles import NOON, demo_brand
from triage.domain.case import Case, CaseState
from triage.domain.reply import ReplyState
from triage.domain.scores import LABELS, Head, Span
from triage.domain.user import Role, User
from triage.service.cases import CLOSING_REASONS


def _marked(text: str, **reasons: list[tuple[str, float]]) -> dict[str, tuple[Mark, ...]]:
    found = pieces(text, (), {Head(head): why for head, why in reasons.items()})
    return {piece.text: piece.marks for piece in found if piece.marks}


class TestHighlighting:
    def test_words_are_found_ignoring_case_and_as_wholes(self) -> None:
        marked = _marked("REFUND the refunds, Refund!", intent=[("refund", 1.0)])
        assert list(marked) == ["REFUND", "Refund"]

    @pytest.mark.parametrize(
        ("token", "text", "marked"),
        [
            ("don't", "I don’t know", "don’t"),
            ("sooo", "I am soooooo late", "soooooo"),
            ("@user", "hi @MarramAir there", "@MarramAir"),
            ("http://link", "see https://example.org/x?y now", "https://example.org/x?y"),
            ("?", "why?", "?"),
            ("😡", "late 😡", "😡"),
            ("c++", "in c++ now", "c++"),
        ],
    )
    def test_a_token_is_found_as_it_was_before_normalising(self, token: str, text: str, marked: str) -> None:
        assert list(_marked(text, intent=[(token, 1.0)])) == [marked]

    def test_strength_is_relative_to_the_strongest_and_keeps_its_sign(self) -> None:
        marked = _marked("one two three", intent=[("one", 2.0), ("two", -0.9), ("three", 0.1)])
        assert [(mark.step, mark.supports) for (mark,) in marked.values()] == [(3, True), (2, False), (1, True)]

    def test_a_word_may_speak_for_several_heads(self) -> None:
        marked = _marked("stuck", intent=[("stuck", 1.0)], urgency=[("Stuck", -2.0)])
        assert [mark.head for mark in marked["stuck"]] == [Head.INTENT, Head.URGENCY]

    def test_the_longer_of_two_overlapping_tokens_is_marked(self) -> None:
        assert list(_marked("check in now", intent=[("check", 0.2), ("check in", 1.0)])) == ["check in"]

    def test_a_mask_is_not_marked_even_where_its_type_is_a_word_of_the_reasons(self) -> None:
        cut = pieces("my email [EMAIL] now", [Span(9, 16, "EMAIL")], {Head.INTENT: [("email", 1), ("[EMAIL]", 2)]})
        assert [(piece.text, bool(piece.marks), piece.item) for piece in cut] == [
            ("my ", False, None),
            ("email", True, None),
            (" ", False, None),
            ("[EMAIL]", False, "EMAIL"),
            (" now", False, None),
        ]

    def test_cues_are_told_from_words(self) -> None:
        assert words_found("Any refund?", [("refund", 1.0), ("(length)", 0.4), ("any", 0.1)]) == [
            ("refund", 1.0),
            ("any", 0.1),
        ]


class TestWords:
    @pytest.mark.parametrize("head", list(Head))
    def test_every_label_has_words(self, head: Head) -> None:
        for label in LABELS[head]:
            assert words.label(head, label)[0].isupper()

    def test_every_state_and_closing_reason_has_words(self) -> None:
        assert set(words.STATES) == set(CaseState)
        assert set(words.STANDING) == set(CaseState) - {CaseState.CLAIMED, CaseState.MERGED}
        assert set(words.REPLY_STATES) == set(ReplyState)
        assert set(words.CLOSING) == set(CLOSING_REASONS)
        assert set(words.HEADS) == set(Head)

    @pytest.mark.parametrize(
        ("minutes", "said"),
        [
            (-5, "< 1 min"),
            (0.9, "< 1 min"),
            (1, "1 min"),
            (59.9, "59 min"),
            (60, "1 h"),
            (125, "2 h 5 min"),
            (24 * 60 - 1, "23 h 59 min"),
            (24 * 60, "1 day"),
            (24 * 60 * 9.5, "9 days"),
        ],
    )
    def test_waits_are_said_plainly(self, minutes: float, said: str) -> None:
        assert words.span_of_time(timedelta(minutes=minutes)) == said

    def test_no_confidence_is_said_to_be_complete(self) -> None:
        assert words.percent(0.9996) == "99 %"
        assert words.percent(0.425) == "42 %"


class TestLists:
    @pytest.mark.parametrize(
        "listing",
        [*(Listing(kind) for kind in TITLES), Listing(Kind.QUEUE, "baggage"), Listing(Kind.MINE, None, "abc")],
    )
    def test_an_address_leads_back_to_its_list(self, listing: Listing) -> None:
        arguments = {key: value for key, value in listing.arguments.items() if value is not None}
        assert Listing.of(arguments, demo_brand().routing) == listing

    def test_every_list_has_a_title(self) -> None:
        assert set(TITLES) == set(Kind) - {Kind.QUEUE}
        assert Listing(Kind.QUEUE, "baggage").title(demo_brand().routing) == "Baggage"


class TestMovesOnOffer:
    @pytest.mark.parametrize(
        ("state", "owner", "role", "offered"),
        [
            (CaseState.NEW, None, Role.AGENT, set()),
            (CaseState.QUEUED, None, Role.AGENT, {"claim", "transfer", "close"}),
            (CaseState.CLAIMED, "anna", Role.AGENT, {"release", "transfer", "close", "reply"}),
            (CaseState.CLAIMED, "ben", Role.AGENT, set()),
            (CaseState.CLAIMED, "ben", Role.SUPERVISOR, {"release", "transfer", "close", "reply"}),
            (CaseState.WAITING, "anna", Role.AGENT, {"claim", "close"}),
            (CaseState.ANSWERED, None, Role.AGENT, {"claim", "close"}),
            (CaseState.CLOSED, None, Role.AGENT, set()),
        ],
    )
    def test_only_moves_that_would_be_accepted_are_offered(
        self, state: CaseState, owner: str | None, role: Role, offered: set[str]
    ) -> None:
        case = Case(id=1, channel="memory", root="1", state=state, opened_at=NOON, owner=owner)
        moves = possible.moves(case, User(1, "anna", role))
        names = ("claim", "release", "transfer", "close", "reply")
        assert {name for name in names if getattr(moves, name)} == offered
