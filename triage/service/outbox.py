"""Sending what was decided: at most once, whatever happens in between.

A reply is marked "sending" and committed *before* the channel is called, and no transaction is open
during the call. Whatever is found "sending" without an outcome, after a crash or after an answer that was lost,
is looked up on the channel. Where a look sees all that was published, what is not there is sent again. Elsewhere it
may be late, for nobody knows how long. Then it is sent again only if the channel refuses a text that it has, with
the very same words and right after another look; it stays in doubt meanwhile, and ends sent or with a person. What
nobody can tell is for a person to decide (:mod:`triage.service.doubt`).

Every reply is judged by the guard right before the call, whoever wrote it and however it got here; one
that is stopped goes to a person.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from triage.channels.protocol import HANDED_OVER_WITHIN, Found, OutboundChannel, Presence
from triage.clock import Clock
from triage.domain.event import Event, EventKind
from triage.domain.legs import leg_of
from triage.domain.reply import Doubt, Reply, ReplyKind, ReplyState
from triage.errors import GiveUp, GuardBlocked, Repeated, RetryLater
from triage.privacy.guard import Guard
from triage.routing.table import RoutingTable
from triage.service.doubt import Finding, judge, next_look, pause_before_retry
from triage.service.exposed import exposed_in
from triage.service.ledger import Ledger
from triage.service.sending import (
    Held,
    Leaving,
    LeavingFreely,
    Switch,
    Withdrawal,
    always_on,
    held_by_channel,
    held_by_switch,
)
from triage.service.unseen import Attempt, held_up, may_be_repeated, never_repeated, nobody_knows, repeated_at
from triage.service.wanted import is_taken_over, is_withheld
from triage.store import Hold, Store, Transaction
from triage.store.replies import InDoubt, Outcome

log = logging.getLogger(__name__)

#: No reply is tried twice in a moment, whatever its channel says.
_SHORTEST_WAIT: Final = timedelta(seconds=1)
_STOPPED: Final = "the sender stopped while sending"
#: Why a reply that may be out is not sent again.
_NOT_WANTED: Final = Withdrawal("not_wanted", "by now it must not leave any more")
_WITH_A_PERSON: Final = Withdrawal("with_a_person", "by now it is for a person to answer")
_SAY_IT_OTHERWISE: Final = (
    "the channel refuses this text because the account has posted the same before; write it in other words"
)
#: A channel that answers slowly does not keep the others waiting for long.
_MOST_LOOKS: Final = 10
_EVENTS = {
    ReplyState.SENT: EventKind.REPLY_SENT,
    ReplyState.FAILED: EventKind.REPLY_FAILED,
    ReplyState.AMBIGUOUS: EventKind.REPLY_AMBIGUOUS,
    ReplyState.CANCELLED: EventKind.REPLY_CANCELLED,
    ReplyState.BLOCKED: EventKind.REPLY_BLOCKED,
}

#: Another text for an automatic reply that the channel refused as a repeat; ``None`` where there is none.
Reword = Callable[[Transaction, Reply], str | None]


def never_reword(transaction: Transaction, reply: Reply) -> None:
    """What is refused goes to a person."""


class Outbox:
    """Drains pending replies into their channels. Of many processes, one sends.

    ``ticks`` are seconds of a clock that never jumps.
    """

    def __init__(
        self,
        store: Store,
        channels: Sequence[OutboundChannel],
        routing: RoutingTable,
        clock: Clock,
        guard: Guard = Guard(),  # noqa: B008 - a frozen value
        *,
        switch: Switch = always_on,
        reword: Reword = never_reword,
        leaving: Leaving = LeavingFreely(),  # noqa: B008 - a frozen value
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._channels: Mapping[str, OutboundChannel] = {channel.name: channel for channel in channels}
        self._routing = routing
        self._clock = clock
        self._guard = guard
        self._switch = switch
        self._reword = reword
        self._leaving = leaving
        self._ticks = ticks
        self._right: Hold | None = None

    def drain(self, limit: int) -> int:
        """Send up to ``limit`` pending replies, one by one, the channels taking turns; how many were tried.

        First what has no outcome yet is looked for, which counts too. Does nothing while another process holds
        the right to send. Whoever gets it settles what the last holder left half-way.
        """
        if not self._channels or not self._may_send():
            return 0
        self._withdraw_stale()
        done = self._settle_doubts(limit)
        turns = deque(self._channels.values())
        while turns and done < limit and self._still_may_send():
            channel = turns.popleft()
            resting = held_by_channel(channel) is not None
            leaves_by = self._leaves_by()
            reply = None if resting else self._take(channel.name)
            if reply is None:
                continue
            if reply.state is ReplyState.SENDING:
                self._settle(reply, self._send(reply, leaves_by))
                done += 1
            turns.append(channel)
        return done

    def close(self) -> None:
        """Give up the right to send."""
        if self._right is not None:
            self._right.release()
            self._right = None

    def _may_send(self) -> bool:
        if self._right is not None and not self._right.held():
            log.warning("the right to send was lost with the connection to the database")
            self._right = None
        if self._right is None:
            self._right = self._store.try_hold("outbox")
        return self._right is not None

    def _still_may_send(self) -> bool:
        return self._right is not None and self._right.held()

    def _settle_doubts(self, limit: int) -> int:
        """Look for what has no outcome. As nobody sends now, what has no doubt yet was left half-way."""
        with self._store.read() as transaction:
            doubtful = transaction.replies.without_outcome(list(self._channels), self._clock.now())
        looks = doubtful[: min(limit, _MOST_LOOKS)]
        for reply in looks:
            self._settle(reply, self._look(reply, self._last_attempt(reply)))
        return len(looks)

    def _last_attempt(self, reply: Reply) -> Attempt:
        """The attempt that left it so. Its sender may have lost only the right to send, and be at it still."""
        if reply.doubt is None or reply.in_doubt_since is None:
            log.warning("reply %d was being sent when its sender stopped; looking for it", reply.id)
            ended = self._clock.now() + self._channels[reply.channel].longest_send
            return Attempt(Doubt.STOPPED, ended, _STOPPED)
        return Attempt(reply.doubt, reply.in_doubt_since, reply.problem)

    def _take(self, channel: str) -> Reply | None:
        return self._store.run(lambda transaction: self._take_next(transaction, channel))

    def _take_next(self, transaction: Transaction, channel: str) -> Reply | None:
        """The next reply, marked as being sent; or withdrawn if it may not leave any more.

        One at a time, so that others who write wait for one at most.
        """
        if held_by_switch(transaction, self._switch, channel):
            return None
        now = self._clock.now()
        reply = transaction.replies.take_pending(channel, now)
        if reply is None:
            return None
        against = self._against(transaction, reply, now)
        if against is None and not is_withheld(transaction, reply):
            return reply
        self._withdraw(transaction, reply, against)
        return replace(reply, state=ReplyState.CANCELLED)

    def _against(self, transaction: Transaction, reply: Reply, now: datetime) -> Withdrawal | None:
        """What speaks against an automatic reply that waits; nothing does if a person has had it sent again."""
        return None if reply.lost_at is not None else self._rules_against(transaction, reply, now)

    def _rules_against(self, transaction: Transaction, reply: Reply, now: datetime) -> Withdrawal | None:
        """What the channel's rules have against an automatic reply; nothing if a person has let it go."""
        if reply.kind is not ReplyKind.AUTOMATIC or reply.released:
            return None
        return self._leaving.against(transaction, reply, now)

    def _withdraw(self, transaction: Transaction, reply: Reply, why: Withdrawal | None) -> None:
        problem, because = (why.text, why.code) if why else (None, None)
        outcome = Outcome(reply.id, reply.attempts, ReplyState.CANCELLED, problem=problem, because=because)
        self._record(transaction, reply, outcome)

    def _withdraw_stale(self) -> None:
        """Give to people what has waited for too long, also while the channel rests or its sending is switched off."""
        for channel, longest in self._leaving.stale_after.items():
            while channel in self._channels and self._has_stale(channel, longest):
                self._store.run(partial(self._withdraw_oldest, channel=channel, longest=longest))

    def _has_stale(self, channel: str, longest: timedelta) -> bool:
        with self._store.read() as transaction:
            return transaction.stuck.stale(channel, self._clock.now() - longest) is not None

    def _withdraw_oldest(self, transaction: Transaction, *, channel: str, longest: timedelta) -> None:
        now = self._clock.now()
        oldest = transaction.stuck.stale(channel, now - longest)
        reply = transaction.replies.find(oldest) if oldest is not None else None
        if reply is not None and reply.state is ReplyState.PENDING:
            self._withdraw(transaction, transaction.replies.begin(reply, now), self._against(transaction, reply, now))

    def _leaves_by(self) -> float:
        return self._ticks() + HANDED_OVER_WITHIN.total_seconds()

    def _send(self, reply: Reply, leaves_by: float, before: Attempt | None = None) -> Outcome:
        """One attempt, and what came of it.

        ``leaves_by`` is the tick after which whoever took over the right to send does not expect it any more.
        ``before`` is an attempt that may have reached the channel: then whatever becomes of this one leaves a doubt.
        """

        def ended(state: ReplyState, **more: Any) -> Outcome:
            return Outcome(reply.id, reply.attempts, state, **more)

        try:
            self._look_last(reply)
            if self._ticks() > leaves_by:
                raise RetryLater("it took too long to get ready to send it", self._clock.now())
            return ended(ReplyState.SENT, external_id=self._channels[reply.channel].send(reply))
        except (GuardBlocked, GiveUp) as error:
            if before is not None:
                return self._look(reply, Attempt(Doubt.REFUSED, self._clock.now(), str(error)))
            if isinstance(error, GuardBlocked):
                return ended(ReplyState.BLOCKED, problem=str(error), types=error.findings)
            return ended(ReplyState.FAILED, problem=str(error))
        except RetryLater as error:
            if before is not None:
                return held_up(self._channels[reply.channel], reply, before, self._clock.now(), error.not_before)
            not_before = max(error.not_before, self._clock.now() + _SHORTEST_WAIT)
            return ended(ReplyState.PENDING, problem=str(error), not_before=not_before)
        except Exception as error:  # whatever it was: the reply may have gone out
            log.exception("sending reply %d ended in doubt", reply.id)
            why = Doubt.REPEATED if isinstance(error, Repeated) else Doubt.NO_ANSWER
            return self._look(reply, Attempt(why, self._clock.now(), str(error)))

    def _look_last(self, reply: Reply) -> None:
        """Return if the reply may go out: sending is on, and the guard or a supervisor lets this very text pass.

        It is marked as being sent by now. So whoever switches sending off knows that nothing leaves any more but
        what was marked before.

        Raises:
            RetryLater: sending was switched off meanwhile.
            GuardBlocked: it may not, or the guard itself failed on it.
        """
        try:
            with self._store.read() as transaction:
                if held := held_by_switch(transaction, self._switch, reply.channel):
                    raise RetryLater(held.text, self._clock.now())
                if reply.released:
                    return
                case_id = transaction.replies.case_of(reply.id)  # a merge moves replies
                exposed = exposed_in(transaction, self._guard, case_id)
            self._guard.check(reply.text, exposed, leg_of(reply.channel))
        except (GuardBlocked, RetryLater):
            raise
        except Exception as error:
            log.exception("reply %d could not be checked", reply.id)
            raise GuardBlocked("the guard failed on this reply, so it was not sent", ()) from error

    def _look(self, reply: Reply, attempt: Attempt) -> Outcome:
        """What is known of a reply after looking for it once more."""
        channel, looked_at = self._channels[reply.channel], self._clock.now()
        found, problem, not_before = Found(Presence.UNKNOWN), attempt.problem, None
        try:
            found = channel.find(reply)
        except RetryLater as error:
            not_before = error.not_before
        except Exception:  # a channel that cannot be asked cannot say
            log.exception("looking for reply %d failed", reply.id)
        match judge(found.presence, attempt.since, looked_at, channel.settles_after):
            case Finding.THERE:
                return Outcome(reply.id, reply.attempts, ReplyState.SENT, external_id=found.external_id)
            case Finding.NOT_THERE:
                return self._not_there(reply, attempt)
            case Finding.UNSEEN:
                return self._unseen(reply, attempt, looked_at)
            case Finding.NOBODY_KNOWS:
                return nobody_knows(reply, attempt)
            case Finding.LOOK_AGAIN:
                look_at = next_look(found.presence, attempt.since, looked_at, channel.settles_after, not_before)
                doubt = InDoubt(attempt.why, attempt.since, look_at)
                return Outcome(reply.id, reply.attempts, ReplyState.SENDING, problem=problem, doubt=doubt)

    def _not_there(self, reply: Reply, attempt: Attempt) -> Outcome:
        """A reply that has not gone out is sent again, in other words where the channel refuses these."""
        if attempt.why is Doubt.REPEATED:
            return self._in_other_words(reply, attempt)
        not_before = None if attempt.why is Doubt.STOPPED else attempt.since + pause_before_retry(reply.attempts)
        return Outcome(reply.id, reply.attempts, ReplyState.PENDING, problem=attempt.problem, not_before=not_before)

    def _unseen(self, reply: Reply, attempt: Attempt, looked_at: datetime) -> Outcome:
        """A reply that the channel does not show. It is sent again only where that cannot make two of it."""
        channel = self._channels[reply.channel]
        if attempt.why is Doubt.REPEATED and reply.lost_at is None:
            return self._in_other_words(reply, attempt)  # no attempt can have left this text there
        if not may_be_repeated(channel, reply, attempt, looked_at):
            return never_repeated(channel, reply, attempt, looked_at)
        if looked_at < (at := repeated_at(reply, attempt)):
            return held_up(channel, reply, attempt, looked_at, at)
        return self._send_again(channel, reply, attempt)

    def _send_again(self, channel: OutboundChannel, reply: Reply, attempt: Attempt) -> Outcome:
        """Another attempt at a reply that may be out, if it still may leave, with the same words."""
        resting = held_by_channel(channel)
        if resting is not None or not self._still_may_send():
            return held_up(channel, reply, attempt, self._clock.now(), resting.until if resting else None)
        leaves_by = self._leaves_by()
        again = self._store.run(lambda transaction: self._take_again(transaction, reply))
        if isinstance(again, Reply):
            return self._send(again, leaves_by, attempt)
        if isinstance(again, Held):
            return held_up(channel, reply, attempt, self._clock.now(), again.until)
        return never_repeated(channel, reply, attempt, self._clock.now(), again.text)

    def _take_again(self, transaction: Transaction, reply: Reply) -> Reply | Held | Withdrawal:
        """The reply, marked as being sent once more; or what speaks against that."""
        if held := held_by_switch(transaction, self._switch, reply.channel):
            return held
        standing = transaction.replies.lock(reply.id)
        unchanged = standing.state is ReplyState.SENDING and standing.attempts == reply.attempts
        if not unchanged or standing.erased or is_withheld(transaction, reply):
            return _NOT_WANTED
        if is_taken_over(reply, Ledger(transaction, [standing.case_id]).case(standing.case_id)):
            return _WITH_A_PERSON
        now = self._clock.now()
        return self._rules_against(transaction, reply, now) or transaction.replies.begin(reply, now)

    def _in_other_words(self, reply: Reply, attempt: Attempt) -> Outcome:
        """A reply whose text the channel knows from something else."""
        text = self._other_words(reply)
        if text is None:
            return Outcome(reply.id, reply.attempts, ReplyState.FAILED, problem=_SAY_IT_OTHERWISE)
        return Outcome(reply.id, reply.attempts, ReplyState.PENDING, problem=attempt.problem, text=text)

    def _other_words(self, reply: Reply) -> str | None:
        """Only the service's own; nobody changes what a person wrote."""
        if reply.kind is not ReplyKind.AUTOMATIC:
            return None
        with self._store.read() as transaction:
            return self._reword(transaction, reply)

    def _settle(self, reply: Reply, outcome: Outcome) -> None:
        self._store.run(lambda transaction: self._record(transaction, reply, outcome))

    def _record(self, transaction: Transaction, reply: Reply, outcome: Outcome) -> None:
        standing = transaction.replies.lock(reply.id)  # a merge moves replies: where it is now counts
        if standing.state is not ReplyState.SENDING or standing.attempts != outcome.attempt:
            log.info("reply %d was settled meanwhile: it is %s", reply.id, standing.state.value)
            return
        ledger = Ledger(transaction, [standing.case_id])
        case = ledger.case(standing.case_id)
        taken_over = reply.lost_at is None and is_taken_over(reply, case)  # else a person has had it sent again
        if outcome.state is ReplyState.PENDING and (taken_over or standing.erased):
            outcome = Outcome(reply.id, outcome.attempt, ReplyState.CANCELLED)
        elif standing.erased:
            outcome = replace(outcome, problem=None, text=None)  # a channel's complaint may quote the text
        if outcome.state in _EVENTS:
            data: dict[str, Any] = {
                "reply": reply.id,
                "kind": reply.kind.value,
                "queue": case.queue or self._routing.default,
            }
            if outcome.state is ReplyState.BLOCKED:
                data["types"] = list(outcome.types)
            if outcome.because is not None:
                data["because"] = outcome.because
            at = self._clock.seen(reply.created_at)
            ledger.add(Event(case.id, at, _EVENTS[outcome.state], message_id=reply.message_id, data=data))
        ledger.commit()
        transaction.replies.settle(outcome)
