"""What opens an account: passwords, codes, user names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

#: Words that follow "my username is" or "password:" without being one.
_STOP: Final = (
    r"(?!(?:a|an|and|also|are|as|at|be|been|being|but|by|can|can't|cannot|changed?|correct(?:ly)?|did|do|does|doesn't"
    r"|don't|even|for|from|gone|had|has|have|here|how|i|if|in|incorrect|into|invalid|is|isn't|isnt|it|its|it's|just"
    r"|keeps?|locked|logged|login|me|my|name|no|not|now|of|off|on|or|our|out|page|password|please|pls|problem|reset"
    r"|screen|same|should|so|still|some|taken|than|that|the|their|then|there|they|this|to|too|unknown|until|username"
    r"|was|wasn't|wants?|we|were|what|when|where|which|who|why|will|with|won't|wont|working|works?|wrong|you|your"
    r"|expired|required|needed|needs?|fine|all|almost|already|always|back|broken|down|impossible|never|nothing|only"
    r"|recovery|rejected|sent|under|via|set|accepted|safe|secure|right|ok|okay|different|blank|empty|weird|unavailable"
    r"|available|up|over|yours|mine|one|like|again|error|email|mail|correct|private|public|inactive|active|mandatory"
    r"|\w+ing|\w+ed)\b)"
)
_IS: Final = r"(?: ?\b(?:is|was)\b| ?[=:;]| - | on \w+ is\b){1,2}[ \"'\n]{0,3}"
_MIXED_NAME: Final = r"(?=[\w.#*-]{0,30}[\d_])[\w.][\w.#*-]{2,29}"
_USER_NAME = re.compile(
    r"\b(?:user ?name|user ?id|userid|gamer ?tag|player tag|my psn|psn (?:id|name)|screen ?name|sign-?in id|driver id"
    r"|account name)(?:'s)?"
    rf"(?:{_IS}{_STOP}([\w.][\w.#*-]{{2,29}})|[ \n\"']{{1,3}}({_MIXED_NAME}))(?!@)",
    re.IGNORECASE,
)
_MIXED_USER_NAME = re.compile(
    rf"\b(?<!case )(?<!order )(?<!ticket )(?<!email )(?:log ?in|profile|handle|user|id)(?:{_IS}|:"
    rf"| (?=\w+_\w|\w+\d))({_MIXED_NAME})(?![@\w])"
    r"|(?<![\w.@/-])(?=[\w.]{0,30}[\d_])([\w.]{4,30}) is (?:the|my) (?:user ?name|gamer ?tag|user ?id|log ?in)\b",
    re.IGNORECASE,
)
_USER_NAME_LAST = re.compile(
    rf"\buser ?name[ \n]+{_STOP}([\w.-]{{3,30}}?)(?=[\s.!,]{{0,4}}(?:thanks?|thx|ty|cheers)?[\s.!]{{0,4}}$)",
    re.IGNORECASE,
)
_UNDERSCORED = re.compile(r"(?<![\w@./:=&?%+-])(?=[a-zA-Z]{3})[A-Za-z]+_[A-Za-z0-9]{0,30}\d(?![\w@/:=-]|\.\w)")

_BEFORE_EMAIL = re.compile(
    r"[\s\0]*(?!(?:e?-?mails?|sure|yes|yep|yeah|no|its|it's|hi|hey|hello|hiya|thanks|thx|ok|okay|user|username|here"
    r"|address|account|try|please|pls|contact|my|the|login|id|dm|done|sent|using|with|from|is|this|that|new|old|also"
    r"|and|or|so|correct|right|mine|name|it|one|well|send|at|to|on|use)\b)"
    rf"{_STOP}([A-Za-z0-9][\w.-]{{2,29}}),?(?:\s{{1,3}}| - e-?mail[:;]? )[\w.+-]{{1,64}}@\w",
    re.IGNORECASE,
)

#: A password said to be one: what has a digit or a sign in it, or what a colon introduces.
_PASSWORD = re.compile(
    r"\b(?:pass ?word|passwd|pw|pwd|pass ?code|pass ?phrase|passwort|kennwort|contraseña|clave|mot de passe|wachtwoord"
    r"|wi-?fi key|network key"
    r"|(?<!boarding )(?<!travel )(?<!day )(?<!season )(?<!bus )(?<!game )pass)"
    rf"(?:(?:[ \"']*\b(?:is|was|to|es|ist|est)\b|[ \"']*(?:[=:]|-{{1,2}}>|→)"
    rf"|,? )[ \"']*{_STOP}(?=\w\S{{3}})(?=[^\s\0]{{0,40}}[\d!#$%^&*_])"
    rf"([^\s\"',\0]{{0,20}}[A-Za-z][^\s\"',\0]{{0,40}})|[ \"']*[=:][ \"']*{_STOP}([^\s\"',\0]{{4,40}}))",
    re.IGNORECASE,
)
_PASSWORD_QUOTED = re.compile(
    r"\b(?:pass ?word|passwd|pw|pwd|pass ?code|pass ?phrase|passwort|kennwort|contraseña)(?: is| was| =|:|=) ?"
    r"[\"'“‘]([^\s\"'”’][^\"'”’\0]{2,40})[\"'”’]",
    re.IGNORECASE,
)
_PASSWORD_AFTER = re.compile(r"(?<!\S)(?=\S{0,30}\d)(?=\S{0,30}[A-Za-z])(\S{6,30}) is my password\b", re.IGNORECASE)
_TRIED = re.compile(
    r"\b(?:tried|using|typed|entered) (?:it\. )?(?=\S{0,30}\d)(?=\S{0,30}[!#$%^&*_-])([A-Za-z]\S{5,30}?)"
    r"(?=[\s.,]{0,4}\s(?:and|but|it) .{0,25}(?:password|wrong|incorrect|invalid))",
    re.IGNORECASE,
)
_OTHER_CODES: Final = any_of(
    "error promo area zip post discount country dress qr bar source flight fault item product booking order store"
    " sort status coupon offer model referral tracking reference"
)
_NO_OTHER_CODE: Final = "".join(rf"(?<!\b{kind} )" for kind in sorted(_OTHER_CODES))
_CODE = re.compile(
    rf"\b{_NO_OTHER_CODE}(?:pin|otp|cvv2?|cvc|passcode|one[- ]time (?:pass)?code|mtan|tan|c[oó]digo|puk"
    rf"|verification code|security code"
    rf"|access code"
    r"|gate code|door code|code)(?: (?:code|no|number|like an? \w+|(?:you|u|ur|they) (?:just )?(?:sent|gave"
    r"|texted)(?: me| over)?|i (?:got|received)"
    r"|sent to me))?(?: (?:to|for|of) (?:[a-z']+ ){0,3}[a-z']+)?(?:[ :=,\-(\"']|'s\b|\b(?:is|was|entered|i enter|its"
    r"|it's"
    r"|of|to|now|as|es|ist|est|still"
    r"|says?)\b){1,7}#?(\d{3}[ -]?\d{3}|\d{4}#?"
    r"|\d{5,8}|\d(?:[ ._-]{1,2}\d){3,7}|\d\d \d\d(?: \d\d)?)(?![\w-]"
    r"|[.,:/]\d)",
    re.IGNORECASE,
)
#: Codes with letters, where it is said what they open; and the same with the name after them.
_OPENS: Final = (
    r"(?:pick[- ]?up|collection|gate|door|entry|access|alarm|locker|key ?safe|security|verification|confirmation"
    r"|login|log-?in"
    r"|2fa|auth\w*|recovery|backup|unlock|activation|one[- ]time|wi-?fi|delivery)"
)
_MIXED_CODE: Final = r"(?-i:(?=[A-Z-]{0,6}\d)(?=[\d-]{0,6}[A-Z])[A-Z\d]{2,5}-?[A-Z\d]{2,5})"
_OPENING_CODE = re.compile(
    rf"\b(?:{_OPENS} (?:code|pin|key|number)(?: (?:to|for|of|at) (?:[a-z']+ ){{0,3}}[a-z']+)?"
    rf"|key ?safe)(?:[ :=,\-(\"']|\b(?:is|was|its|it's|of|to|now)\b){{1,7}}({_MIXED_CODE}"
    rf"|\d{{4,8}})(?![\w-])",
    re.IGNORECASE,
)
_CODE_AFTER = re.compile(
    rf"(?<![\w.$£€-])({_MIXED_CODE}|\d{{4,8}}|\d{{3}}[ -]\d{{3}}),? (?:(?:that'?s|is|was|it'?s|as|="
    rf"|being) )?(?:(?:the|my|your|our|a|an)"
    rf" ){{1,2}}(?:\w+ )?(?:{_OPENS} (?:code|pin)|pin|otp|passcode|password|cvv2?|pin ?code)\b",
    re.IGNORECASE,
)
#: The three digits on a card's back, and the answer that opens an account.
_CARD_CODE = re.compile(
    r"\b(?:cvv2?|cvc|csc|security (?:code|number|digits)|(?:3|three)[- ]digits?(?: on the back)?)(?:[ :=#.(-]|\b(?:is"
    r"|was|code|number|no)\b){1,5}(\d{3,4})\b",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b(?:(?:security|secret) answer|memorable (?:word|name|place|information)|answer to (?:my|the) security question)"
    rf"(?: (?:is|was)|:| -)[ \"'“]{{1,2}}{_STOP}(\w[\w'-]{{2,30}})",
    re.IGNORECASE,
)
#: Typed or sent, and called a code later in the sentence.
_TYPED_CODE = re.compile(
    r"\b(?:enter(?:ed|ing)?|typ(?:ed|ing)|texted me|sent me|got|received|put in|use|using) (?:the code |code |this "
    r"|pin )?"
    r"(\d{4}|\d{6,8}|\d{3}[ -]\d{3})\b(?=[^.!?\n\0$£€]{0,30}\b(?:code|sms|otp|pin|2fa|log ?in|to collect)\b)",
    re.IGNORECASE,
)
_GOOGLES = re.compile(r"\bG-\d{6}\b")
#: A word with digits in it, in talk of a password: written as nothing but passwords are.
_LIKE_PASSWORD = re.compile(
    r"(?<![^\s\"'(:])(?=[^\s\"']{0,30}\d)(?=[^\s\"']{0,30}[A-Za-z])(?=[^\s\"']{0,30}[-_!#$%^&*]|[a-z]+\d+[a-z]+\d*"
    r"|[A-Z][a-z]+\d{2,})"
    r"[A-Za-z0-9][A-Za-z0-9_!#$%^&*-]{6,29}(?=[\s.,\"');:]|$)"
)
_PASSWORD_TALK = re.compile(
    r"\b(?:pass ?words?|pass ?phrase|pwd?|pass ?code|wi-?fi\b.{0,25}\bkey|network key|contraseña|passwort)\b",
    re.IGNORECASE,
)
_NOT_PASSWORD = re.compile(
    r"\d+[-/]\d+.*|(?:iphone|ipad|galaxy|windows|xbox|ps\d|wi-?fi|covid|ios|macbook|mp\d|h\d+|usb|office|playstation"
    r"|note)-?\d*\w{0,3}"
    r"|\d+(?:st|nd|rd|th|gb|mb|hrs?|mins?|days?|months?|years?|weeks?|times?|am|pm|x|k|hours?|minutes?)?(?:-\w+)+"
    r"|\w+-(?:\d|in|up|out|on|to)\b.*",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONEY_BEFORE = re.compile(r"[$£€¥₹]\s?$")
_VOUCHER = re.compile(
    r"\b(?:voucher|gift ?cards?|e-?gift|gift)\b[^!?\n\0]{0,45}?\b((?=[A-Z0-9-]{0,40}\d)"
    r"(?=[A-Z0-9-]{0,40}[A-Z])[A-Z0-9]{3,8}(?:-[A-Z0-9]{3,10}){1,4})\b",
    re.IGNORECASE,
)


def find_passwords(view: str) -> Iterator[Finding]:
    """Passwords that the text calls so."""
    for pattern in (_PASSWORD, _PASSWORD_QUOTED, _PASSWORD_AFTER):
        for match in pattern.finditer(view):
            yield _trimmed(match, match.lastindex or 1, "PASSWORD", view, Ground.CERTAIN)


def find_tried(view: str) -> Iterator[Finding]:
    """Passwords that someone says to have tried, in vain."""
    for match in _TRIED.finditer(view):
        yield _trimmed(match, 1, "PASSWORD", view, Ground.CERTAIN)


def find_pins(view: str) -> Iterator[Finding]:
    """PINs, one-time codes, gate codes, and codes of gift cards: whoever reads them can use them."""
    for match in _CODE.finditer(view):
        if not _YEAR.fullmatch(match[1]) and not _MONEY_BEFORE.search(
            view[max(0, match.start(1) - 2) : match.start(1)]
        ):
            yield Finding(*match.span(1), "PASSWORD", Ground.CERTAIN)
    for pattern in (_OPENING_CODE, _CODE_AFTER, _CARD_CODE, _TYPED_CODE):
        for match in pattern.finditer(view):
            if not _YEAR.fullmatch(match[1]):
                yield Finding(*match.span(1), "PASSWORD", Ground.CERTAIN)
    for match in _VOUCHER.finditer(view):
        yield Finding(*match.span(1), "PASSWORD", Ground.CERTAIN)


def find_secrets(view: str) -> Iterator[Finding]:
    """Answers to security questions."""
    for match in _SECRET.finditer(view):
        yield Finding(*match.span(1), "PASSWORD", Ground.CERTAIN)


def find_like_passwords(view: str) -> Iterator[Finding]:
    """Words that look like nothing but a password, where the text speaks of one; and Google's codes."""
    for match in _GOOGLES.finditer(view):
        yield Finding(*match.span(), "PASSWORD", Ground.CERTAIN)
    if _PASSWORD_TALK.search(view):
        for match in _LIKE_PASSWORD.finditer(view):
            if not _NOT_PASSWORD.fullmatch(match[0]):
                yield Finding(*match.span(), "PASSWORD", Ground.GUESSED)


