"""A public reply neither contains personal data nor asks for it. Every value here is invented."""

from __future__ import annotations

import pytest

from triage.domain.legs import Leg
from triage.errors import GuardBlocked
from triage.privacy.guard import Guard
from triage.privacy.repeats import Exposed

FINE = [
    "Hi Sam, sorry to hear that. Please DM us your booking reference and we'll take a look. ^KL",
    "Send us a private message with your order number and postcode and we'll chase it up.",
    "Could you DM us your account number and the email address on the account, please?",
    "We're open 9am to 5pm Monday to Friday, and 10am to 4pm on Saturdays.",
    "Thanks for the kind words, Anna! We'll pass them on to the crew of BA0257.",
    "The outage in your area should be fixed by 18:30 tonight. Sorry for the trouble.",
    "Your flight DL4047 now departs at 16:45 from gate B12.",
    "Please never share your card number or password in public.",
    "Please don't post your order number here - DM us instead.",
    "You can reset your password here: https://t.co/abcdefghij",
    "Have you tried turning the router off for 30 seconds and on again?",
    "Which device and iOS version are you using?",
    "What happens when you press play? Do you see an error message?",
    "The iPhone 8 costs £699 and the 256GB model £849.",
    "Our team can help on 0800 123 4567, free from any phone.",
    "You can return it within 28 days with your receipt.",
    "We're sorry for the wait. An agent will be with you shortly.",
    "Could you tell us which store you visited and when?",
    "What's the flight number and date of travel?",
    "To help further we need a few details. Please send us a DM with your full name and date of birth.",
    "We've replied to your DM with your case details.",
    "Your refund of £45.99 takes 3-5 working days to show on your statement.",
    "Please update to version 8.4.22.515 and let us know how you get on.",
    "Sorry to hear about the food. Can you send us a photo of the packaging?",
    "You'll find the tracking number in the confirmation email we sent you.",
    "Check your email for the confirmation, it may be in the spam folder.",
    "Hi there, this is Priya from the care team. How can we help today?",
    "We don't take bookings over Twitter, but you can book at https://example.com/book",
    "Feel free to drop us a DM and we'll get this sorted.",
    "Congrats on 10 years with us!",
    "Did you get an order confirmation after you paid?",
    "What city are you in? We'll check for outages.",
    "Can you try a different browser and tell us if it works?",
    "We can see the issue and our engineers are on it. Reference updates on https://t.co/status1234",
    "No, the sale price of $19.99 ends on 30/11/2017.",
    "We will never ask for your PIN or password.",
    "Please check the address you entered on the order page in our app.",
    "Our address for returns is printed on the label inside the box.",
    "Could you message us privately with the email address you used?",
    "We've passed your feedback to the store manager.",
    "Please call us on 0345 600 1234 and have your account number to hand.",
    "It looks like the delivery is due between 2pm and 4pm today.",
    "Sorry you had to wait 45 minutes on hold, that's not good enough.",
    "Need your order number to look into it, so please pop it over in a DM.",
    "For security we can't discuss your account number here.",
    "What colour is the light on the modem?",
    "Love this! Which song is it?",
    "The A320 seats 180 people, 30 rows of 6.",
    "We can change the name on your booking if you contact us through our website: https://t.co/abc1234567",
    "You can change your email address under Settings > Account.",
    "Thanks for sending your order number in the DM!",
    "We never share your email address with anyone.",
    "You will need your booking reference to check in online.",
    "The app will confirm your delivery address at checkout.",
    "We'll send you a tracking number once it ships.",
    "Our team will provide a case number by email.",
    "You should have your order number in the confirmation we emailed.",
    "Please tell us more (no account number) and we'll help.",
    "Tell us what went wrong and we'll check your account details.",
    "Pop your postcode into our stock checker here: https://t.co/abc1234567",
    "Sorry we missed you. The store closes at 5 pm.",
]

