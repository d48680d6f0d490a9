"""The agent desk over a real store: every form, what is refused, and what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.desk import board, sign_in
from app.desk.attempts import FREE, Attempts
from app.web import create_app
from tests.browser import marram_air
from tests.browser.marram_air import PASSWORD, DeskProduct, message
from tests.web import lost_replies
from triage.domain.case import CaseState
from triage.domain.event import Event, EventKind
from triage.domain.message import IncomingMessage
from triage.domain.reply import ReplyState
from triage.domain.user import Role
from triage.service.ledger import Ledger
from triage.store.tables import replies

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_KEY = re.compile(r'name="key" value="([^"]+)"')


@dataclass
class Agent:
    """A person at the desk: follows no redirects, sends the token of the page they looked at."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, **fields: str) -> TestResponse:
        fields.setdefault("csrf_token", self.token())
        return self.client.post(path, data=fields)

    def token(self) -> str:
        page = self.client.get("/desk/sign-in", follow_redirects=True).text
        return _TOKEN.search(page)[1]

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.post("/desk/sign-in", name=name, password=password, **fields)

    def follow(self, response: TestResponse) -> str:
        assert response.status_code == 303
        return self.get(response.headers["Location"]).text

    def reply(self, case_id: int, text: str, **fields: str) -> TestResponse:
        key = _KEY.search(self.get(f"/desk/cases/{case_id}").text)
        fields.setdefault("key", key[1] if key else "0123456789abcdef")
        return self.post(f"/desk/cases/{case_id}/reply", text=text, **fields)


@pytest.fixture
def product(new_database: Callable[[str], str]) -> Iterator[DeskProduct]:
    made = marram_air.product(new_database("sqlite"))
    with closing(made.store):
        yield made


@pytest.fixture(scope="module")
def one_app() -> APIFlask:
    """Made once: reading its templates takes longer than any of these tests."""
    return create_app(marram_air.without_a_store())


@pytest.fixture
def app(one_app: APIFlask, product: DeskProduct) -> APIFlask:
    one_app.extensions["product"] = product
    one_app.extensions[sign_in.ATTEMPTS] = Attempts()
    return one_app


@pytest.fixture
def visitor(app: APIFlask) -> Agent:
    return Agent(app.test_client())


def _signed_in(app: APIFlask, name: str) -> Agent:
    agent = Agent(app.test_client())
    assert agent.sign_in(name).status_code == 303
    return agent


@pytest.fixture
def anna(app: APIFlask) -> Agent:
    return _signed_in(app, "anna")


@pytest.fixture
def ben(app: APIFlask) -> Agent:
    return _signed_in(app, "ben")


@pytest.fixture
def refund(product: DeskProduct) -> int:
    """A case that waits in "bookings": a refund, with a booking reference in public."""
    product.receive(message("r1", "@MarramAir Still no REFUND after 3 weeks, booking QX7R2M"))
    return product.case_of("r1")


def _state(product: DeskProduct, case_id: int) -> CaseState:
    with product.store.read() as transaction:
        return transaction.cases.get(case_id).state


def _replies(product: DeskProduct, case_id: int) -> list[tuple[str, str]]:
    with product.store.read() as transaction:
        return [(row.text, row.state) for row in transaction.replies.of_case(case_id)]


class TestSigningIn:
    @pytest.mark.parametrize("path", ["/desk/", "/desk/cases/1", "/desk/?list=mine"])
    def test_every_page_asks_for_a_sign_in_and_comes_back_afterwards(self, visitor: Agent, path: str) -> None:
        asked = visitor.get(path)
        assert asked.status_code == 303
        target = parse_qs(urlsplit(asked.headers["Location"]).query).get("next", ["/desk/"])[0]
        assert target == path
        assert visitor.sign_in("anna", next=target).headers["Location"] == path

    @pytest.mark.parametrize(("name", "password"), [("anna", "wrong password"), ("nobody", PASSWORD), ("", "")])
    def test_a_wrong_name_and_a_wrong_password_are_refused_in_the_same_words(
        self, visitor: Agent, name: str, password: str
    ) -> None:
        refused = visitor.sign_in(name, password)
        assert refused.status_code == 401
        assert "Name or password is not right." in refused.text
        assert PASSWORD not in refused.text
        assert visitor.get("/desk/").status_code == 303

    def test_who_fails_again_and_again_has_to_wait_and_is_told_how_long(
        self, product: DeskProduct, visitor: Agent
    ) -> None:
        for _ in range(FREE):
            assert visitor.sign_in("anna", "wrong password").status_code == 401
        for password in ("wrong password", PASSWORD):
            refused = visitor.sign_in("anna", password)
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
            assert "Too many attempts have failed. Try again in 1 second." in refused.text
            assert visitor.get("/desk/").status_code == 303
        assert Agent(visitor.client.application.test_client()).sign_in("ben").status_code == 303
        product.clock.advance(timedelta(seconds=1))
        assert visitor.sign_in("anna").status_code == 303

    def test_a_program_cannot_sign_in(self, product: DeskProduct, visitor: Agent) -> None:
        product.add("crm", Role.SERVICE)
        assert visitor.sign_in("crm").status_code == 403
        assert visitor.get("/desk/").status_code == 303

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://example.org/desk/",
            "//example.org/desk/",
            "/\\example.org",
            "/desk/\\..\\\\example.org",
            "/desk/\nx",
            "javascript:alert(1)",
            "/api/v1/health",
            "desk/",
        ],
    )
    def test_a_sign_in_never_leads_to_another_place(self, visitor: Agent, elsewhere: str) -> None:
        assert visitor.sign_in("anna", next=elsewhere).headers["Location"] == "/desk/"
        assert visitor.client.get("/desk/sign-in", query_string={"next": elsewhere}).headers["Location"] == "/desk/"

    def test_signing_out_ends_the_session(self, anna: Agent) -> None:
        assert "You have signed out." in anna.follow(anna.post("/desk/sign-out"))
        assert anna.get("/desk/").status_code == 303

    def test_someone_who_may_no_longer_work_cases_is_out_at_once(self, product: DeskProduct, anna: Agent) -> None:
        with product.store.write() as transaction:
            transaction.connection.exec_driver_sql("UPDATE users SET role = 'service' WHERE name = 'anna'")
        assert anna.get("/desk/").status_code == 303

    def test_a_form_sent_after_the_session_ended_changes_nothing_and_says_so(
        self, product: DeskProduct, visitor: Agent, refund: int
    ) -> None:
        asked = visitor.post(f"/desk/cases/{refund}/claim")
        assert "Your session has ended, so nothing was done." in visitor.follow(asked)
        assert _state(product, refund) is CaseState.QUEUED
        back = visitor.sign_in("anna", next=f"/desk/cases/{refund}/claim").headers["Location"]
        assert visitor.get(back).headers["Location"] == f"/desk/cases/{refund}"


