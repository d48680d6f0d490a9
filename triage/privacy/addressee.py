"""Whether a text is a message to a brand: who is named in it, depends on that."""

from __future__ import annotations

import re
from typing import Final

from triage.privacy.findings import any_of

#: Also with a dot before it, as people write to be seen by all; not inside a mail address.
_HANDLE: Final = re.compile(r"@(?<![\w+-]@)(?<!\w\.@)\w")
_WORD: Final = re.compile(r"[a-z'-]+")
#: What customers write to shops, carriers, networks and the like about, and hardly to anybody else. Words of banks and
#: of letters are not among them: they stand in texts of every kind.
_TRADE: Final = any_of(
    "order orders ordered delivery deliveries delivered parcel parcels package packages courier tracking refund"
    " refunded refunds return returned voucher vouchers discount promo checkout basket shop shops store stores"
    " supermarket trolley train trains platform bus buses tram tube coach flight flights flying gate boarding luggage"
    " baggage suitcase airport airline airlines cabin crew attendant attendants pilot lounge plane landed delayed"
    " delay delays cancelled canceled cancellation broadband wifi wi-fi router internet signal network roaming sim"
    " data app apps update updated website site login log password glitch outage buffering stream streaming channel"
    " episode playlist album console game games subscription subscribed region menu waiter waitress server barista"
    " burger pizza fries nuggets chicken coffee meal food cold booking booked reservation hotel room checkin"
    " driver ride cab taxi support chat chatbot bot agent agents rep reps advisor adviser operator helpline hold"
    " queue queued customer customers staff branch till cashier engineer technician warranty faulty broken"
    " replacement item items stock product sofa mattress fridge washing washer dryer kettle play invoice ticket"
    " tickets seat seats season fare fares meter tariff boiler insurance claim handset phone laptop email emails"
    " emailed reply replied dm dms tweet tweeted rude apology complaint complain appalling disgusting genuine"
    " nightmare ffs wtf omfg lol"
)


def has_handle(text: str) -> bool:
    """Whether ``text`` has a handle in it."""
    return "@" in text and _HANDLE.search(text) is not None


def is_to_a_brand(text: str) -> bool:
    """Whether ``text`` has a handle in it, or a word that only customers use."""
    return has_handle(text) or not _TRADE.isdisjoint(_WORD.findall(text.lower()))