BLOCKED = [
    ("ORDER_NO", "What's your order number?"),
    ("EMAIL", "Hi Jo, can you please reply with your email address?"),
    ("ACCOUNT_NO", "Could you confirm your account number for us?"),
    ("BOOKING_REF", "Please tweet us your booking reference and we'll check."),
    ("PHONE", "May I have your phone number so that we can call you?"),
    ("DATE_OF_BIRTH", "Can you share your full name and date of birth please?"),
    ("POSTCODE", "What is the postcode of the property?"),
    ("STREET_ADDRESS", "Let us know your home address and we'll send another one."),
    ("TRACKING_NO", "Please provide the tracking number."),
    ("TICKET_NO", "Do you have a case number?"),
    ("CARD", "Can you give me the last 4 digits of your card?"),
    ("ORDER_NO", "Your order number?"),
    ("BOOKING_REF", "We'll need your PNR to look into this."),
    ("EMAIL", "What's the email on the account?"),
    ("ACCOUNT_NO", "Send your username over and I'll take a look."),
    ("PHONE", "What is your mobile number?"),
    ("PHONE", "Kindly share your registered mobile number and account details."),
    ("STREET_ADDRESS", "Please confirm your address."),
    ("BOOKING_REF", "Can I get your confirmation number please"),
    ("DATE_OF_BIRTH", "Could we have your date of birth to verify you?"),
    ("ORDER_NO", "Reply here with your order number and we'll sort it out."),
    ("PASSWORD", "What's your password? We can log in for you."),
    ("PASSWORD", "Tell us the security code you received."),
    ("EMAIL", "Which email address did you use to sign up?"),
    ("TICKET_NO", "Please post your reference number below."),
    ("BANK_ACCOUNT", "I'd need your sort code and account number for the refund."),
    ("PERSON", "What was the name on the booking?"),
    ("ACCOUNT_NO", "Can you quote your membership number?"),
    ("PHONE", "Hi, pls provide ur contact number."),
    ("ORDER_NO", "Are you able to send me your invoice number?"),
    ("POSTCODE", "Would you mind telling us your zip code?"),
    ("TICKET_NO", "Please advise your ticket number so we can check."),
    ("NATIONAL_ID", "What is your passport number?"),
    ("MEDICAL", "Could you let me know your symptoms?"),
    ("ORDER_NO", "Your order 203-5571940-8826 is on its way."),
    ("EMAIL", "We've sent the code to jo.smith@gmail.com."),
    ("PHONE", "We'll call you on 07700 900123 this afternoon."),
    ("BOOKING_REF", "Booking ref QX7T2P is confirmed for Friday."),
    ("CARD", "The card 4111 1111 1111 1111 was declined."),
    ("STREET_ADDRESS", "We will deliver it to 14 Tanyard Lane tomorrow."),
    ("TRACKING_NO", "Your parcel 1Z84A7700399214406 is at the depot."),
    ("BANK_ACCOUNT", "We've refunded IBAN GB29 NWBK 6016 1331 9268 19."),
    ("TICKET_NO", "Your case number is CAS-19708536."),
    ("ACCOUNT_NO", "Thanks, we found the account: username zoe_h77."),
    ("PASSWORD", "Your temporary password is Bluebell!77"),
    ("MEDICAL", "So sorry to hear of your daughter's epilepsy, we'll help."),
    ("DATE_OF_BIRTH", "We have your date of birth as 14/02/1958."),
    ("NATIONAL_ID", "Your National Insurance number QQ 12 34 56 C is on file."),
    ("PERSON", "Is it under the name Margaret Tilsley?"),
    ("POSTCODE", "The engineer is coming to LS6 4QN at noon."),
    ("IP", "Your static IP is 203.0.113.58."),
    ("ORDER_NO", "Thanks for getting in touch, can you send your order number?"),
    ("TRACKING_NO", "We don't see it yet, what's your tracking number?"),
    ("EMAIL", "We've checked already but could you confirm your email address?"),
    ("ACCOUNT_NO", "If you could send your account number I can check."),
    ("ACCOUNT_NO", "You can send us your account's username and we'll look."),
    ("ORDER_NO", "We open until 5 pm. What's your order number?"),
    ("PHONE", "Never mind that, just send your phone number."),
    ("BOOKING_REF", "Don't worry! Please share your booking reference."),
    ("ORDER_NO", "I can't find it without your order number, so please share your order number"),
    ("PERSON", "Can we get your full name please?"),
    ("BOOKING_REF", "May we know your booking number please ?"),
    ("EMAIL", "Can you fire over your account's username or email address?"),
    ("ORDER_NO", "What’s your order number?"),
    ("ORDER_NO", "@jo_tm Hi Jo! What's your order number? ^KL"),
    ("ACCOUNT_NO", "Here to help! Your account number please?"),
    ("EMAIL", "Please reply with your email. If you prefer, call 0800 123 4567."),
    ("DATE_OF_BIRTH", "what is ur date of birth"),
    ("BOOKING_REF", "Pls remind us of your flight booking number"),
]


