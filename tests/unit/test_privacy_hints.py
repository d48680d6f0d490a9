"""Replies that ask by a hint, or tell of a customer in passing, beside replies that only look so. All invented."""

from __future__ import annotations

import pytest

from triage.domain.scores import Span
from triage.errors import GuardBlocked
from triage.privacy.asking import asked_in_public
from triage.privacy.guard import Guard

ASKS = [
    "Could you tell me which email you signed up with?",
    "Just reply with the order no. and we'll sort it",
    "Happy to check, what's the ref?",
    "Mind sharing the booking code?",
    "Which name did you book under?",
    "And the phone number on the account is...?",
    "Let's get this fixed! Account number?",
    "What was the last name on the reservation?",
    "We can look it up by postcode, so which one is it?",
    "Comment your tracking number and we'll have a look.",
    "Tell us where you live and we'll check coverage.",
    "To verify you we need your date of birth and first line of your address.",
    "Are you still at the same address? Let us know the new one here.",
    "Whereabouts are you, street and town please, so we can check the mast?",
    "I'll get that looked into. Can you just confirm your full name for me?",
    "We'd need the policy number first.",
    "If you give me your customer ID I can see what happened.",
    "What are the last four digits of the card you paid with?",
    "Which card did you use, and what are the last 4?",
    "Please state your meter number.",
    "Got a case number for us?",
    "Do you have the claim reference to hand?",
    "Share your loyalty number and we'll add the points.",
    "Which flight, what date, and the six-letter code from your confirmation?",
    "Pls tweet the barcode number on the label",
    "Can I take your name and number and someone will ring you?",
    "What's a good number to reach you on?",
    "Drop your email and we'll send you the voucher.",
    "Where should the replacement go?",
    "Who was the parcel addressed to?",
    "Send a photo of your receipt here so we can see the number.",
    "Could you post a screenshot of your booking confirmation?",
    "Which bank is it with and what's the sort code?",
    "Let me have your username and I'll reset it.",
    "How old is the child who will fly with you, and what's her name?",
    "Is this about the account in your wife's name? What's her name?",
    "Reply with your initials and house number.",
    "Just pop the serial number and your surname in the replies.",
    "What is your meter reading and account no?",
    "Go on then, hit us with your order number",
    "Whose account is it? Name and postcode, please.",
    "Need a hand? Tell us the email you use to log in.",
    "All we're missing is the number on your ticket.",
    "First line of your address would do the trick.",
    "Type your booking ref in the comments, we'll do the rest.",
    "Can you remember which phone number you registered?",
    "Odd one! Who's the bill payer on the account?",
    "We'd be able to see more if we knew your client number.",
    "Lovely to hear. For the prize draw: full name and city in the replies!",
    "In order to proceed kindly revert with your registered email.",
    "Would you be able to let us know the account holder's surname?",
    "Same problem as the last ticket? Remind me of its number.",
    "Which of our branches, and what's your membership no?",
    "It's quickest if you reply with the 8 digits under the barcode.",
    "Right, I need two things from you: the reg of the car and your PIN for the permit.",
    "I looked under Jones but no luck. Is there another surname?",
    "Ok! The number you're calling from is what I need now.",
    "Under what number was the insurance taken out?",
    "Could you text back the OTP you just got so I can finish this?",
    "Which hospital is your mum in and what's she being treated for?",
    "How long have you had diabetes? We can flag it.",
    "Your eight-digit number starts with 4, doesn't it? What are the rest?",
    "Let's try the other way: where were you born and when?",
    "Shoot me your Wi-Fi password and I'll test it.",
    "Do you have a passport number we can add for you?",
    "Sure, whose phone is it and what's the IMEI?",
]