class TestProtection:
    @pytest.mark.parametrize("move", ["claim", "release", "transfer", "close", "reply"])
    @pytest.mark.parametrize("token", ["", "forged"])
    def test_a_form_without_the_page_s_token_is_refused(
        self, product: DeskProduct, anna: Agent, refund: int, move: str, token: str
    ) -> None:
        refused = anna.post(f"/desk/cases/{refund}/{move}", csrf_token=token, queue="general", reason="spam")
        assert refused.status_code == 400
        assert "This form is out of date" in refused.text
        assert _state(product, refund) is CaseState.QUEUED

    @pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/sign-out", "/desk/queues/general/next"])
    def test_other_forms_need_the_token_too(self, anna: Agent, path: str) -> None:
        assert anna.post(path, csrf_token="", name="anna", password=PASSWORD).status_code == 400

    def test_the_api_needs_no_token_of_a_page(self, product: DeskProduct, app: APIFlask, refund: int) -> None:
        headers = {"Authorization": f"Bearer {product.add('carla')}"}
        assert app.test_client().post(f"/api/v1/cases/{refund}/claim", headers=headers).status_code == 200

    def test_a_desk_session_does_not_open_the_api(self, anna: Agent, refund: int) -> None:
        assert anna.client.post(f"/api/v1/cases/{refund}/claim").status_code == 401

    @pytest.mark.parametrize("path", ["/desk/", "/desk/sign-in", "/desk/nowhere", "/desk/static/desk.js"])
    def test_every_answer_forbids_what_the_desk_does_not_need(self, visitor: Agent, path: str) -> None:
        headers = visitor.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"

    def test_pages_are_not_kept_by_caches(self, anna: Agent) -> None:
        assert anna.get("/desk/").headers["Cache-Control"] == "no-store"

    def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(self, visitor: Agent) -> None:
        cookie = visitor.sign_in("anna").headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_looking_alone_does_not_prolong_a_session(self, anna: Agent) -> None:
        anna.get("/desk/")
        assert "Set-Cookie" not in anna.get("/desk/").headers

    def test_what_customers_and_agents_write_is_never_markup(self, product: DeskProduct, anna: Agent) -> None:
        product.receive(message("x", "@MarramAir <script>alert(1)</script> <b>bag</b>", author="<i>me</i>"))
        case_id = product.case_of("x")
        anna.post(f"/desk/cases/{case_id}/claim")
        anna.reply(case_id, "<img src=x onerror=alert(2)>")
        page = anna.get(f"/desk/cases/{case_id}").text
        for markup in ("<script>alert", "<b>bag", "<i>me", "<img"):
            assert markup not in page

    def test_the_desk_is_not_part_of_the_api_s_document(self, visitor: Agent) -> None:
        assert not [path for path in visitor.get("/api/v1/openapi.json").json["paths"] if "desk" in path]


class TestLists:
    def test_queues_show_what_waits_and_how_urgent_it_is(self, product: DeskProduct, anna: Agent) -> None:
        product.live_the_hour()
        page = anna.get("/desk/").text
        queues = {
            title: (int(waiting), int(critical or 0), int(high or 0))
            for title, critical, high, waiting in re.findall(
                r'class="title">([^<]+)</span>\s*(?:<span class="count critical"[^>]*>(\d+).*?</span></span>)?\s*'
                r'(?:<span class="count high"[^>]*>(\d+).*?</span></span>)?\s*<span class="number[^>]*>(\d+)',
                page,
            )
        }
        assert queues["Safety, fraud and legal"] == (2, 2, 0)
        assert queues["Other languages"] == (1, 0, 0)
        assert queues["All that wait"][0] == sum(
            length.waiting for length in board.worklist.queues(product.store, product.brand.routing)
        )
        assert queues["All that wait"][1] == 2

    def test_cases_come_most_urgent_first_then_longest_waiting(self, product: DeskProduct, anna: Agent) -> None:
        product.receive(message("a", "@MarramAir my bag please", minutes_ago=50))
        product.clock.advance(timedelta(minutes=1))
        product.receive(message("b", "@MarramAir my suitcase please", minutes_ago=55))
        product.receive(message("c", "@MarramAir suitcase lost, stuck here", minutes_ago=1))
        order = re.findall(r'data-case="(\d+)"', anna.get("/desk/?queue=baggage").text)
        assert [int(case_id) for case_id in order] == [product.case_of(one) for one in ("c", "a", "b")]

    def test_a_line_shows_urgency_intent_wait_language_and_a_masked_message(
        self, product: DeskProduct, anna: Agent, refund: int
    ) -> None:
        product.clock.advance(timedelta(minutes=125))
        page = anna.get("/desk/").text
        line = page[page.index('class="row') : page.index("</li>", page.index('class="row'))]
        for shown in ("High", "Refund or return", "2 h 5 min", ">en<", "Exposes personal data", "[BOOKING_REF]"):
            assert shown in line
        assert "QX7R2M" not in page
        assert "@MarramAir" not in line  # everybody writes to us: that says nothing

    def test_every_kind_of_list_shows_its_own_cases(self, product: DeskProduct, anna: Agent, ben: Agent) -> None:
        product.receive(
            message("queued", "@MarramAir my bag is gone"),
            message("claimed", "@MarramAir my suitcase is gone"),
            message("others", "@MarramAir refund please"),
            message("waiting", "@MarramAir the app crashes"),
            message("answered", "@MarramAir what is the hand luggage allowance?"),
            message("closed", "@MarramAir thank you, lovely crew"),
        )
        case = {
            name: product.case_of(name) for name in ("queued", "claimed", "others", "waiting", "answered", "closed")
        }
        anna.post(f"/desk/cases/{case['claimed']}/claim")
        ben.post(f"/desk/cases/{case['others']}/claim")
        anna.post(f"/desk/cases/{case['waiting']}/claim")
        anna.reply(case["waiting"], "Which version of the app is it?")

        def listed(of: str) -> list[int]:
            return [int(found) for found in re.findall(r'data-case="(\d+)"', anna.get(f"/desk/?{of}").text)]

        assert listed("") == [case["queued"]]
        assert listed("queue=baggage") == [case["queued"]]
        assert listed("queue=digital") == []
        assert listed("list=mine") == [case["claimed"]]
        assert listed("list=waiting") == [case["waiting"]]
        assert listed("list=answered") == [case["answered"]]
        assert listed("list=closed") == [case["closed"]]

    def test_pages_follow_each_other_without_gaps_or_repeats(
        self, product: DeskProduct, anna: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(board, "PAGE", 3)
        product.receive(*(message(f"b{n}", f"@MarramAir bag number {n} is gone") for n in range(8)))
        seen: list[str] = []
        path: str | None = "/desk/?queue=baggage"
        while path:
            page = anna.get(path).text
            seen += re.findall(r'data-case="(\d+)"', page)
            following = re.search(r'<a href="([^"]+)" rel="next"', page)
            path = following[1].replace("&amp;", "&") if following else None
        assert len(seen) == 8
        assert len(set(seen)) == 8

    @pytest.mark.parametrize("query", ["list=nonsense", "queue=nonsense", "cursor=nonsense", "list=queue", "list="])
    def test_an_address_that_makes_no_sense_shows_what_waits(self, anna: Agent, refund: int, query: str) -> None:
        page = anna.get(f"/desk/?{query}")
        assert page.status_code == 200
        assert f'data-case="{refund}"' in page.text

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("", "Nobody is waiting here."),
            ("queue=baggage", "Nobody is waiting here."),
            ("list=mine", "You have no case."),
            ("list=closed", "No cases here yet."),
        ],
    )
    def test_an_empty_list_says_so(self, anna: Agent, query: str, words: str) -> None:
        assert words in anna.get(f"/desk/?{query}").text

    def test_the_home_page_leads_to_the_desk(self, visitor: Agent) -> None:
        assert visitor.get("/").headers["Location"] == "/desk/"


