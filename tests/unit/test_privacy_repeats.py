"""What a reply must not repeat of what the customer exposed, and what it may share by chance. All invented."""

from __future__ import annotations

import pytest

from triage.privacy.repeats import Exposed, repeated

CARD = Exposed("CARD", "4929 1188 0364 4421")
PHONE = Exposed("PHONE", "+44 7700 900123")
BOOKING = Exposed("BOOKING_REF", "QX7T2P")
ORDER = Exposed("ORDER_NO", "203-5571940-8826")
EMAIL = Exposed("EMAIL", "jo.smith77@mail.example")
NAMED_EMAIL = Exposed("EMAIL", "anna@tilsleyfamily.example")
ADDRESS = Exposed("STREET_ADDRESS", "14 Tanyard Lane, Leeds LS6 4QN")
COMMON = Exposed("STREET_ADDRESS", "88 High Street, Truro")
PERSON = Exposed("PERSON", "Margaret Tilsley")
BIRTH = Exposed("DATE_OF_BIRTH", "14/02/1958")
HEALTH = Exposed("MEDICAL", "type 1 diabetic")
USER = Exposed("ACCOUNT_NO", "zoe_h77")
PASSWORD = Exposed("PASSWORD", "Bluebell!77")
IP = Exposed("IP", "203.0.113.58")
POSTCODE = Exposed("POSTCODE", "SW1A 2AA")

REPEATS = [
    (CARD, "It was 4929-1188-0364-4421."),
    (CARD, "Is it the 4421 one?"),
    (CARD, "The card with 44 21 on it"),
    (CARD, "It says xxxx4421 here"),
    (CARD, "Ends four four two one"),
    (CARD, "Ends double four two one"),
    (CARD, "Ends forty-four twenty-one"),
    (CARD, "Ends ４４２１"),
    (CARD, "Starts 4929 1188"),
    (PHONE, "We rang 07700 900123."),
    (PHONE, "We rang 07700900123."),
    (PHONE, "We rang 0 7 7 0 0 9 0 0 1 2 3"),
    (PHONE, "The number with 0123 at its end"),
    (BOOKING, "Booking qx7t2p is fine."),
    (BOOKING, "Q X 7 T 2 P it is"),
    (BOOKING, "Q-X-7-T-2-P it is"),
    (BOOKING, "quebec x-ray seven tango two papa it is"),
    (BOOKING, "The one with 7T2P"),
    (BOOKING, "It is #QX7T2P!"),
    (ORDER, "Order 20355719408826 left."),
    (ORDER, "Order …8826 left."),
    (ORDER, "The middle says 5571940."),
    (EMAIL, "We wrote to jo.smith77"),
    (EMAIL, "We wrote to Jo Smith77@…"),
    (EMAIL, "jo dot smith77 at mail dot example"),
    (EMAIL, "An email to josm... is on its way"),
    (NAMED_EMAIL, "We wrote to anna@ your own domain"),
    (NAMED_EMAIL, "Check the inbox at tilsleyfamily"),
    (ADDRESS, "The van is in Tanyard Lane now."),
    (ADDRESS, "The van is at 14, Tanyard Ln"),
    (ADDRESS, "The van is at number 14"),
    (ADDRESS, "It went to LS6 4QN"),
    (ADDRESS, "It went to ls64qn"),
    (COMMON, "It went to 88 High St"),
    (COMMON, "It went to High Street 88"),
    (PERSON, "Is it under Tilsley?"),
    (PERSON, "Thank you, Ms Tilsley."),
    (PERSON, "We have M. Tilsley here"),
    (PERSON, "margaret tilsley is on the list"),
    (BIRTH, "We have 14.02.1958"),
    (BIRTH, "We have 14 February 1958"),
    (BIRTH, "We have Feb 14th, 1958"),
    (BIRTH, "So you were born in 1958"),
    (HEALTH, "With diabetes you may bring more."),
    (HEALTH, "Diabetics may bring more."),
    (USER, "Sign in as Zoe H77"),
    (PASSWORD, "Try bluebell 77 again"),
    (IP, "We see 203 0 113 58"),
    (POSTCODE, "It went to sw1a2aa"),
    (POSTCODE, "Your postcode starts with SW1A"),
    (Exposed("PHONE", "0171 946 0321"), "We tried the one ending 21 but no luck."),
    (Exposed("ORDER_NO", "#884213"), "884 213 has shipped."),
    (Exposed("ORDER_NO", "AB-99-1203"), "AB99 is on the van."),
    (Exposed("EMAIL", "priya.k@gmail.com"), "we've emailed priya.k just now"),
    (Exposed("EMAIL", "bigsam@yahoo.com"), "A note went to bigsam on Yahoo."),
    (Exposed("PERSON", "Tom Ashworth"), "Ashworth party of four, see you at 8!"),
    (Exposed("PERSON", "Ana Lucia Perez"), "Sorry Ms. Perez."),
    (Exposed("STREET_ADDRESS", "27 Orchard View, BS6 5QT"), "Driver is on Orchard View now"),
    (Exposed("STREET_ADDRESS", "Apt 4C, 910 Bleecker St"), "4C, right? He's downstairs."),
    (Exposed("STREET_ADDRESS", "Flat 2, 19 Kings Road"), "He is at 19 Kings Rd."),
    (Exposed("DATE_OF_BIRTH", "3/7/1990"), "Yes, we have 3 July 1990."),
    (Exposed("DATE_OF_BIRTH", "1990-07-03"), "Happy birthday for 3 July!"),
    (Exposed("MEDICAL", "my mum has dementia"), "Sorry about your mum's dementia."),
    (Exposed("MEDICAL", "peanut allergy"), "It's free of peanuts."),
    (Exposed("MEDICAL", "broke my wrist"), "Hope the wrist heals soon."),
    (Exposed("MEDICAL", "pregnant"), "Congratulations on the pregnancy!"),
    (Exposed("MEDICAL", "chest pains"), "Chest pain is an emergency."),
    (Exposed("ACCOUNT_NO", "GB7734-2291"), "Member 7734 2291 is active."),
    (Exposed("ACCOUNT_NO", "gamer_lad_2009"), "gamer lad 2009, you're back in!"),
    (Exposed("BOOKING_REF", "LKPWZQ"), "LKPWZQ is fine."),
    (Exposed("BOOKING_REF", "LKPWZQ"), "L-K-P-W-Z-Q is fine."),
    (Exposed("BOOKING_REF", "LKPWZQ"), "The booking with LKPW at the start is fine."),
    (Exposed("POSTCODE", "M14 6QX"), "M14 6 something, we see it."),
    (Exposed("CARD", "5311 8804 2207 6619"), "Visa? No: 6619 is a Mastercard."),
    (Exposed("CARD", "5311 8804 2207 6619"), "sixty-six nineteen was declined"),
    (Exposed("BANK_ACCOUNT", "20-45-77 55512280"), "Account 5551 2280 it is"),
    (Exposed("NATIONAL_ID", "QQ 12 34 56 C"), "We got QQ123456C."),
    (Exposed("PASSWORD", "hunter2!"), "hunter2 is a weak one"),
    (Exposed("TICKET_NO", "case 0012993"), "Case 12993 is with the team."),
    (Exposed("ORDER_NO", "ORD-55120-A"), "We found 55120A."),
]