TELLS = [
    "Your parcel was handed to your neighbour at no. 17.",
    "Your refund went to the Visa ending 0093.",
    "We've sent a text to the mobile ending 667.",
    "Your new PIN is 8841.",
    "Hi Mr Okonkwo, your car is ready.",
    "Your appointment with Dr Lee about your knee operation is confirmed.",
    "The engineer will be at 22 Larch Close between 8 and 12.",
    "The order for Priya Nair is on its way.",
    "Your reservation RZ8K4Q is confirmed.",
    "We emailed it to d.kowalski at outlook dot com",
    "The account in the name of Dorota Kowalska is closed.",
    "Your driver Marek is on 07911 123456.",
    "Your IBAN ends in 3 0 0 0.",
    "Delivered to the blue door on Chapel Street.",
    "Your username is sunny_day42.",
    "We can see your daughter Emily Carter is on the list for tomorrow.",
    "Your ticket number is 125-4418209337.",
    "Your insulin will be delivered by noon.",
    "Your home at Flat 6, Birch Court has fibre.",
    "It's registered to a Gmail starting with mar.",
    "Your password is now Summer2024.",
    "Your date of birth shows as 3 May 1984 on our side.",
    "I've noted your pregnancy on the booking.",
    "Quick check: same mobile as last time, 0161 496 0000?",
    "Confirm for us: is it still the flat on the third floor of Maple House?",
    'The delivery note says "leave with Mrs Hargreaves next door".',
    "All sorted, Mr. Petrov, enjoy the film.",
    "I've added your son Leo's allergy to the booking.",
    "The courier has it down for 5 Quay Street, is that the right one?",
    "We've got you down as born in 1971.",
    "You're booked in with the physio on Monday for your shoulder.",
    "The bank details we hold end with 77 41.",
    "We rang you on 0161 496 0999 and got no answer.",
    'Your code word is "marmalade".',
    "Your temporary login: user8841 / Spring!24",
    "We've credited a/c 55817230.",
    "Hi Tom Baker-Ellis, your bag is at the desk.",
    "Package handed over to a man named Gregor Stahl at 14:02.",
    "It's showing as order CW-99812-B, dispatched today.",
    "The ring doorbell of the second house on Cedar Grove was not answered by anyone.",
    "Sent to t***y@hotmail.com five minutes ago.",
    "The card finishing 1-1-0-6 has expired.",
    "We have three six zero nine as your last digits.",
    "Your blood test results are back, call the surgery.",
    "The prescription for amoxicillin is ready at the counter.",
    "Your IP, 198.51.100.23, was blocked by mistake.",
    "Policy HX/22/04519 runs until June.",
    "Your claim for the stolen ring, 7718-2210, was approved.",
    "Meter point 2000 0555 1234 5 is in your name.",
    "Your landlord, Piotr Zielinski, has to sign first.",
    "It's going to your office at 90 Farringdon Road.",
    "The tenant before you, Ms Adeyemi, left a balance.",
    "Ticket ref is INC0099812, keep it safe.",
]