class TestOneCase:
    def test_it_shows_judgements_reasons_and_marks_the_words(self, anna: Agent, refund: int) -> None:
        page = anna.get(f"/desk/cases/{refund}").text
        assert "Refund or return" in page
        assert "Why a person?" in page
        assert "Privacy risk is medium (97% sure): not for the public thread." in page
        assert re.search(r'class="word intent-for-3[^"]*"[^>]*>REFUND<', page)
        assert re.search(r'class="word intent-for-1[^"]*urgency-for-3[^"]*"[^>]*>weeks<', page)
        assert "(length)" in page[page.index("beside the words") :]
        needs = "answering needs account data: the purchase has to be found"
        assert re.search(rf"Risk 0\.\d\d of 1: exposes BOOKING_REF; {needs}\.", page)

    def test_personal_data_is_masked_for_whoever_only_looks(self, anna: Agent, refund: int) -> None:
        for address in (f"/desk/cases/{refund}", f"/desk/cases/{refund}?show=personal"):
            page = anna.get(address).text
            assert "[BOOKING_REF]" in page
            assert "qx7r2m" not in page.lower()
            assert "claim the case to see it" in page
            assert "Show personal data" not in page

    def test_who_has_the_case_may_see_it_once_and_that_is_on_record(self, anna: Agent, refund: int) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        assert "Show personal data" in anna.get(f"/desk/cases/{refund}").text
        answer = anna.post(f"/desk/cases/{refund}/reveal", message="r1", reason="to_answer")
        conversation = answer.text.index('id="thread"')
        assert "QX7R2M" in answer.text[conversation:]
        assert "QX7R2M" not in answer.text[:conversation]  # the list stays masked
        assert answer.headers["Cache-Control"] == "no-store"
        again = anna.get(f"/desk/cases/{refund}").text
        assert "QX7R2M" not in again
        assert "anna saw booking ref · Needed to answer" in again

    def test_nobody_else_may_see_it(self, product: DeskProduct, anna: Agent, ben: Agent, refund: int) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        refused = ben.post(f"/desk/cases/{refund}/reveal", message="r1")
        page = ben.follow(refused)
        assert "is shown to the agent who has it" in page
        assert "QX7R2M" not in page
        with product.store.read() as transaction:
            kinds = [event.kind for event in transaction.events.of_case(refund)]
        assert EventKind.DATA_REVEALED not in kinds

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"message": "q"}, "has no message"),
            ({"message": ""}, "has no message"),
            ({"message": "a\x00"}, "contains a NUL character"),
            ({"message": "r1", "reason": "curious"}, "is not one of"),
        ],
    )
    def test_a_wrong_form_shows_nothing(self, anna: Agent, refund: int, fields: dict[str, str], said: str) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        assert said in anna.follow(anna.post(f"/desk/cases/{refund}/reveal", **fields))

    def test_a_supervisor_sees_any_and_who_saw_what(
        self, product: DeskProduct, app: APIFlask, anna: Agent, refund: int
    ) -> None:
        product.add("sue", Role.SUPERVISOR)
        sue = _signed_in(app, "sue")
        assert "Nobody has looked" in sue.get("/desk/reveals").text
        assert "QX7R2M" in sue.post(f"/desk/cases/{refund}/reveal", message="r1").text
        listed = sue.get("/desk/reveals").text
        assert re.search(rf"<td>sue</td>\s*<td><a [^>]*>Case {refund}</a></td>\s*<td>booking ref</td>", listed)
        assert "Nobody has looked at personal data before that" in sue.get("/desk/reveals?before=1").text
        refused = anna.get("/desk/reveals")
        assert (refused.status_code, "for supervisors to know" in refused.text) == (403, True)
        assert "Who saw what" not in anna.get("/desk/").text

    def test_pictures_are_said_to_be_unsearched(self, product: DeskProduct, anna: Agent, refund: int) -> None:
        note = "Pictures are not searched for personal data."
        assert note not in anna.get(f"/desk/cases/{refund}").text
        product.receive(message("p", "@MarramAir look at this suitcase https://t.co/a1B2c3D4e5"))
        assert note in anna.get(f"/desk/cases/{product.case_of('p')}").text

    def test_the_address_of_a_look_leads_to_the_masked_page(self, anna: Agent, refund: int) -> None:
        assert "QX7R2M" not in anna.follow(anna.get(f"/desk/cases/{refund}/reveal"))

    def test_the_conversation_is_told_oldest_first_with_the_state_of_replies(
        self, product: DeskProduct, anna: Agent
    ) -> None:
        product.receive(message("q", "@MarramAir what is the hand luggage allowance?", minutes_ago=9))
        product.clock.advance(timedelta(minutes=1))
        product.receive(
            message("o", "@500 Welcome aboard", minutes_ago=5, parent="q", inbound=False),
            message("q2", "@MarramAir and my dog?", minutes_ago=-3, parent="q"),
        )
        page = anna.get(f"/desk/cases/{product.case_of('q')}").text
        texts = ["Welcome aboard", "55 x 40 x 20 cm", "dog"]
        assert [page.index(text, page.index('id="thread"')) for text in texts] == sorted(
            page.index(text, page.index('id="thread"')) for text in texts
        )
        assert "outside this desk" in page
        assert "Answered automatically" in page
        assert "withdrawn" in page, "a person answered elsewhere before it left"

    def test_our_own_reply_coming_back_through_the_channel_is_shown_once(
        self, product: DeskProduct, anna: Agent
    ) -> None:
        product.receive(message("q", "@MarramAir what is the hand luggage allowance?"))
        product.send()
        case_id = product.case_of("q")
        with product.store.read() as transaction:
            (sent,) = transaction.replies.of_case(case_id)
        product.receive(message(sent.external_id, sent.text, minutes_ago=-1, parent="q", inbound=False))
        page = anna.get(f"/desk/cases/{case_id}").text
        thread = page[page.index('id="thread"') : page.index('class="answering"')]
        assert thread.count(sent.text) == 1
        assert 'class="reply-state sent"' in page

    def test_suggestions_name_their_source_and_can_be_used_once_the_case_is_claimed(
        self, anna: Agent, refund: int
    ) -> None:
        before = anna.get(f"/desk/cases/{refund}").text
        assert "How long a refund takes" in before
        assert "refund-time · version 2" in before
        assert 'name="use"' not in before
        anna.post(f"/desk/cases/{refund}/claim")
        assert 'name="use" value="refund-time"' in anna.get(f"/desk/cases/{refund}").text
        filled = anna.get(f"/desk/cases/{refund}?use=refund-time").text
        assert re.search(r"<textarea[^>]*>A refund reaches your account", filled)
        assert 'id="snippet" value="refund-time"' in filled

    @pytest.mark.parametrize("number", ["999", "99999999999999999999999999", "nonsense", "-1"])
    def test_a_case_that_does_not_exist_has_a_helpful_page(self, anna: Agent, number: str) -> None:
        page = anna.get(f"/desk/cases/{number}")
        assert page.status_code == 404
        assert page.mimetype == "text/html"
        assert "Go to the list of cases" in page.text
        assert anna.post(f"/desk/cases/{number}/close", reason="spam").status_code < 500
        assert anna.post(f"/desk/cases/{number}/reply", text="Hello", key="k" * 22).status_code < 500

    def test_a_merged_case_leads_to_the_one_it_is_part_of(self, product: DeskProduct, anna: Agent) -> None:
        product.receive(message("child", "@MarramAir my bag is gone", parent="parent"))
        product.receive(message("other", "@MarramAir my bag, again", parent="root"))
        first, second = product.case_of("child"), product.case_of("other")
        product.receive(message("parent", "@MarramAir hello", parent="root", minutes_ago=30))
        merged = anna.get(f"/desk/cases/{second}?queue=baggage")
        assert merged.status_code == 303
        assert merged.headers["Location"] == f"/desk/cases/{first}?queue=baggage"
        late = anna.follow(anna.post(f"/desk/cases/{second}/claim"))
        assert "Redirecting" in late
        assert f"is now part of case {first}" in anna.get(f"/desk/cases/{first}").text