HARMLESS = [
    (Exposed("PHONE", "555-201-8834"), "It's 55 miles away."),
    (Exposed("ORDER_NO", "884213"), "It costs 884 euros."),
    (Exposed("ORDER_NO", "AB-99-1203"), "Boarding at 12:03."),
    (Exposed("PERSON", "Tom Ashworth"), "Hi Tom!"),
    (Exposed("PERSON", "Grace Long"), "Sorry for the long wait, Grace."),
    (Exposed("PERSON", "Sam Price"), "The price is £5."),
    (Exposed("STREET_ADDRESS", "27 Orchard View, BS6 5QT"), "27 of our buses run today."),
    (Exposed("STREET_ADDRESS", "Flat 2, 19 Kings Road"), "Check in 2 hours before."),
    (Exposed("MEDICAL", "my mum has dementia"), "Send our love to your mum."),
    (Exposed("MEDICAL", "broke my wrist"), "Sorry that it broke."),
    (Exposed("EMAIL", "bigsam@yahoo.com"), "Hi Sam, check your inbox."),
    (Exposed("DATE_OF_BIRTH", "3/7/1990"), "Platform 3, coach 7."),
    (Exposed("BOOKING_REF", "QX7T2P"), "Flight QX 7 is late."),
    (Exposed("TRACKING_NO", "JD014600003827461920"), "Order by 19:20 for tomorrow."),
    (Exposed("CARD", "5311 8804 2207 6619"), "Our lines: 0800 555 6619 1."),
    (Exposed("ACCOUNT_NO", "gamer_lad_2009"), "We launched in 2009."),
    (CARD, "It costs £44.21."),
    (CARD, "It costs £4421."),
    (CARD, "We open at 9 and close at 5."),
    (CARD, "That was 4421 points"),
    (CARD, "Flight MA 4421 is on time."),
    (CARD, "Please delete the post with your card number."),
    (PHONE, "Ring us at any hour, 24 hours a day."),
    (PHONE, "It was in 0123 hours? No, at 01:23."),
    (BOOKING, "Boarding is at gate B12."),
    (ORDER, "Sorry about your order."),
    (ORDER, "In 2035 we will be there."),
    (EMAIL, "Hi Jo, sorry! Check your email please."),
    (EMAIL, "@josmith77 hello"),
    (NAMED_EMAIL, "Hi Anna, sorry about that!"),
    (NAMED_EMAIL, "Anna will look into it, ^AX"),
    (ADDRESS, "Trains to Leeds are delayed."),
    (ADDRESS, "It takes 14 days."),
    (COMMON, "Our High Street shop in Truro is open."),
    (COMMON, "It is 88% full."),
    (PERSON, "Hi Margaret, sorry about that."),
    (BIRTH, "Your flight on 14 February is on time."),
    (BIRTH, "We were founded in 1958."),
    (HEALTH, "We serve one type of meal."),
    (USER, "Hi Zoe!"),
    (PASSWORD, "Never post a password."),
    (POSTCODE, "The 2AA battery is sold separately."),
]


@pytest.mark.parametrize(("item", "reply"), REPEATS)
def test_an_exposed_item_is_recognised_in_whole_and_in_part(item: Exposed, reply: str) -> None:
    assert repeated(reply, [item]) == {item.type}


@pytest.mark.parametrize(("item", "reply"), HARMLESS)
def test_what_is_shared_by_chance_passes(item: Exposed, reply: str) -> None:
    assert repeated(reply, [item]) == frozenset()


def test_nothing_exposed_is_nothing_repeated() -> None:
    assert repeated("Order 20355719408826 left.", []) == frozenset()


def test_every_type_that_is_repeated_is_named() -> None:
    text = "Ms Tilsley, your booking Q X 7 T 2 P is at Tanyard Lane."
    assert repeated(text, [PERSON, BOOKING, ADDRESS, CARD]) == {"PERSON", "BOOKING_REF", "STREET_ADDRESS"}
