"""Asking a customer to go on in private: the brand's words, a link that keeps the case, and X's length."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.compose import DEMO_BRAND, compose
from tests.doubles import demo_brand, scores
from triage.brand import load_brand
from triage.domain.decision import Action
from triage.domain.scores import UNSCORED, Intent, PrivacyRisk, Sentiment, Urgency
from triage.errors import ConfigurationError
from triage.policy import Context, Policy, decide, may_ask_to_move
from triage.privacy.guard import Guard
from triage.routing.private import PrivateMessages
from triage.settings import Settings
from triage.text.length import MAX_WEIGHT, weighted_length

DEMO = demo_brand().private
FRESH = Context(addressed=True, with_a_person=False)


@pytest.mark.parametrize("delete", [False, True])
def test_every_text_of_the_demo_brand_fits_passes_the_guard_and_differs(delete: bool) -> None:
    brand = demo_brand()
    texts = {
        brand.private.ready(number, str(number), delete=delete, signature=signature)
        for number in range(200)
        for signature in ("", brand.signature)
    }
    assert len(texts) == 400, "X refuses a text that it has seen before"
    for text in texts:
        assert weighted_length(text) <= MAX_WEIGHT
        Guard(brand.published).check(text)
    phrasings = {text.partition("https://")[0] for text in texts}
    assert len(phrasings) == len(DEMO.texts) * (len(DEMO.delete) if delete else 1)


def test_the_link_opens_a_message_to_the_brand_that_names_the_case_and_nobody() -> None:
    query = parse_qs(urlsplit(DEMO.link_for(81)).query)
    assert query == {"recipient_id": ["2244994945"], "text": ["Case 81"]}
    assert PrivateMessages("https://brand.example/m", ("x",)).link_for(7) == "https://brand.example/m?text=Case%207"


@pytest.mark.parametrize(
    ("link", "of_case_7"),
    [
        ("https://brand.example/app#dm", "https://brand.example/app?text=Case%207#dm"),
        ("https://brand.example/?to=us#/dm", "https://brand.example/?to=us&text=Case%207#/dm"),
        ("https://brand.example/#/dm?new", "https://brand.example/?text=Case%207#/dm?new"),
    ],
)
def test_what_a_link_has_behind_a_hash_stays_at_its_end(link: str, of_case_7: str) -> None:
    private = PrivateMessages(link, ("Please:",))
    assert private.link_for(7) == of_case_7
    assert private.opened_by(private.ready(7, "7", delete=False))
    assert private.opened_by(f"Go on here: {link}")


def test_another_part_of_the_page_is_no_request() -> None:
    private = PrivateMessages("https://brand.example/#/dm", ("Please:",))
    assert not private.opened_by("All our news: https://brand.example/#/news")
    assert not private.opened_by("All about us: https://brand.example/")
    assert PrivateMessages("https://brand.example/dm", ("Please:",)).opened_by("Here: https://brand.example/dm#new")


def test_equal_variants_give_equal_texts() -> None:
    assert DEMO.ready(1, "9", delete=True) == DEMO.ready(1, "9", delete=True)


def test_only_a_post_that_could_be_misused_is_to_be_taken_down() -> None:
    advice = DEMO.delete[0]
    texts = [DEMO.ready(1, str(number), delete=False) for number in range(50)]
    assert not any(advice in text for text in texts)
    assert any(advice in DEMO.ready(1, str(number), delete=True) for number in range(50))


def test_a_text_that_has_the_link_moves_the_case() -> None:
    assert DEMO.opened_by(DEMO.ready(5, "5", delete=False))
    assert not DEMO.opened_by("Please send us a DM.")
    assert not PrivateMessages().opened_by("anything")


@pytest.mark.parametrize("link", ["https://brand.example/dm", "https://m.me/brand", "https://brand.example/?to=dm"])
def test_any_link_of_a_brands_is_found_in_its_own_words(link: str) -> None:
    private = PrivateMessages(link, ("Please:",))
    assert private.opened_by(private.ready(5, "5", delete=False))
    assert private.opened_by(f"Go on here: {link}.")


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/messages/compose?recipient_id=2244994945",
        "x.com/messages/compose?recipient_id=2244994945",
        "http://www.twitter.com/messages/compose/?text=Hello&recipient_id=2244994945",
        "https://mobile.twitter.com/messages/compose?recipient_id=2244994945&welcome_message_id=12",
    ],
)
def test_the_link_counts_however_a_person_writes_it(link: str) -> None:
    assert DEMO.opened_by(f"Please go on here: {link}, so that nobody reads it")
    assert DEMO.opened_by("https://t.co/aB3dE5fG7h", [link])


@pytest.mark.parametrize(
    "text",
    [
        "https://x.com/messages/compose?recipient_id=22449949450",
        "https://x.com/messages/compose",
        "https://x.com.example.org/messages/compose?recipient_id=2244994945",
        "https://x.com/MarramAir?recipient_id=2244994945",
        "messages/compose?recipient_id=2244994945",
    ],
)
def test_a_link_to_anything_else_is_no_request(text: str) -> None:
    assert not DEMO.opened_by(text)
    assert not DEMO.opened_by("https://t.co/aB3dE5fG7h", [text])


def test_what_only_looks_like_a_link_is_none() -> None:
    assert not DEMO.opened_by("", ["https://[x.com/messages/compose?recipient_id=2244994945"])


def test_a_brand_without_link_or_words_offers_none() -> None:
    assert not PrivateMessages("https://brand.example/m").offered
    assert not PrivateMessages("", ("Please:",)).offered
    with pytest.raises(ConfigurationError):
        PrivateMessages().ready(1, "1", delete=False)


def with_private(tmp_path: Path, table: str) -> Path:
    folder = tmp_path / "brand"
    shutil.copytree(DEMO_BRAND, folder)
    path = folder / "brand.toml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[private]"), text.index("[routing]")
    path.write_text(text[:start] + table + "\n" + text[end:], encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        (f'[private]\ntexts = ["{"x" * 250}"]', "combination 1 of texts and delete is 292 characters long"),
        (f'[private]\ntexts = ["ok"]\ndelete = ["{"y" * 260}"]', "combination 2 of texts and delete"),
        ("[private]\nautomatic = true", "automatic needs private_link and texts"),
        ('[private]\ntext = ["ok"]', "text"),
        ('[private]\ntexts = "ok"', "texts"),
    ],
)
def test_texts_that_cannot_be_sent_stop_the_service_with_file_and_field(tmp_path: Path, table: str, wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=f"brand.toml: .*{wrong}"):
        load_brand(with_private(tmp_path, table))


def test_a_request_that_the_guard_would_stop_is_told_of_before_anything_runs(tmp_path: Path) -> None:
    folder = with_private(tmp_path, '[private]\ntexts = ["What is your order number? Or come here:"]')
    with pytest.raises(ConfigurationError, match=r"brand\.toml, private: .*ORDER_NO"):
        _ = compose(Settings(brand=folder)).guard


def test_a_brand_need_not_have_any(tmp_path: Path) -> None:
    assert not load_brand(with_private(tmp_path, "")).private.offered


def verdict(privacy: str, context: Context = FRESH, intent: str = Intent.REFUND_RETURN):
    brand = demo_brand()
    return decide(scores(intent, privacy=privacy), None, brand.policy, brand.routing, context)


@pytest.mark.parametrize(
    ("privacy", "code", "delete"),
    [
        (PrivacyRisk.LOW, "needs_account_data", False),
        (PrivacyRisk.MEDIUM, "exposes", False),
        (PrivacyRisk.HIGH, "exposes_high_risk", True),
    ],
)
def test_a_decision_says_whether_and_why_to_go_on_in_private(privacy: str, code: str, delete: bool) -> None:
    move = verdict(privacy).move
    assert move is not None
    assert (move.code, move.delete) == (code, delete)
    assert move.text.endswith(".")


def test_what_is_harmless_answered_or_closed_moves_nowhere() -> None:
    assert verdict(PrivacyRisk.NONE).move is None
    closed = verdict(PrivacyRisk.LOW, intent=Intent.PRAISE)
    assert (closed.action, closed.move) == (Action.CLOSE, None)
    brand = demo_brand()
    assert decide(UNSCORED, None, brand.policy, brand.routing, FRESH).move is None


def test_who_was_asked_before_is_asked_again_only_for_exposing_again() -> None:
    before = replace(FRESH, in_private=True)
    assert verdict(PrivacyRisk.LOW, before).move is None
    assert verdict(PrivacyRisk.MEDIUM, before).move is not None


@pytest.mark.parametrize(
    ("of", "context", "policy"),
    [
        (scores(Intent.REFUND_RETURN), replace(FRESH, addressed=False), Policy()),
        (scores(Intent.REFUND_RETURN), replace(FRESH, with_a_person=True), Policy()),
        (scores(Intent.REFUND_RETURN), replace(FRESH, answered_since=True), Policy()),
        (scores(Intent.REFUND_RETURN), replace(FRESH, answers_a_person=True), Policy()),
        (scores(Intent.REFUND_RETURN), replace(FRESH, automatic_replies=1), Policy()),
        (scores(Intent.REFUND_RETURN, language="es"), FRESH, Policy()),
        (scores(Intent.REFUND_RETURN), FRESH, Policy(answering=False)),
        (scores(Intent.SERVICE_COMPLAINT, sentiment=Sentiment.NEGATIVE), FRESH, Policy()),
        (scores(Intent.PRAISE), FRESH, Policy()),
    ],
)
def test_the_service_asks_nobody_whom_it_may_not_write_to(of, context: Context, policy: Policy) -> None:
    assert not may_ask_to_move(of, policy, context)


def test_the_service_may_ask_whoever_addresses_the_brand_with_a_need() -> None:
    assert may_ask_to_move(scores(Intent.FRAUD_SECURITY, urgency=Urgency.HIGH), Policy(), FRESH)