FINE = [
    "Please don't share your booking reference here, DM us instead.",
    "You'll need your account number when you call us.",
    "We've just sent you a DM asking for your order number.",
    "Our team will confirm your address when they call.",
    'Your tracking number is in the email with the subject "On its way".',
    "The order number is at the top of your receipt.",
    "To change your phone number, open Settings and tap Profile.",
    "Thanks for your DM with the reference, we're checking now.",
    "Never share your PIN with anyone, not even us.",
    "Do you mean the app or the website?",
    "Which store was it?",
    "What date did you travel?",
    "Which route were you on?",
    "Our address is on the contact page.",
    "The last four carriages are closed.",
    "What's the error code on the screen?",
    "Which model is your phone?",
    "We can't discuss account details in public, but a DM will do.",
    "You can track it with your reference at https://example.com/track",
    "We've passed your name on? No, your feedback stays anonymous.",
    "What a lovely photo! Which branch is it?",
    "The email comes from noreply addresses, please check spam.",
    "Your card will be charged when the order ships.",
    "Name changes cost £20 per person.",
    "We are open at 14 stores across the city.",
    "Tickets start at £19.99 and end at £89.",
    "Fares from 4.50, ending 31 March.",
    "Gate 14, boarding at 14:20.",
    "Your seats are next to each other.",
    "Delivery takes 2 to 3 days to all addresses in the UK.",
    "You may enter up to three passenger names when booking.",
    "Have you received a confirmation email?",
    "Did the driver leave a card?",
    "If your card is lost, freeze it in the app right away.",
    "Please bring your passport and booking reference to the desk.",
    "The crew, led by Captain Ortiz, did a great job.",
    "Well done, Anna and Tom!",
    "The 10:42 to Leeds is 12 minutes late.",
    "Sorry, our phone line is closed until 8am.",
    "Your feedback number one is heard!",
    "You can add a delivery address at checkout.",
    "We only ask for your postcode to check for outages on our website: https://example.com/check",
    "You can message us privately with your account number, and we will look.",
    "What happened when you entered your password?",
    "Did you enter the code from the text?",
    "Is the light on the router green?",
    "How many people are travelling?",
    "Your bank may need 3 days to show the refund.",
    "The medical desk is open around the clock.",
    "Wheelchair assistance can be booked online up to 48 hours before.",
    "Hi Sam, we're sorry for the delay.",
    "Please DM the last four digits of your card.",
    "Your name will appear on the ticket as you typed it.",
    "The number 42 bus is diverted.",
    "Which number bus was it?",
    "Call us on the number on the back of your card.",
    "Our social team is here 8 to 8.",
    "What time did you order?",
    "Where did you buy it?",
    "How did you pay, by card or cash?",
    "Was it the chicken or the beef?",
    "What size did you order?",
    "The address for complaints is on our website.",
    "You get a reference when you submit the form.",
    "Keep your reference safe and don't share it.",
    "We never ask for your full password.",
    "Your DM reached us, and we've answered there.",
    "Log in to see your account number.",
    "The email should arrive in 10 minutes.",
    "Try resetting your password from the sign-in page.",
    "Which version of the app are you on?",
    "What's the number on the front of the bus?",
    "Did you get our email yesterday?",
    "A photo of the broken cup would be great!",
    "Could you send us a picture of the packaging and the best before date?",
    "Whose idea was this? Love it!",
    "Where are you travelling to?",
    "Do you know which gate?",
    "Tell us more about what happened.",
    "Thanks Jo, could you tell us the store and the time?",
    "Your order is on its way and should be with you by 6pm.",
    "Your refund of £12.40 was sent today.",
    "Please check the name on your ticket matches your passport.",
    "The code on the voucher is case sensitive.",
    "We can't find it from here. Please send us a DM with your order number.",
    "To get a receipt, enter your card details at https://example.com/receipts",
    "If you'd rather not DM, call 0800 555 0199 with your account number to hand.",
    "We've asked the driver to call you.",
    "It's a known issue with the 2.14.3 update.",
]


@pytest.mark.parametrize("reply", ASKS)
def test_a_reply_that_asks_in_the_open_is_stopped(reply: str) -> None:
    assert asked_in_public(reply)
    with pytest.raises(GuardBlocked):
        Guard().check(reply)


@pytest.mark.parametrize("reply", TELLS)
def test_a_reply_that_tells_of_a_customer_is_stopped(reply: str) -> None:
    assert Guard().contained(reply)
    with pytest.raises(GuardBlocked):
        Guard().check(reply)


@pytest.mark.parametrize("reply", FINE)
def test_a_reply_that_only_looks_so_goes_out(reply: str) -> None:
    Guard().check(reply)


@pytest.mark.parametrize("move", ["DM us your {}.", "Please send your {} in a private message."])
@pytest.mark.parametrize("item", ["booking reference", "postcode", "full name", "e-mail address", "policy number"])
def test_the_same_item_may_be_asked_for_in_private(move: str, item: str) -> None:
    Guard().check(move.format(item))


@pytest.mark.parametrize(
    "reply",
    [
        "No need to DM, just your order number please.",
        "Please DM us a photo. And what e-mail is it under? You can answer that bit here.",
        "We can do this without a DM: your account number, please.",
    ],
)
def test_a_private_message_that_is_waved_off_excuses_nothing(reply: str) -> None:
    with pytest.raises(GuardBlocked):
        Guard().check(reply)


def test_what_the_brand_publishes_may_be_said_although_it_is_a_street() -> None:
    text = "Send it to Marram Returns, 7 Castle Road, Derby DE24 8RT, for your refund."
    with pytest.raises(GuardBlocked):
        Guard().check(text)
    Guard(("7 Castle Road, Derby DE24 8RT",)).check(text)


def test_a_detector_of_names_finds_what_no_rule_does() -> None:
    text = "Zofia Brzozowska says hello."
    Guard().check(text)
    with pytest.raises(GuardBlocked, match="PERSON"):
        Guard(detect=lambda _: (Span(0, 16, "PERSON"),)).check(text)
