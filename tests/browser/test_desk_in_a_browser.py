"""The agent desk as people use it: in a real browser, over a real server, without one complaint of the browser's."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from waitress.server import create_server

from app.web import create_app
from tests.browser import marram_air
from tests.browser.marram_air import PASSWORD, DeskProduct, message
from triage.channels.x.watch import Source
from triage.domain.message import IncomingMessage
from triage.domain.user import Role
from triage.text.length import weighted_length

CHROMIUM = Path(os.environ.get("TRIAGE_CHROMIUM", "/usr/bin/chromium"))
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_REFUND = "m2"  # of tests/browser/marram_air.py
_WHEELCHAIR = "m11"

_TEXTS = (
    "",
    "  spaces around  ",
    "See https://example.org/a/very/long/path?with=arguments and http://x.org too",
    "日本語のテキスト",
    "Sorry 😢 👩‍👩‍👧‍👦 🇵🇹 👍🏽 ❤️ 1️⃣",
    "cafe\u0301 and café — “quotes” … ‹x›",
    "x" * 281,
    "first\nsecond",
)

#: WCAG 2.2, relative luminance and contrast, for every element that shows text of its own.
_POOR_CONTRAST = """
() => {
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a), a: 1,
  });
  const ground = (element) => {
    if (!element) return { r: 255, g: 255, b: 255, a: 1 };
    const own = parse(getComputedStyle(element).backgroundColor);
    return own.a === 1 ? own : over(own, ground(element.parentElement));
  };
  const light = ({ r, g, b }) => [[r, 0.2126], [g, 0.7152], [b, 0.0722]].reduce((sum, [value, weight]) => {
    const share = value / 255;
    return sum + weight * (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  }, 0);
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!says || !element.checkVisibility() || element.closest(".unseen, .skip, :disabled")) continue;
    const back = ground(element);
    const [one, other] = [light(over(parse(getComputedStyle(element).color), back)), light(back)];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)} ${element.className} ${element.textContent.trim()}`);
  }
  return found;
}
"""
_WITHOUT_A_NAME = """
() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a, summary")]
  .filter((one) => !(one.labels?.length || one.textContent.trim() || one.getAttribute("aria-label")))
  .map((one) => one.outerHTML)
"""


@dataclass
class Desk:
    """A served desk, and one context per person who looks at it."""

    url: str
    product: DeskProduct
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def visit(self, *, width: int = 1280, height: int = 800, dark: bool = False, scripts: bool = True) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            base_url=self.url,
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: said.type in ("error", "warning") and self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._note_failure)
        return page

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a list that was being refreshed when the page was left
            self.complaints.append(f"{request.url}: {request.failure}")

    def signed_in(self, name: str = "anna", **how: object) -> Page:
        page = self.visit(**how)
        self.sign_in(page, name)
        return page

    def sign_in(self, page: Page, name: str) -> None:
        page.goto("/")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        page.wait_for_load_state()

    def open(self, page: Page, external_id: str) -> None:
        page.goto(f"/desk/cases/{self.product.case_of(external_id)}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing = f"no Chromium at {CHROMIUM} (TRIAGE_CHROMIUM)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def app() -> APIFlask:
    made = create_app(marram_air.without_a_store())
    made.config["DESK_REFRESH_SECONDS"] = 0.3
    return made


@pytest.fixture
def desk(browser: Browser, app: APIFlask, new_database: Callable[[str], str]) -> Iterator[Desk]:
    """An hour of traffic, decided; at the end the browser must have had nothing to complain of."""
    product = marram_air.product(new_database("sqlite"))
    product.live_the_hour()
    app.extensions["product"] = product
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    served = Desk(f"http://127.0.0.1:{server.effective_port}", product, browser)
    with closing(product.store):
        yield served
        for context in served.contexts:
            context.close()
        server.trigger.pull_trigger(server.close)  # closed in its own thread, which is using it
        thread.join(timeout=5)
    assert served.complaints == []


def _press(page: Page, key: str) -> None:
    """Press a key once the page's script listens: it runs before the page counts as loaded, not before it is shown."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def _ground(page: Page, word: str) -> float:
    """How strongly a word of the conversation is marked, from 0 to 1."""
    marked = page.locator(".word", has_text=re.compile(f"^{word}$")).first
    color = str(marked.evaluate("one => getComputedStyle(one).backgroundColor"))
    parts = re.findall(r"[\d.]+", color)
    return float(parts[3]) if len(parts) == 4 else 1.0


def test_an_agent_signs_in_claims_answers_from_a_suggestion_and_sees_it_go_out(desk: Desk) -> None:
    page = desk.signed_in()
    page.get_by_role("link", name="Bookings and refunds").first.click()
    page.get_by_role("link", name="Refund or return").click()
    expect(page.get_by_text("Why a person?")).to_be_visible()
    expect(page.get_by_text("[BOOKING_REF]").last).to_be_visible()
    assert "QX7R2M" not in page.content()
    assert _ground(page, "refund") > _ground(page, "still") > 0

    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_text("It is yours now.")).to_be_visible()
    page.get_by_role("button", name="Use “How long a refund takes”").click()
    box = page.get_by_label("Public reply")
    expect(box).to_have_value("A refund reaches your account after 5 to 7 working days.")
    expect(box).to_be_focused()
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("Your reply is on its way.")).to_be_visible()
    expect(page.locator(".reply-state")).to_have_text("pending")

    desk.product.send()
    page.reload()
    expect(page.locator(".reply-state")).to_have_text("sent")
    (sent,) = [reply for reply in desk.product.channel.sent.values() if reply.key.startswith("agent:")]
    assert sent.text == "A refund reaches your account after 5 to 7 working days."


def test_cases_are_released_transferred_and_closed(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _WHEELCHAIR)
    page.get_by_role("button", name="Claim", exact=True).click()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("is back in its queue.")).to_be_visible()
    desk.open(page, _WHEELCHAIR)
    page.get_by_label("Transfer to queue").select_option(label="Complaints and ideas")
    page.get_by_role("button", name="Transfer").click()
    expect(page.get_by_text("went to “Complaints and ideas”")).to_be_visible()
    desk.open(page, _WHEELCHAIR)
    page.get_by_label("Reason for closing").select_option(label="Resolved")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("is closed.")).to_be_visible()
    page.get_by_role("link", name="Closed").click()
    expect(page.get_by_role("link", name="Safety or accessibility")).to_be_visible()


def test_pointing_at_a_judgement_marks_its_words_and_choosing_one_keeps_them(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _WHEELCHAIR)
    assert _ground(page, "mother") > 0  # spoke for the intent, which is shown first
    assert _ground(page, "now") == 0
    page.locator(".verdict.urgency").hover()
    assert _ground(page, "mother") == 0
    assert _ground(page, "now") > 0
    page.locator(".verdict.sentiment").click()
    page.mouse.move(5, 5)
    assert _ground(page, "crying") > 0
    assert _ground(page, "now") == 0
    _press(page, "ArrowRight")  # the four are one group of radio buttons
    assert _ground(page, "crying") == 0


def test_the_keyboard_alone_is_enough(desk: Desk) -> None:
    page = desk.signed_in()
    _press(page, "j")
    first = page.locator("#cases .row").nth(0)
    expect(first).to_be_focused()
    _press(page, "j")
    expect(page.locator("#cases .row").nth(1)).to_be_focused()
    _press(page, "k")
    _press(page, "Enter")
    expect(page.get_by_role("heading", name=f"Case {desk.product.case_of(_WHEELCHAIR)}")).to_be_visible()
    _press(page, "c")
    expect(page.get_by_text("It is yours now.")).to_be_visible()
    _press(page, "r")
    expect(page.get_by_label("Public reply")).to_be_focused()
    page.keyboard.type("We are sending a colleague to gate 12. jkcr")
    _press(page, "Control+Enter")
    expect(page.locator(".message.ours .text")).to_have_text("We are sending a colleague to gate 12. jkcr")


def test_keys_can_be_switched_off(desk: Desk) -> None:
    page = desk.signed_in()
    page.get_by_label("Use these keys").uncheck()
    _press(page, "j")
    expect(page.locator("#cases .row").nth(0)).not_to_be_focused()
    page.reload()
    expect(page.get_by_label("Use these keys")).not_to_be_checked()


def test_the_counter_agrees_with_the_server(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _REFUND)
    _press(page, "c")
    for text in _TEXTS:
        page.get_by_label("Public reply").fill(text)
        weight = weighted_length(text.strip())
        expect(page.locator("#counter")).to_have_text(f"{weight} of 280")
        expect(page.locator("#counter")).to_have_class(re.compile("over" if weight > 280 else "^counter$"))


def test_a_double_click_sends_one_reply(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _REFUND)
    _press(page, "c")
    page.get_by_label("Public reply").fill("We are on it.")
    page.get_by_role("button", name="Send reply").dblclick()
    expect(page.get_by_text("Your reply is on its way.")).to_be_visible()
    expect(page.locator(".message.ours")).to_have_count(1)


def test_a_refused_reply_is_explained_beside_the_box_which_keeps_its_text(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _REFUND)
    _press(page, "c")
    box = page.get_by_label("Public reply")
    box.fill("Please reply here with your email address")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("alert")).to_contain_text("Not sent")
    expect(box).to_have_value("Please reply here with your email address")
    expect(box).to_be_focused()
    # That the page came with status 422 is what the browser notes; nothing else may be there.
    assert [text for text in desk.complaints if "422" not in text] == []
    desk.complaints.clear()


def test_of_two_agents_the_slower_one_is_told(desk: Desk) -> None:
    anna, ben = desk.signed_in("anna"), desk.signed_in("ben")
    for page in (anna, ben):
        desk.open(page, _REFUND)
    anna.get_by_role("button", name="Claim", exact=True).click()
    expect(anna.get_by_text("It is yours now.")).to_be_visible()
    ben.get_by_role("button", name="Claim", exact=True).click()
    expect(ben.get_by_role("alert")).to_contain_text("is with anna already")


def test_lists_stay_fresh_and_a_case_that_changed_says_so_without_losing_what_is_typed(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _REFUND)
    _press(page, "c")
    page.get_by_label("Public reply").fill("We are lo")
    desk.product.receive(message("new", "@MarramAir smoke in the cabin, we are stuck and alone now", minutes_ago=0))
    expect(page.locator("#cases")).to_contain_text("smoke in the cabin")
    expect(page.get_by_text("This case has changed meanwhile.")).to_be_hidden()
    desk.product.receive(message("more", "@MarramAir hello??", minutes_ago=0, parent=_REFUND))
    expect(page.get_by_text("This case has changed meanwhile.")).to_be_visible()
    page.get_by_role("link", name="Show it as it is now").click()
    expect(page.locator(".message.customer")).to_have_count(2)
    expect(page.get_by_label("Public reply")).to_have_value("We are lo")


def test_a_session_that_ends_does_not_cost_what_was_typed(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _REFUND)
    _press(page, "c")
    page.get_by_label("Public reply").fill("A long and careful answer")
    page.context.clear_cookies()
    expect(page.locator("#live")).to_contain_text("You are signed out.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Public reply")).to_have_value("A long and careful answer")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator(".message.ours .text")).to_have_text("A long and careful answer")


def test_using_a_suggestion_keeps_what_was_typed_and_can_be_taken_back(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _REFUND)
    _press(page, "c")
    box = page.get_by_label("Public reply")
    use = page.get_by_role("button", name="Use “How long a refund takes”")
    refund = "A refund reaches your account after 5 to 7 working days."
    box.fill("Sorry for the wait!")
    use.click()
    expect(box).to_have_value(f"Sorry for the wait! {refund}")
    _press(page, "Control+z")
    expect(box).to_have_value("Sorry for the wait!")
    box.fill("")
    use.click()
    expect(box).to_have_value(refund)
    page.get_by_role("button", name="Use “Changing a booking”").click()
    expect(box).to_have_value("Changes are free up to 24 hours before departure.")
    expect(page.locator("#counter")).to_have_text("49 of 280")


def test_a_draft_is_its_writers_alone(desk: Desk) -> None:
    page = desk.signed_in()
    desk.open(page, _REFUND)
    _press(page, "c")
    box = page.get_by_label("Public reply")
    box.fill("Kept as long as anna is here")
    page.reload()
    expect(box).to_have_value("Kept as long as anna is here")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_draft_that_a_session_left_behind_is_not_shown_to_the_next_person(desk: Desk) -> None:
    desk.product.add("sue", Role.SUPERVISOR)
    page = desk.signed_in()
    desk.open(page, _REFUND)
    _press(page, "c")
    page.get_by_label("Public reply").fill("Written by anna")
    page.context.clear_cookies()
    desk.sign_in(page, "sue")
    desk.open(page, _REFUND)
    expect(page.get_by_text("anna has this case.")).to_be_visible()
    expect(page.get_by_label("Public reply")).to_have_value("")
    assert page.evaluate("sessionStorage.length") == 0


def test_everything_works_without_scripts(desk: Desk) -> None:
    page = desk.signed_in(scripts=False)
    desk.open(page, _REFUND)
    page.get_by_role("button", name="Claim", exact=True).click()
    page.get_by_role("button", name="Use “How long a refund takes”").click()
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator(".message.ours .text")).to_have_text("A refund reaches your account after 5 to 7 working days.")
    expect(page.locator(".reply-state")).to_have_text("pending")


def test_who_has_a_case_sees_what_is_masked_once_and_it_says_so(desk: Desk) -> None:
    page = desk.signed_in(scripts=False)
    desk.open(page, _REFUND)
    expect(page.locator(".message .item")).to_have_text("[BOOKING_REF]")
    page.get_by_role("button", name="Claim", exact=True).click()
    page.get_by_label("Why it has to be seen").select_option("Needed to answer")
    page.get_by_role("button", name="Show personal data").click()
    expect(page.locator(".message .item")).to_have_text("QX7R2M")
    page.get_by_text("Seen once").click()
    expect(page.locator(".looks li")).to_contain_text("anna saw booking ref · Needed to answer")
    page.get_by_role("link", name="Mask again").click()
    expect(page.locator(".message .item")).to_have_text("[BOOKING_REF]")
    assert "QX7R2M" not in page.content()


def test_a_supervisor_reads_who_saw_what(desk: Desk) -> None:
    desk.product.add("sue", Role.SUPERVISOR)
    page = desk.signed_in("sue")
    desk.open(page, _REFUND)
    page.get_by_role("button", name="Show personal data").click()
    expect(page.locator(".message .item")).to_have_text("QX7R2M")
    assert page.evaluate(_POOR_CONTRAST) == []
    page.get_by_role("link", name="Who saw what").click()
    expect(page.get_by_role("row")).to_have_count(2)
    assert page.evaluate(_POOR_CONTRAST) == []
    assert page.evaluate(_WITHOUT_A_NAME) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_stands_out_and_every_control_has_a_name(desk: Desk, dark: bool, tmp_path: Path) -> None:
    page = desk.signed_in(dark=dark)
    page.screenshot(path=tmp_path / "list.png")
    assert page.evaluate(_POOR_CONTRAST) == []
    assert page.evaluate(_WITHOUT_A_NAME) == []
    for case in (_WHEELCHAIR, _REFUND):
        desk.open(page, case)
        page.get_by_text("What each judgement rests on").click()
        _press(page, "c")
        expect(page.get_by_label("Public reply")).to_be_visible()
        for head in ("intent", "urgency", "sentiment", "privacy"):
            page.locator(f".verdict.{head}").click()
            assert page.evaluate(_POOR_CONTRAST) == []
        assert page.evaluate(_WITHOUT_A_NAME) == []
        page.screenshot(path=tmp_path / f"{case}.png")


def test_nothing_is_wider_than_the_window(desk: Desk, tmp_path: Path) -> None:
    page = desk.signed_in()
    _check_widths(page, tmp_path / "list")
    desk.open(page, _REFUND)
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_label("Public reply")).to_be_visible()
    _check_widths(page, tmp_path / "case")


def _check_widths(page: Page, pictures: Path) -> None:
    for width in (390, 768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        page.screenshot(path=pictures / f"{width}.png", full_page=True)


def test_on_a_phone_an_open_case_comes_first_and_leads_back_to_the_list(desk: Desk) -> None:
    page = desk.signed_in(width=390, height=844)
    desk.open(page, _REFUND)
    tops = [page.locator(one).bounding_box()["y"] for one in ("#case", "#queues", "#cases")]
    assert tops == sorted(tops), "queues are few and lists long: nobody should have to pass a list to reach them"
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("heading", name="All that wait")).to_be_visible()


def test_a_private_draft_stays_private_when_a_post_comes_in(desk: Desk) -> None:
    clock, product = desk.product.clock, desk.product
    product.receive(IncomingMessage("x-private", "p1", "901", True, clock.now(), "still no refund"))
    case_id = product.case_of("p1", "x-private")
    page = desk.signed_in()
    page.goto(f"/desk/cases/{case_id}")
    _press(page, "c")
    box = page.get_by_label("Private message")
    box.fill("x" * 300)
    expect(page.locator("#counter")).to_have_text("300 of 10000")
    # As if a thread had joined: the customer's last message is a public one now.
    with product.store.write() as transaction:
        post = IncomingMessage("x", "p2", "901", True, clock.now() + timedelta(minutes=1), "@MarramAir hello?")
        (number,) = transaction.messages.reserve(1)
        transaction.messages.insert([(number, case_id, post)])
    page.reload()
    private, public = page.get_by_label("Private message"), page.get_by_label("Public reply on X, everyone can read it")
    expect(private).to_be_checked()
    expect(page.locator("#reply")).to_have_value("x" * 300)
    expect(page.locator("#counter")).to_have_text("300 of 10000")
    public.check()
    expect(page.locator("#counter")).to_have_text("300 of 280")
    expect(page.locator("#counter")).to_have_class(re.compile("over"))


def test_alarms_of_x_come_and_go_above_the_lists_and_on_their_page_by_themselves(desk: Desk) -> None:
    desk.product.add("kim", Role.SUPERVISOR)
    connection = desk.product.connect()
    for source in (Source.POLL, Source.OWN_POSTS, Source.PRIVATE):
        connection.notebook.alive(source)
    page = desk.signed_in("kim")
    expect(page.locator("#alarms [role=alert]")).to_have_count(0)
    desk.product.x_sending.pause("kim", "a storm")
    expect(page.get_by_role("alert")).to_contain_text("kim paused it: a storm")
    page.get_by_role("link", name="How the connection is").click()
    expect(page.get_by_role("heading", name="The connection to X")).to_be_visible()
    expect(page.locator("[data-alarm=paused]")).to_be_visible()
    assert page.evaluate(_POOR_CONTRAST) == []
    connection.notebook.failed(Source.POLL, "X did not answer in time")
    expect(page.locator("#problems")).to_contain_text("X did not answer in time")
    desk.product.x_sending.resume("kim", "")
    expect(page.get_by_text("No alarm.")).to_be_visible()
    expect(page.locator("#alarms [role=alert]")).to_have_count(0)
