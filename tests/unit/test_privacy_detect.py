"""What is personal data in a message, and what only looks like it. Every value here is invented."""

from __future__ import annotations

import pytest

from triage.domain.scores import Span
from triage.privacy.detect import detect
from triage.privacy.findings import TYPES


def found(text: str) -> list[tuple[str, str]]:
    return [(span.type, text[span.start : span.end]) for span in detect(text)]


EXPOSED = [
    ("CARD", "someone used 4111 1111 1111 1111 on your site", "4111 1111 1111 1111"),
    ("CARD", "amex 371449635398431 was declined", "371449635398431"),
    ("CARD", "card: 5500-0000-0000-0004 exp next june", "5500-0000-0000-0004"),
    ("CARD", "４１１１ １１１１ １１１１ １１１１ is my card", "４１１１ １１１１ １１１１ １１１１"),
    ("BANK_ACCOUNT", "refund to DE89 3704 0044 0532 0130 00 please", "DE89 3704 0044 0532 0130 00"),
    ("BANK_ACCOUNT", "iban is gb29nwbk60161331926819", "gb29nwbk60161331926819"),
    ("BANK_ACCOUNT", "it goes to 20-45-91 acc 55779144", "20-45-91 acc 55779144"),
    ("BANK_ACCOUNT", "routing number 021000021 at the bottom", "021000021"),
    ("NATIONAL_ID", "my ssn is 536-22-8841", "536-22-8841"),
    ("NATIONAL_ID", "NI number QQ 12 34 56 C if it helps", "QQ 12 34 56 C"),
    ("NATIONAL_ID", "passport no 533401882 was rejected", "533401882"),
    ("NATIONAL_ID", "PAN is BZKPT4417M", "BZKPT4417M"),
    ("PHONE", "ring me on 07700 900318", "07700 900318"),
    ("PHONE", "(202) 555-0147 after five", "(202) 555-0147"),
    ("PHONE", "whatsapp +91 98765 00123", "+91 98765 00123"),
    ("PHONE", "my mobile is 07700.900.641", "07700.900.641"),
    ("PHONE", "it's 0 7 7 0 0 9 0 0 1 2 3", "0 7 7 0 0 9 0 0 1 2 3"),
    (
        "PHONE",
        "ok, oh seven seven double oh, nine hundred, two three six",
        "oh seven seven double oh, nine hundred, two three six",
    ),
    ("PHONE", "call 0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣2️⃣3️⃣", "0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣2️⃣3️⃣"),
    ("EMAIL", "it is jo.smith+shop@mail.example thanks", "jo.smith+shop@mail.example"),
    ("EMAIL", "😉jo77@letters.example!", "jo77@letters.example"),
    ("EMAIL", "john dot smith at gmail dot com", "john dot smith at gmail dot com"),
    ("EMAIL", "reset never came to k_obuya(at)yahoo.co.uk", "k_obuya(at)yahoo.co.uk"),
    ("IP", "my router keeps handing me 203.0.113.77", "203.0.113.77"),
    ("TRACKING_NO", "1Z 84A 770 03 9921 4406 says delivered", "1Z 84A 770 03 9921 4406"),
    ("TRACKING_NO", "tracking JD0146002733158861 stuck", "JD0146002733158861"),
    ("ORDER_NO", "204-5518873-2209164", "204-5518873-2209164"),
    ("ORDER_NO", "order no. 118204577 never came", "118204577"),
    ("ORDER_NO", "invoice INV-77310-B shows VAT", "INV-77310-B"),
    ("ORDER_NO", "118204577X is my order number", "118204577X"),
    ("BOOKING_REF", "my booking ref is QX7T2P", "QX7T2P"),
    ("BOOKING_REF", "PNR H2WVNC to Madrid", "H2WVNC"),
    ("BOOKING_REF", "booking ref k9lm4z not found", "k9lm4z"),
    ("BOOKING_REF", "REF HWKPLM, WE ARE AT THE AIRPORT", "HWKPLM"),
    ("ACCOUNT_NO", "acct 8512 0047 3316 please", "8512 0047 3316"),
    ("ACCOUNT_NO", "policy HH 7720 4481 direct debit", "HH 7720 4481"),
    ("ACCOUNT_NO", "my username is laineyjg", "laineyjg"),
    ("ACCOUNT_NO", "gamertag: xSaltyPelican4", "xSaltyPelican4"),
    ("TICKET_NO", "complaint SAN-4471920 goes to the ombudsman", "SAN-4471920"),
    ("TICKET_NO", "Reference number is 16934380.", "16934380"),
    ("PASSWORD", "my password is Tulip-1958! and it fails", "Tulip-1958!"),
    ("PASSWORD", "the code you sent me was 448 013", "448 013"),
    ("DATE_OF_BIRTH", "dob 17/09/1991", "17/09/1991"),
    ("DATE_OF_BIRTH", "I was born on 3rd of June 1991", "3rd of June 1991"),
    ("STREET_ADDRESS", "left at 27 Larkspur Close", "27 Larkspur Close"),
    ("STREET_ADDRESS", "my name is no matter, 3238 w. columbine dr is it", "3238 w. columbine dr"),
    ("STREET_ADDRESS", "she lives at Hansinegata 120", "Hansinegata 120"),
    ("POSTCODE", "no signal in LS6 4QN at all", "LS6 4QN"),
    ("POSTCODE", "stores near zip 60431?", "60431"),
    ("PERSON", "my name is Ngozi Okafor-Reid", "Ngozi Okafor-Reid"),
    ("PERSON", "booked under the name Jane Roe", "Jane Roe"),
    ("PERSON", "My brother Owen Tregaskis was refused", "Owen Tregaskis"),
    ("MEDICAL", "I have epilepsy and your level flickers", "epilepsy"),
    ("MEDICAL", "your driver crashed and I hit my head", "hit my head"),
    ("MEDICAL", "he has MS and cannot do stairs", "has MS"),
]