def find_user_names(view: str) -> Iterator[Finding]:
    """Names of accounts that the text calls so."""
    for match in _USER_NAME.finditer(view):
        yield _trimmed(match, match.lastindex or 1, "ACCOUNT_NO", view, Ground.SAID)
    for match in _USER_NAME_LAST.finditer(view):
        yield Finding(*match.span(1), "ACCOUNT_NO", Ground.SAID)
    for match in _MIXED_USER_NAME.finditer(view):
        yield _trimmed(match, match.lastindex or 1, "ACCOUNT_NO", view, Ground.SHAPED)


def find_underscored(view: str) -> Iterator[Finding]:
    """``pixelnan_64``: nothing else in a message is written so."""
    if "_" in view:
        for match in _UNDERSCORED.finditer(view):
            yield Finding(*match.span(), "ACCOUNT_NO", Ground.GUESSED)


def find_user_names_beside(view: str) -> Iterator[Finding]:
    """A lone word that opens the text right before an e-mail address, as people answer "user name and e-mail?"."""
    match = _BEFORE_EMAIL.match(view)
    if match:
        yield Finding(*match.span(1), "ACCOUNT_NO", Ground.GUESSED)


def _trimmed(match: re.Match[str], group: int, kind: str, view: str, ground: Ground) -> Finding:
    """The group without the punctuation that ends the sentence."""
    start, end = match.span(group)
    while end - start > 3 and view[end - 1] in ".,;:)?":
        end -= 1
    return Finding(start, end, kind, ground)


RULES: Final = (
    Rule(
        find_passwords,
        words=any_of(
            "password passwd pw pwd passcode passphrase pass passwort kennwort contraseña clave passe wachtwoord key"
        ),
    ),
    Rule(find_secrets, words=any_of("answer memorable")),
    Rule(
        find_like_passwords,
        digits=1,
        words=any_of("password passwords passphrase pw pwd key g contraseña passwort passcode"),
    ),
    Rule(find_tried, digits=1, words=any_of("tried using typed entered")),
    Rule(
        find_pins,
        digits=2,
        words=any_of(
            "pin otp cvv cvc csc passcode code gift voucher giftcard egift código codigo puk tan mtan key password"
        ),
    ),
    Rule(
        find_user_names,
        words=any_of("username user userid gamertag tag psn screenname name login profile handle id driver"),
    ),
    Rule(find_underscored, digits=1),
)
