"""Whatever a network does to replies, and whenever the sender dies: never two posts for one reply, and none lost."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.accounts import add_user
from tests.doubles import NOON, OneSnippet, demo_brand, frozen, judge, message
from tests.keys import VAULT
from tests.network import Fate, Killed, Network
from triage.domain.case import CaseState, rebuild
from triage.domain.reply import ReplyState
from triage.domain.user import Role
from triage.errors import Conflict, IllegalMove, NotFound
from triage.service.cases import Desk
from triage.service.deciding import decide_pending
from triage.service.doubt import KNOWABLE_FOR
from triage.service.erasure import Erasure
from triage.service.intake import take_in
from triage.service.outbox import Outbox
from triage.store import open_store
from triage.store.tables import replies

FINAL = {"sent", "failed", "ambiguous", "cancelled", "blocked"}


class Sending(RuleBasedStateMachine):
    template: Path

    @initialize(knows_its_posts=st.booleans())
    def begin(self, knows_its_posts) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "t.db"
        shutil.copy(self.template, path)
        self.store = open_store(f"sqlite:///{path}", VAULT)
        self.clock = frozen()
        self.network = Network(self.clock, knows_its_posts=knows_its_posts)
        self.numbers = count(1)
        self.sender = self._outbox()
        self.desk = Desk(self.store, demo_brand().routing, OneSnippet(), self.clock)
        self.alex, _ = add_user(self.store, self.clock, "alex", Role.AGENT, None)
        for author in (11, 12, 13):
            self.a_customer_asks(author)

    def _outbox(self) -> Outbox:
        return Outbox(self.store, [self.network], demo_brand().routing, self.clock, reword=self._other_words)

    @staticmethod
    def _other_words(transaction, reply) -> str | None:
        return f"Other words, {reply.repeats + 1}." if reply.repeats < 2 else None

    @rule(refuses=st.booleans())
    def let_texts_be_refused(self, refuses) -> None:
        self.network.refuses = (lambda text: text.startswith("Pets travel")) if refuses else (lambda text: False)

    @rule(rests=st.sampled_from([0, 20, 600]))
    def let_the_channel_rest(self, rests) -> None:
        self.network.rests = self.clock.now() + timedelta(seconds=rests)

    @rule(author=st.integers(1, 9))
    def another_customer_asks(self, author) -> None:
        self.a_customer_asks(author)

    def a_customer_asks(self, author: int) -> None:
        minutes = (self.clock.now() - NOON).total_seconds() / 60
        text = "@MarramAir can pets fly in the cabin?"
        take_in(self.store, [message(str(next(self.numbers)), text, minutes=minutes, author=f"a{author}")], self.clock)
        decide_pending(self.store, judge(self.clock), 100)

    @rule(which=st.integers(0, 99), text=st.sampled_from(["Yes, they can.", "Pets travel with pleasure."]))
    def a_person_replies(self, which, text) -> None:
        with self.store.read() as transaction:
            ids = sorted(transaction.cases.all())
        if ids:
            case_id = ids[which % len(ids)]
            with suppress(Conflict, IllegalMove):
                self.desk.claim(self.alex, case_id)
                self.desk.reply(self.alex, case_id, f"{text} {next(self.numbers)}", key=f"k{next(self.numbers)}")

    @rule(author=st.integers(1, 9))
    def a_customer_is_forgotten(self, author) -> None:
        with suppress(NotFound):
            Erasure(self.store, [], self.clock).erase(f"a{author}", "memory", "alex")

    @rule(seconds=st.sampled_from([10, 200, 4000]))
    def time_passes(self, seconds) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @rule(
        fates=st.lists(st.sampled_from([Fate.LOST_AFTER, Fate.KILLED_AFTER, *Fate]), min_size=1, max_size=3),
        looks=st.lists(st.sampled_from([Fate.WELL, Fate.WELL, *Fate]), max_size=2),
        lag=st.sampled_from([1000, 400_000, 130, 60, 0]) | st.integers(0, 400_000),
        wait=st.sampled_from([61, 31, 1]),
    )
    def send(self, fates, looks, lag, wait) -> None:
        self.network.fates, self.network.looks = fates, looks
        self.network.lags = [timedelta(seconds=lag)] * 9
        try:
            self.sender.drain(5)
        except Killed:
            self.sender.close()
            self.sender = self._outbox()
        self.clock.advance(timedelta(seconds=wait))

    @rule(fate=st.sampled_from([Fate.KILLED_AFTER, Fate.LOST_AFTER]), days=st.integers(1, 3))
    def it_is_down_for_days(self, fate, days) -> None:
        """By then the channel takes a text again that it shows only later."""
        self.send([fate], [], 400_000, 1)
        self.clock.advance(timedelta(days=days))

    @invariant()
    def nothing_is_posted_twice(self) -> None:
        if hasattr(self, "network"):
            assert all(number == 1 for number in Counter(post.reply_id for post in self.network.posts).values())

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        self.network.fates, self.network.looks, self.network.rests = [], [], None
        for _ in range(4):
            self.clock.advance(KNOWABLE_FOR)
            while self.sender.drain(100):
                self.clock.advance(timedelta(seconds=61))
        self.nothing_is_posted_twice()
        posted = {post.reply_id: post.id for post in self.network.posts}
        with self.store.read() as transaction:
            assert rebuild(transaction.events.stream()) == transaction.cases.all()
            rows = list(transaction.connection.execute(replies.select()))
            cases = transaction.cases.all()
        assert {row.state for row in rows} <= FINAL
        for row in rows:
            if row.state == ReplyState.SENT.value:
                assert posted[row.id] == row.external_id
            elif row.state != ReplyState.AMBIGUOUS.value:
                assert row.id not in posted, row.state
            assert (row.doubt, row.in_doubt_since, row.look_at) == (None, None, None)
            if row.state in ("failed", "ambiguous"):
                assert cases[row.case_id].state is not CaseState.NEW
        self.sender.close()
        self.store.close()
        self.folder.cleanup()


def test_no_reply_is_posted_twice_or_lost_whatever_the_network_does(sqlite_template: Path) -> None:
    machine = type("Machine", (Sending,), {"template": sqlite_template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