@pytest.mark.parametrize(("kind", "text", "value"), EXPOSED)
def test_an_exposed_item_is_found_with_its_exact_span_and_type(kind: str, text: str, value: str) -> None:
    assert (kind, value) in found(text)


LOOK_ALIKES = [
    "it was £1,299.00 last week and $1,450.50 now",
    "ordered on 12/11/2017 at 10:30, due 2017-11-30",
    "BA0257 and DL4047 are both late",
    "we won 3-0, then 2-1",
    "iPhone 8 on iOS 11.0.3 (15A432), Samsung SM-G955U",
    "Spotify 8.4.22.515 and 1.0.67.582 both crash",
    "running 5.2.4.0 on Windows 10.0.15252",
    "a member since 2011, never again",
    "order 2 pizzas, get 1 free",
    "my order is 3 weeks late",
    "@user123456789 #BlackFriday2017 https://t.co/4hjSe7G5zD",
    "thanks Anna! ^KL",
    "30,000 miles and 25000 points",
    "open 0900-1730, closed 25/12",
    "held for 45 minutes on 0800 123 4567",
    "call 1-800-123-4567 they said",
    "card ending 4410",
    "error 0x80070005 and error code 1603",
    "IMEI 356938035643809",
    "ISBN 978-3-16-148410-0",
    "router says 192.168.1.1 and 127.0.0.1",
    "my password is not working",
    "what is my username please",
    "the new colours are #0C2340 and #003B49",
    "user-friendly it is not; how you handle issues",
    "5 miles down the road, 10 min drive",
    "24/7 support, 2 hours to drive",
    "this app gives me a heart attack",
    "my account is disabled and so is the disabled toilet",
    "are you all deaf?",
    "PS4 2nd hand, S8 4GB",
    "item 12345678 is sold out",
    "I'm Really Angry Now",
    "Please Add Dark Mode",
    "Good Morning London",
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_number_of_card_length_is_what_the_text_says_it_is() -> None:
    assert found("it's order number 4929180366774156, yes all sixteen") == [("ORDER_NO", "4929180366774156")]


def test_a_bare_number_of_card_length_that_passes_luhn_is_a_card() -> None:
    assert found("4929180366774156") == [("CARD", "4929180366774156")]


def test_a_card_number_with_a_wrong_digit_is_no_card() -> None:
    assert "CARD" not in {kind for kind, _ in found("my card 4929180366774157")}


def test_a_sort_code_is_no_date_and_a_date_no_sort_code() -> None:
    assert found("paid on 20-04-17") == []


def test_several_items_are_found_in_order_and_apart() -> None:
    text = "Adaeze Holloway, LE3 1QT, 07700900642, order 118204577"
    assert [kind for kind, _ in found(text)] == ["PERSON", "POSTCODE", "PHONE", "ORDER_NO"]


def test_the_postcode_behind_an_address_is_an_item_of_its_own() -> None:
    text = "I live at Flat 3, 88 Alderney Road, LS6 4QN"
    assert found(text) == [("STREET_ADDRESS", "Flat 3, 88 Alderney Road"), ("POSTCODE", "LS6 4QN")]


def test_a_name_beside_other_data_is_their_owners() -> None:
    assert ("PERSON", "Siobhan Keane-Daly") in found("Siobhan Keane-Daly and then it's s.kd@post.example")


def test_a_staff_members_first_name_is_not_personal_data() -> None:
    assert found("spoke to Anna, then to Raj, both lovely") == []


def test_offsets_index_the_raw_text_with_its_links_handles_and_emoji() -> None:
    text = "@brand 😡😡 https://t.co/abcdefghij it’s order\u00a0118204577"
    assert detect(text) == (Span(text.index("118"), len(text), "ORDER_NO"),)


def test_every_type_of_the_labelling_guide_can_be_found_and_no_other() -> None:
    assert {kind for _, text, _ in EXPOSED for kind, _ in found(text)} == set(TYPES)