@pytest.mark.parametrize("reply", FINE)
def test_a_reply_without_personal_data_goes_out(reply: str) -> None:
    Guard().check(reply)


@pytest.mark.parametrize(("kind", "reply"), BLOCKED)
def test_a_reply_that_contains_or_asks_for_personal_data_is_stopped(kind: str, reply: str) -> None:
    with pytest.raises(GuardBlocked) as blocked:
        Guard().check(reply)
    assert kind in blocked.value.findings


def test_the_error_names_types_and_never_the_values() -> None:
    with pytest.raises(GuardBlocked) as blocked:
        Guard().check("We'll write to jo.smith@mail.example and ring 07700 900123.")
    assert blocked.value.findings == ("EMAIL", "PHONE")
    assert "jo.smith" not in str(blocked.value)
    assert "900123" not in str(blocked.value)


def test_what_the_brand_publishes_itself_may_be_said_however_it_is_written() -> None:
    allowed = ("020 7946 0817", "Care@Brand.example", "1 Market Street")
    Guard(allowed).check("Ring (020) 7946-0817, write to care@brand.example or visit 1 market street")


def test_what_the_brand_publishes_excuses_nothing_else() -> None:
    with pytest.raises(GuardBlocked) as blocked:
        Guard(("020 7946 0817",)).check("Ring 020 7946 0817 or 07700 900123")
    assert blocked.value.findings == ("PHONE",)


def test_a_part_of_what_is_published_is_not_published() -> None:
    with pytest.raises(GuardBlocked):
        Guard(("+44 7700 900123 ext 4",)).check("We'll ring 07700 900123")


def test_a_thank_you_or_a_warning_in_front_hides_no_question() -> None:
    for front in (
        "Thanks for your message. ",
        "We never share your data, but ",
        "Don't worry, ",
        "We've looked already and ",
    ):
        with pytest.raises(GuardBlocked):
            Guard().check(front + "what's your account number?")


def test_a_private_channel_does_not_excuse_an_answer_in_the_open() -> None:
    with pytest.raises(GuardBlocked):
        Guard().check("You can DM us too. Please reply here with your order number.")


def test_every_kind_of_data_asked_for_is_named() -> None:
    with pytest.raises(GuardBlocked) as blocked:
        Guard().check("Please send your full name, date of birth and postcode")
    assert blocked.value.findings == ("DATE_OF_BIRTH", "PERSON", "POSTCODE")


@pytest.mark.parametrize(
    "text",
    [
        "@07700900123 thanks",
        "Hi @4111111111111111 it is sorted",
        "Order @AB123456 is on its way",
        "DM us if you like, or just tell us your postcode here",
        "Could you post your date of birth below? Or DM us.",
    ],
)
def test_a_sign_of_an_account_and_a_channel_offered_beside_hide_nothing(text: str) -> None:
    with pytest.raises(GuardBlocked):
        Guard().check(text, [Exposed("ORDER_NO", "AB123456")])


@pytest.mark.parametrize("text", ["@MarramAir thanks", "Please DM us your order number using the link below."])
def test_real_accounts_and_links_below_pass(text: str) -> None:
    Guard().check(text)


@pytest.mark.parametrize(
    "text",
    [
        "We wrote to jo.marsh@example.org about order AB123456 and will ring 07700 900123.",
        "What is your date of birth and your postcode?",
        "Which are the last four digits of your card?",
        "Reset your password at the link we sent, and never send it to anybody.",
    ],
)
def test_a_private_reply_may_name_and_ask_for_what_is_the_customers(text: str) -> None:
    Guard().check(text, leg=Leg.PRIVATE)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Your card 4111 1111 1111 1111 was charged.", "CARD"),
        ("The card is four one one one one one one one one one one one one one one one.", "CARD"),
        ("What is your card number?", "CARD"),
        ("Please DM us your password.", "PASSWORD"),
        ("Could you send the security code on the back?", "PASSWORD"),
        ("Your password is hunter22x", "PASSWORD"),
    ],
)
def test_no_reply_holds_or_asks_for_a_secret_not_even_a_private_one(text: str, kind: str) -> None:
    with pytest.raises(GuardBlocked, match="a private reply may not") as blocked:
        Guard().check(text, leg=Leg.PRIVATE)
    assert kind in blocked.value.findings
