"""Looking at the desk: the list of cases, and one case beside it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from apiflask import APIBlueprint
from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.desk import board, conversation, possible, words
from app.desk.earlier import before
from app.desk.listing import Kind, Listing
from app.desk.sign_in import agent, signed_in_agent
from app.serving import product
from triage.channels.x.names import PUBLIC
from triage.domain.case import Case
from triage.domain.legs import Leg, public_leg
from triage.domain.scores import Head
from triage.errors import NotFound
from triage.service import worklist
from triage.service.cases import CLOSING_REASONS
from triage.service.revealing import REVEAL_REASONS, Revealed
from triage.service.worklist import CaseView
from triage.text.length import MAX_PRIVATE_CHARACTERS, MAX_WEIGHT, weighted_length

CASE = "/cases/<int:case_id>"
_LOOKS = 50
#: The longest reply: weighted characters in public, characters in private.
LIMITS = {Leg.PUBLIC: MAX_WEIGHT, Leg.PRIVATE: MAX_PRIVATE_CHARACTERS}


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the reply box. ``key`` makes it go out once, however often it is sent."""

    text: str = ""
    snippet: str = ""
    key: str = ""
    refusal: str | None = None
    blocked: bool = False  # by the guard, which a supervisor may overrule
    reason: str = ""  # for overruling it
    leg: Leg | None = None  # where it goes; where the customer wrote last, if that was not chosen


def register(routes: APIBlueprint) -> None:
    routes.get("/", endpoint="worklist")(_worklist)
    routes.get(CASE, endpoint="case")(_case)
    routes.get("/reveals", endpoint="reveals")(_reveals)
    routes.context_processor(_always)


def _always() -> dict[str, object]:
    return {
        "brand": product().brand.name,
        "me": signed_in_agent(),
        "words": words,
        "heads": Head,
        "kinds": Kind,
        "refresh_seconds": current_app.config["DESK_REFRESH_SECONDS"],
    }


def listing() -> Listing:
    """The list that this request's address names."""
    return Listing.of(request.args, product().brand.routing)


def address(case_id: int) -> str:
    """Of a case, beside the list that it was opened from."""
    return url_for("desk.case", case_id=case_id, **listing().arguments)


def _worklist() -> str:
    chosen = listing()
    return render_template("desk/worklist.html", board=board.of(product(), agent(), chosen), listing=chosen)


def _case(case_id: int) -> str | Response:
    try:
        view = look(case_id)
    except NotFound:
        if into := survivor(case_id):
            return redirect(address(into), 303)
        raise
    return show(view, _drafted(view, request.args.get("use", "")))


def _reveals() -> str:
    """Who saw what is masked, for supervisors."""
    found = product().reveals.page(agent(), before=before(), limit=_LOOKS + 1)
    now = product().clock.now()
    return render_template(
        "desk/reveals.html",
        looks=found[:_LOOKS],
        more=found[_LOOKS - 1].number if len(found) > _LOOKS else None,
        ago=lambda moment: words.ago(moment, now),
    )


def look(case_id: int) -> CaseView:
    """One case."""
    served = product()
    today, private = served.clock.now().date(), served.brand.private
    return worklist.view(served.store, served.showing, served.answers, case_id, today, private)


def show(view: CaseView, draft: Draft, revealed: Revealed | None = None) -> str:
    """The page of one case, with the message that its reader was just ``revealed`` as it was received."""
    user, chosen, case = agent(), listing(), view.case
    now = product().clock.now()
    legs = _legs(view)
    leg = draft.leg if draft.leg in legs else next(iter(legs), Leg.PUBLIC)
    return render_template(
        "desk/case.html",
        board=board.of(product(), user, chosen),
        listing=chosen,
        case=case,
        opted_out=view.opted_out,
        entries=conversation.of(view, product().brand.name, revealed),
        suggestions=view.suggestions,
        move=view.move,
        may=possible.moves(case, user),
        queues=[(name, title) for name, title in product().brand.routing.queues.items() if name != case.queue],
        queue_title=product().brand.routing.queues.get(case.queue or "", case.queue),
        closing=[(reason, words.CLOSING.get(reason, reason)) for reason in CLOSING_REASONS],
        draft=draft if draft.key else replace(draft, key=secrets.token_urlsafe(16)),
        seen=next((message.external_id for message in reversed(view.messages) if message.inbound), ""),
        private_key=secrets.token_urlsafe(16),
        legs=legs,
        leg=leg,
        weight=len(draft.text) if leg is Leg.PRIVATE else weighted_length(draft.text),
        limits=LIMITS,
        revealing=[(reason, words.REVEALING.get(reason, reason)) for reason in REVEAL_REASONS],
        ago=lambda moment: words.ago(moment, now),
        now=now,
    )


def _legs(view: CaseView) -> dict[Leg, str]:
    """Where a reply can go, in words; where the customer wrote last comes first."""
    on_x = public_leg(view.case.channel) == PUBLIC
    return {leg: words.PUBLIC_ON_X if on_x and leg is Leg.PUBLIC else words.LEGS[leg] for leg in view.legs}


def _drafted(view: CaseView, snippet: str) -> Draft:
    """The reply box, filled with a suggestion where the address asks for one (as it does without scripts)."""
    chosen = next((one for one in view.suggestions if one.match.snippet == snippet), None)
    return Draft(chosen.text, snippet) if chosen else Draft()


def current(case_id: int) -> Case | None:
    """A case as it stands now."""
    with product().store.read() as transaction:
        return transaction.cases.get(case_id)


def survivor(case_id: int) -> int | None:
    """The live case that a merged one is part of now; ``None`` if it was not merged."""
    with product().store.read() as transaction:
        case = transaction.cases.get(case_id)
        merged = case is not None and case.merged_into is not None
        while case is not None and case.merged_into is not None:
            case = transaction.cases.get(case.merged_into)
    return case.id if merged and case is not None else None