class TestMoves:
    def test_of_two_agents_who_claim_one_wins_and_the_other_is_told(
        self, product: DeskProduct, anna: Agent, ben: Agent, refund: int
    ) -> None:
        assert "It is yours now." in anna.follow(anna.post(f"/desk/cases/{refund}/claim"))
        told = ben.follow(ben.post(f"/desk/cases/{refund}/claim"))
        assert f"Case {refund} is with anna already." in told
        assert "anna has this case." in told
        assert '<form class="reply"' not in told
        with product.store.read() as transaction:
            assert transaction.cases.get(refund).owner == "anna"

    def test_claiming_the_next_takes_the_most_urgent_of_the_queue(self, product: DeskProduct, anna: Agent) -> None:
        product.receive(message("a", "@MarramAir bag gone"), message("b", "@MarramAir bag gone, stuck here"))
        taken = anna.post("/desk/queues/baggage/next")
        assert taken.headers["Location"] == f"/desk/cases/{product.case_of('b')}?queue=baggage"
        anna.post("/desk/queues/baggage/next")
        assert "Nothing waits in this queue any more." in anna.follow(anna.post("/desk/queues/baggage/next"))
        assert "is not one of" in anna.follow(anna.post("/desk/queues/nonsense/next"))

    def test_releasing_puts_the_case_back(self, product: DeskProduct, anna: Agent, refund: int) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        after = anna.post(f"/desk/cases/{refund}/release?queue=bookings")
        assert after.headers["Location"] == "/desk/?queue=bookings"
        assert f"Case {refund} is back in its queue." in anna.follow(after)
        assert _state(product, refund) is CaseState.QUEUED

    def test_transferring_moves_the_case_to_another_queue(self, product: DeskProduct, anna: Agent, refund: int) -> None:
        assert "went to “Baggage”" in anna.follow(anna.post(f"/desk/cases/{refund}/transfer", queue="baggage"))
        with product.store.read() as transaction:
            assert transaction.cases.get(refund).queue == "baggage"
        assert "is not one of" in anna.follow(anna.post(f"/desk/cases/{refund}/transfer", queue="nonsense"))

    def test_closing_needs_a_reason(self, product: DeskProduct, anna: Agent, refund: int) -> None:
        assert "is not one of" in anna.follow(anna.post(f"/desk/cases/{refund}/close", reason=""))
        assert _state(product, refund) is CaseState.QUEUED
        assert f"Case {refund} is closed." in anna.follow(anna.post(f"/desk/cases/{refund}/close", reason="resolved"))
        assert _state(product, refund) is CaseState.CLOSED
        assert "It opens again when the customer writes." in anna.get(f"/desk/cases/{refund}").text

    def test_nobody_moves_what_somebody_else_has(
        self, product: DeskProduct, anna: Agent, ben: Agent, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        for move, fields in (("release", {}), ("transfer", {"queue": "general"}), ("close", {"reason": "spam"})):
            assert "is with anna" in ben.follow(ben.post(f"/desk/cases/{refund}/{move}", **fields))
        assert ben.reply(refund, "Hello").status_code == 409
        with product.store.read() as transaction:
            assert transaction.cases.get(refund).owner == "anna"

    def test_a_supervisor_may_act_for_others(
        self, product: DeskProduct, app: APIFlask, anna: Agent, refund: int
    ) -> None:
        product.add("sue", Role.SUPERVISOR)
        anna.post(f"/desk/cases/{refund}/claim")
        sue = _signed_in(app, "sue")
        page = sue.get(f"/desk/cases/{refund}").text
        assert 'data-move="release"' in page
        assert "anna has this case. As a supervisor you can reply in their place." in page
        assert "reply in their place" not in anna.get(f"/desk/cases/{refund}").text
        sue.post(f"/desk/cases/{refund}/release")
        assert _state(product, refund) is CaseState.QUEUED

    def test_a_move_on_a_case_that_went_on_meanwhile_is_refused_in_plain_words(
        self, anna: Agent, ben: Agent, refund: int
    ) -> None:
        for agent in (anna, ben):
            agent.post(f"/desk/cases/{refund}/claim")
        assert "is on its way" in anna.follow(anna.reply(refund, "We are on it."))
        told = ben.reply(refund, "We are on it, too.")
        assert f"Case {refund} waits for the customer now; claim it first." in told.text
        for move in ("release", "transfer"):
            told = ben.follow(ben.post(f"/desk/cases/{refund}/{move}", queue="general"))
            assert f"Case {refund} waits for the customer now; claim it first." in told
        anna.post(f"/desk/cases/{refund}/close", reason="resolved")
        assert f"Case {refund} is closed." in ben.follow(ben.post(f"/desk/cases/{refund}/claim"))

    @pytest.mark.parametrize("move", ["claim", "release", "transfer", "close", "reply"])
    def test_asking_again_for_a_form_s_address_shows_the_case(self, anna: Agent, refund: int, move: str) -> None:
        shown = anna.get(f"/desk/cases/{refund}/{move}?list=mine")
        assert shown.headers["Location"] == f"/desk/cases/{refund}?list=mine"


class TestReplying:
    def test_a_reply_is_committed_and_shown_as_pending_then_as_sent(
        self, product: DeskProduct, anna: Agent, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        page = anna.follow(anna.reply(refund, "Sorry for the wait. We are looking into it."))
        assert "Your reply is on its way." in page
        assert 'class="reply-state pending"' in page
        assert _replies(product, refund) == [("Sorry for the wait. We are looking into it.", ReplyState.PENDING)]
        assert _state(product, refund) is CaseState.WAITING
        product.send()
        assert 'class="reply-state sent"' in anna.get(f"/desk/cases/{refund}").text

    @pytest.mark.parametrize(
        ("text", "snippet", "noted"),
        [
            ("A refund reaches your account after 5 to 7 working days.", "refund-time", "refund-time"),
            ("Sorry! A refund reaches you after 7 working days, says my account. ^AN", "refund-time", "refund-time"),
            ("Your bag has been found in Faro.", "refund-time", None),
            ("A refund reaches your account after 5 to 7 working days.", "nope", None),
            ("A refund reaches your account after 5 to 7 working days.", "", None),
        ],
    )
    def test_a_reply_is_noted_as_made_from_a_suggestion_while_it_still_has_its_words(
        self, product: DeskProduct, anna: Agent, refund: int, text: str, snippet: str, noted: str | None
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        assert "Your reply is on its way." in anna.follow(anna.reply(refund, text, snippet=snippet, seen="r1"))
        with product.store.read() as transaction:
            assert transaction.replies.of_case(refund)[0].snippet == noted

    def test_a_double_click_sends_once_and_both_answers_say_sent(
        self, product: DeskProduct, anna: Agent, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        for _ in range(2):
            assert "Your reply is on its way." in anna.follow(anna.reply(refund, "On it.", key="k" * 22))
        assert len(_replies(product, refund)) == 1

    def test_every_form_has_a_key_of_its_own(self, anna: Agent, refund: int) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        keys = {_KEY.search(anna.get(f"/desk/cases/{refund}").text)[1] for _ in range(3)}
        assert len(keys) == 3

    def test_what_the_guard_stops_is_said_beside_the_form_and_the_text_is_kept(
        self, product: DeskProduct, anna: Agent, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        text = "Please reply here with your email address"
        refused = anna.reply(refund, text, key="k" * 22)
        assert refused.status_code == 422
        assert re.search(r'role="alert" id="refusal">Not sent: [^<]*EMAIL', refused.text)
        assert re.search(rf"<textarea[^>]*>{text}</textarea>", refused.text)
        assert 'name="key" value="' + "k" * 22 in refused.text
        assert _replies(product, refund) == []
        assert "Your reply is on its way." in anna.follow(anna.reply(refund, "Please send us a DM.", key="k" * 22))

    @pytest.mark.parametrize(
        ("text", "words"),
        [("x" * 281, "is 281 characters long as X counts; at most 280 fit"), ("  ", "Not sent: the reply is empty")],
    )
    def test_a_reply_of_a_wrong_length_is_refused_and_kept(
        self, product: DeskProduct, anna: Agent, refund: int, text: str, words: str
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        refused = anna.reply(refund, text)
        assert refused.status_code == 422
        assert words in refused.text
        assert f">{text.strip()}</textarea>" in refused.text
        assert _replies(product, refund) == []

    def test_line_ends_count_once(self, product: DeskProduct, anna: Agent, refund: int) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        anna.reply(refund, "First\r\nsecond")
        assert _replies(product, refund)[0][0] == "First\nsecond"

    def test_replying_needs_a_claim_and_a_text_that_could_not_go_is_not_lost(
        self, product: DeskProduct, anna: Agent, refund: int
    ) -> None:
        assert "Claim the case to reply." in anna.get(f"/desk/cases/{refund}").text
        refused = anna.reply(refund, "We are on it")
        assert refused.status_code == 409
        assert "claim it first" in refused.text
        assert re.search(r"<textarea[^>]*readonly>We are on it</textarea>", refused.text)
        assert _replies(product, refund) == []

    @pytest.mark.parametrize("key", ["", "short", "k" * 200, "with spaces in it, and more"])
    def test_a_form_that_this_page_did_not_make_is_refused(
        self, product: DeskProduct, anna: Agent, refund: int, key: str
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        assert anna.reply(refund, "Hello", key=key).status_code == 422
        assert _replies(product, refund) == []

    def test_a_failed_reply_shows_its_problem(self, product: DeskProduct, anna: Agent, refund: int) -> None:
        from triage.channels.memory import MemoryChannel
        from triage.errors import GiveUp

        product.__dict__["channel"] = MemoryChannel(marram_air.CHANNEL, [GiveUp("the author restricts replies")])
        anna.post(f"/desk/cases/{refund}/claim")
        anna.reply(refund, "We are on it")
        product.send()
        page = anna.get(f"/desk/cases/{refund}").text
        assert 'class="reply-state failed"' in page
        assert "the author restricts replies" in page

    def test_claiming_withdraws_an_automatic_answer_that_has_not_left(self, product: DeskProduct, anna: Agent) -> None:
        product.receive(message("q", "@MarramAir what is the hand luggage allowance?"))
        page = anna.follow(anna.post(f"/desk/cases/{product.case_of('q')}/claim"))
        assert "withdrawn" in page


class TestGuardAndPrivate:
    BAD = "We will call you on 07700 900123 today."
    WHY = "The depot's own line, on every label."

    def test_an_agent_is_offered_no_release_and_a_supervisor_is(
        self, product: DeskProduct, anna: Agent, app: APIFlask, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        product.add("sue", Role.SUPERVISOR)
        assert 'name="release"' not in anna.reply(refund, self.BAD).text
        sue = _signed_in(app, "sue")
        assert 'name="release"' not in sue.get(f"/desk/cases/{refund}").text
        assert 'name="release"' in sue.reply(refund, self.BAD).text
        assert _replies(product, refund) == []

    def test_an_agent_who_sends_a_release_all_the_same_is_refused(
        self, product: DeskProduct, anna: Agent, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        assert anna.reply(refund, self.BAD, release=self.WHY).status_code == 403
        product.send()
        assert product.channel.sent == {}

    def test_a_supervisor_releases_with_a_reason_that_is_kept_and_shown(
        self, product: DeskProduct, anna: Agent, app: APIFlask, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        product.add("sue", Role.SUPERVISOR)
        sue = _signed_in(app, "sue")
        wrong = sue.reply(refund, self.BAD, release="ring 07700 900123")
        assert "Not released: the reason may not hold personal data itself (PHONE)" in wrong.text
        assert "Your reply is on its way." in sue.follow(sue.reply(refund, self.BAD, release=self.WHY))
        product.send()
        assert [reply.text for reply in product.channel.sent.values()] == [self.BAD]
        assert "Let go by sue" in anna.get(f"/desk/cases/{refund}").text

    def test_a_reply_stopped_on_its_way_out_is_shown_with_types_and_can_be_released(
        self, product: DeskProduct, anna: Agent, app: APIFlask, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        product.add("sue", Role.SUPERVISOR)
        anna.reply(refund, "We are looking into it.")
        with product.store.write() as transaction:
            transaction.connection.execute(sa.update(replies).values(text=self.BAD))
        product.send()
        page = anna.get(f"/desk/cases/{refund}").text
        assert "stopped by the guard" in page
        assert "may not contain personal data: PHONE" in page
        assert "Let it go" not in page
        number = re.search(r"/replies/(\d+)/release", _signed_in(app, "sue").get(f"/desk/cases/{refund}").text)[1]
        path = f"/desk/cases/{refund}/replies/{number}/release"
        assert "supervisor" in anna.follow(anna.post(path, reason=self.WHY))
        sue = _signed_in(app, "sue")
        assert "on its way after all" in sue.follow(sue.post(path, reason=self.WHY))
        product.send()
        assert [reply.text for reply in product.channel.sent.values()] == [self.BAD]

    def test_one_click_moves_a_case_to_private_and_the_case_says_so(
        self, product: DeskProduct, anna: Agent, refund: int
    ) -> None:
        anna.post(f"/desk/cases/{refund}/claim")
        page = anna.get(f"/desk/cases/{refund}").text
        form = re.search(rf'action="/desk/cases/{refund}/private[^"]*".*?</form>', page, re.DOTALL)[0]
        fields = {name: re.search(rf'name="{name}" value="([^"]+)"', form)[1] for name in ("key", "seen")}
        again = [anna.post(f"/desk/cases/{refund}/private", **fields) for _ in range(2)]
        assert "asked to go on in a private message" in anna.follow(again[0])
        product.send()
        (sent,) = [reply.text for reply in product.channel.sent.values()]
        assert f"recipient_id=2244994945&text=Case%20{refund}" in sent
        page = anna.get(f"/desk/cases/{refund}").text
        assert f"Case {refund}" in page
        assert ">In private<" in page


def test_an_error_of_ours_shows_a_page_and_not_its_details(
    app: APIFlask, anna: Agent, refund: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a detail nobody should read")

    monkeypatch.setattr("app.desk.pages.conversation.of", fail)
    page = anna.get(f"/desk/cases/{refund}")
    assert page.status_code == 500
    assert page.mimetype == "text/html"
    assert "detail nobody" not in page.text


class TestAudit:
    """Looking at automatic answers afterwards."""

    @pytest.fixture
    def answered(self, product: DeskProduct) -> list[str]:
        """Ids of answered messages that are all to be looked at."""
        brand = product.brand
        product.__dict__["brand"] = replace(brand, policy=replace(brand.policy, audit_share=1.0))
        ids = ["h1", "h2", "h3"]
        product.receive(*(message(one, "@MarramAir what is the hand luggage allowance?", author=one) for one in ids))
        product.send()
        return ids

    def test_nothing_waits_at_first(self, anna: Agent) -> None:
        page = anna.get("/desk/audit").text
        assert "No automatic answer waits for a verdict." in page
        assert "No verdict yet" in page

    def test_message_answer_and_snippet_are_shown_and_a_click_gives_the_verdict(
        self, anna: Agent, answered: list[str]
    ) -> None:
        page = anna.get("/desk/audit").text
        assert page.count("what is the hand luggage allowance?") == 3
        assert "One cabin bag up to 10 kg" in page
        assert "Snippet hand-luggage, version 2" in page
        numbers = re.findall(r'data-audit="(\d+)"', page)
        after = anna.follow(anna.post(f"/desk/audit/{numbers[0]}", verdict="right"))
        assert "Wrong: 0 of 1 (0.0 %, 95 % interval 0.0 to 97.5 %). At most 2.0 % may be." in after
        assert re.findall(r'data-audit="(\d+)"', after) == numbers[1:]
        again = anna.follow(anna.post(f"/desk/audit/{numbers[0]}", verdict="wrong"))
        assert "waits for no verdict" in again
        assert "is not one of right, wrong, unsure" in anna.follow(anna.post(f"/desk/audit/{numbers[1]}", verdict="x"))

    def test_a_stop_is_said_and_a_supervisor_alone_can_end_it(
        self, product: DeskProduct, app: APIFlask, anna: Agent, answered: list[str]
    ) -> None:
        product.add("sue", Role.SUPERVISOR)
        for number in re.findall(r'data-audit="(\d+)"', anna.get("/desk/audit").text):
            anna.post(f"/desk/audit/{number}", verdict="wrong")
        page = anna.get("/desk/audit").text
        assert "Automatic answers have stopped by themselves" in page
        assert "Switch automatic answers on again" not in page
        assert "a supervisor may" in anna.follow(anna.post("/desk/answering/resume"))
        sue = _signed_in(app, "sue")
        assert "Switch automatic answers on again" in sue.get("/desk/audit").text
        ended = sue.follow(sue.post("/desk/answering/resume"))
        assert "Automatic answers are on again." in ended
        assert "have stopped by themselves" not in ended

    def test_the_case_of_a_customer_who_opted_out_says_so(self, product: DeskProduct, anna: Agent) -> None:
        product.receive(message("s", "@MarramAir stop messaging me"), message("o", "@MarramAir refund", author="9"))
        note = "wants no automatic replies"
        assert note in anna.get(f"/desk/cases/{product.case_of('s')}").text
        assert note not in anna.get(f"/desk/cases/{product.case_of('o')}").text


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-reply="(\d+)"', page)]


class TestStuckReplies:
    @pytest.fixture
    def lost(self, product: DeskProduct, anna: Agent, refund: int) -> int:
        """A reply of Anna's of which nobody knows whether it went out."""
        anna.post(f"/desk/cases/{refund}/claim")
        anna.reply(refund, "We have asked our bank, and write again tomorrow.")
        with product.store.write() as transaction:
            update = sa.update(replies).values(state=ReplyState.AMBIGUOUS.value, problem="the answer was lost")
            transaction.connection.execute(update)
            return transaction.connection.scalars(sa.select(replies.c.id)).one()

    def test_the_board_counts_them_and_leads_to_the_page(self, anna: Agent, lost: int) -> None:
        assert re.search(r'id="stuck" href="/desk/stuck".*?<span class="number">1<', anna.get("/desk/").text, re.DOTALL)
        page = anna.get("/desk/stuck").text
        assert "We have asked our bank" in page
        assert "Nobody can tell whether it went out. The answer was lost." in page

    def test_without_any_the_page_says_so(self, anna: Agent) -> None:
        assert "No reply is stuck." in anna.get("/desk/stuck").text
        assert '<span class="number faint">0' in anna.get("/desk/").text

    def test_it_is_there(self, product: DeskProduct, anna: Agent, refund: int, lost: int) -> None:
        done = anna.follow(anna.post(f"/desk/stuck/{lost}/found", post="memory-7"))
        assert "Noted: the reply is there." in done
        assert [state for _, state in _replies(product, refund)] == ["sent"]

    def test_it_is_not_there_is_for_supervisors_and_whoever_has_the_case(
        self, app: APIFlask, product: DeskProduct, anna: Agent, refund: int, lost: int
    ) -> None:
        assert f"/desk/stuck/{lost}/again" not in anna.get("/desk/stuck").text
        assert "only a supervisor" in anna.follow(anna.post(f"/desk/stuck/{lost}/again")).lower()
        product.add("sam", Role.SUPERVISOR)
        sam = _signed_in(app, "sam")
        assert f"/desk/stuck/{lost}/again" in sam.get("/desk/stuck").text
        assert "The reply is sent again." in sam.follow(sam.post(f"/desk/stuck/{lost}/again"))
        product.send()
        assert [state for _, state in _replies(product, refund)] == ["sent"]

    def test_it_is_dropped(self, product: DeskProduct, anna: Agent, refund: int, lost: int) -> None:
        assert "The reply is not sent any more." in anna.follow(anna.post(f"/desk/stuck/{lost}/drop"))
        assert [state for _, state in _replies(product, refund)] == ["cancelled"]
        assert _state(product, refund) is CaseState.QUEUED
        again = anna.follow(anna.post(f"/desk/stuck/{lost}/drop"))
        assert f"Reply {lost} is cancelled now." in again

    def test_a_page_has_fifty_and_a_link_to_the_earlier_ones(
        self, product: DeskProduct, anna: Agent, refund: int, lost: int
    ) -> None:
        ids = [lost, *lost_replies(product.store, lost, 50)]
        first = anna.get("/desk/stuck").text
        assert shown(first) == ids[:0:-1]
        assert f'href="/desk/stuck?before={ids[1]}"' in first
        second = anna.get(f"/desk/stuck?before={ids[1]}").text
        assert shown(second) == [lost]
        assert "Earlier ones" not in second
        assert "No reply is stuck before that." in anna.get(f"/desk/stuck?before={lost}").text

    @pytest.mark.parametrize("page", ["stuck", "reveals"])
    @pytest.mark.parametrize("before", ["9" * 30, str(2**63), "9" * 5000, "-1", "0", "1.5", "²", "x", ""])
    def test_a_place_that_no_list_has_is_said_to_be_none(
        self, product: DeskProduct, app: APIFlask, page: str, before: str
    ) -> None:
        product.add("sue", Role.SUPERVISOR)
        sue = _signed_in(app, "sue")
        refused = sue.get(f"/desk/{page}?before={before}")
        assert refused.status_code == 422
        assert "“before” in the address is no place in this list" in refused.text
        assert sue.get(f"/desk/{page}?before={2**63 - 1}").status_code == 200

    @pytest.mark.parametrize("move", ["found", "again", "drop"])
    def test_a_form_without_the_page_s_token_is_refused(
        self, product: DeskProduct, anna: Agent, refund: int, lost: int, move: str
    ) -> None:
        anna.post(f"/desk/stuck/{lost}/{move}", csrf_token="forged")
        assert [state for _, state in _replies(product, refund)] == ["ambiguous"]

    def test_personal_data_in_a_reply_or_its_problem_is_masked(
        self, product: DeskProduct, anna: Agent, lost: int
    ) -> None:
        with product.store.write() as transaction:
            told = {"text": "Write to jo.marsh@example.org", "problem": "refused: jo.marsh@example.org"}
            transaction.connection.execute(sa.update(replies).values(**told))
        page = anna.get("/desk/stuck").text
        assert "jo.marsh" not in page
        assert "[EMAIL]" in page


class TestLegs:
    """A case with a public and a private leg."""

    @pytest.fixture
    def both(self, product: DeskProduct) -> int:
        """Asked in public, answered in private: a case of X, in which the private message is the last."""
        public = IncomingMessage("x", "71", "555", True, product.clock.now(), "@MarramAir still no refund")
        product.receive(public)
        with product.store.write() as transaction:
            (case,) = transaction.cases.all().values()
            ledger = Ledger(transaction, [case.id])
            data = {"kind": "automatic", "code": "by_choice"}
            ledger.add(Event(case.id, product.clock.now(), EventKind.MOVED_TO_PRIVATE, data=data))
            ledger.commit()
        product.clock.advance(timedelta(minutes=1))
        written = IncomingMessage("x-private", "72", "555", True, product.clock.now(), "it was for 3 weeks")
        own = IncomingMessage("x-private", "73", "9", False, product.clock.now(), "Hello!", addressee_id="555")
        product.receive(written, own)
        return case.id

    def _sent(self, product: DeskProduct, case_id: int) -> list[tuple[str, str]]:
        with product.store.read() as transaction:
            return [(row.channel, row.in_reply_to) for row in transaction.replies.of_case(case_id)]

    def test_what_is_private_is_marked_and_what_is_public_is_not(
        self, anna: Agent, both: int, product: DeskProduct
    ) -> None:
        page = anna.get(f"/desk/cases/{both}").text
        for text, private in (("still no refund", False), ("it was for 3 weeks", True), ("Hello!", True)):
            article = next(part for part in page.split("<article")[1:] if text in re.sub("<[^>]+>", "", part))
            assert (">private<" in article.split("</article>")[0]) == private, text

    def test_the_composer_says_where_the_reply_goes_and_begins_with_the_leg_of_the_last_message(
        self, anna: Agent, both: int
    ) -> None:
        anna.post(f"/desk/cases/{both}/claim")
        page = anna.get(f"/desk/cases/{both}").text
        private, public = re.findall(r'<input type="radio" name="leg" value="(\w+)"[^>]*?(checked)?> ([^<]+)<', page)
        assert private == ("private", "checked", "Private message")
        assert public == ("public", "", "Public reply on X, everyone can read it")
        assert 'data-limit="10000"' in page
        assert "Move to private" not in page

    @pytest.mark.parametrize(("leg", "sent"), [("private", ("x-private", "72")), ("public", ("x", "71")), ("", None)])
    def test_the_reply_goes_where_its_writer_says(
        self, product: DeskProduct, anna: Agent, both: int, leg: str, sent: tuple[str, str] | None
    ) -> None:
        anna.post(f"/desk/cases/{both}/claim")
        answer = anna.reply(both, "We look into it.", seen="72", leg=leg)
        word = "private message" if leg == "private" else "reply"
        assert f"Your {word} is on its way." in anna.follow(answer)
        assert self._sent(product, both) == [sent or ("x-private", "72")]

    def test_a_refused_draft_stays_on_the_leg_that_it_was_meant_for(
        self, product: DeskProduct, anna: Agent, both: int
    ) -> None:
        anna.post(f"/desk/cases/{both}/claim")
        product.clock.advance(timedelta(minutes=1))
        again = IncomingMessage("x", "74", "555", True, product.clock.now(), "@MarramAir hello?", "71")
        product.receive(again)
        refused = anna.reply(both, "Your code is QX7KZP.", seen="72", leg="private")
        assert refused.status_code == 409
        assert re.search(r'value="private"[^>]*checked', refused.text)
        assert self._sent(product, both) == []

    def test_a_case_that_is_all_private_offers_no_public_reply(self, product: DeskProduct, anna: Agent) -> None:
        written = IncomingMessage("x-private", "82", "556", True, product.clock.now(), "still no refund")
        product.receive(written)
        case_id = product.case_of("82", "x-private")
        anna.post(f"/desk/cases/{case_id}/claim")
        page = anna.get(f"/desk/cases/{case_id}").text
        assert '<input type="hidden" name="leg" value="private">' in page
        assert ">Private message</label>" in page
        assert "Public reply" not in page
        assert anna.reply(case_id, "hello", seen="82", leg="public").status_code == 409
