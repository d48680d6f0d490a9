"""What a customer can be asked for, as replies name it, by type.

``ITEMS`` are names that mean the item wherever they stand. ``VAGUE`` are names that mean it only where the
sentence asks for something: "the number on your bill", "which medicine", "where you live".
"""

from __future__ import annotations

from typing import Final

_NUMBER: Final = r"(?: (?:reference|ref\.?|numbers?|no\.?|#|id|details?|info(?:rmation)?|code|name|holder'?s? name))+"
#: What a customer could be asked for, by type.
ITEMS: Final = {
    "EMAIL": (
        r"e-?mail ?(?:address(?:es)?|id)|(?<!an )(?<!of the )(?<!at the )(?<!this )(?<!send )(?<!sending )(?<!by )"
        r"(?<!via )(?<!with )(?<!to your )(?<!to the )e-?mail(?! (?:app|client|program|confirmation|notification"
        r"|message|from|newsletter|settings|alert|was|about|issues?|problem|accounts|that you|you (?:received|got)|with"
        r"|to|asking|and then))"
    ),
    "PHONE": (
        r"(?:(?:tele)?phone|mobile|cell|contact|callback|call-?back|landline|whats ?app"
        r"|daytime)(?: phone)? ?(?:numbers?|no\.?|num|#|details?)|contact (?:info(?:rmation)?|details)"
    ),
    "STREET_ADDRESS": (
        r"(?:(?:home|street|postal|mailing|delivery|shipping|billing|full|service"
        r"|house) )*(?<!to )address(?:es)?(?! (?:this|the|all|it|these|any|that|is eligible|book"
        r"|of (?:that|the|this) (?:store|shop|restaurant|branch)))|where you live|house number"
    ),
    "POSTCODE": r"(?:full )?(?:post ?code|zip(?: ?code)?|postal code)",
    "CARD": (
        r"(?:(?:credit|debit|bank|payment|gift) )*card(?: (?:number|no\.?|details?|info(?:rmation)?))"
        r"|(?:last|first) (?:4|four|6|six) (?:digits|numbers)|long number"
    ),
    "BANK_ACCOUNT": (
        r"iban|sort code|(?:bank|banking|payment) (?:account )?(?:details?|account|info(?:rmation)?|number)"
        r"|routing number"
    ),
    "NATIONAL_ID": (
        r"ssn|social security(?: number)?|national insurance(?: number)?|ni number"
        r"|passport(?: (?:number|no\.?|details?))?|(?:national )?id (?:number|card)|pan(?: card)?(?: number)"
        r"|driv\w+ licen[cs]e(?: number)?|aadhaa?r(?: number)?"
    ),
    "DATE_OF_BIRTH": r"(?:date|day) (?:on which|when|that) (?:you|he|she) (?:were|was) born|date of birth"
    r"|d\.?o\.?b\.?\b|birth ?(?:date|day)",
    "BOOKING_REF": (
        rf"(?:booking|reservation|confirmation|trip){_NUMBER}|pnr|record locator"
        r"|(?:6|six)[- ](?:character|digit|letter) (?:code|reference|confirmation)"
    ),
    "ORDER_NO": (
        rf"(?:order|invoice|receipt|transaction|purchase){_NUMBER}|order #|digits (?:on|of) (?:your|the) receipt"
    ),
    "ACCOUNT_NO": (
        rf"(?:account|customer|member(?:ship)?|policy|loyalty|user|frequent flyer|rewards|contract|client){_NUMBER}"
        r"|user ?name|log ?in(?: (?:details|name|id))?|acct(?: (?:number|no\.?|#))?|account #"
    ),
    "TRACKING_NO": rf"(?:tracking|consignment|parcel|shipment|awb|waybill){_NUMBER}",
    "TICKET_NO": (
        r"(?:ticket|case|claim|complaint|reference|incident|file)(?: (?:reference|ref\.?|numbers?|no\.?|id))+"
        r"|ref(?:erence)? (?:number|no\.?)"
    ),
    "PASSWORD": (
        r"pass ?words?|passcode|pin(?: (?:number|code))?|otp|cvv2?|cvc|memorable word"
        r"|(?:verification|security|one[- ]time|access) (?:code|number|word|answer)"
    ),
    "PERSON": (
        r"(?:full|legal|first and last|last|sur|complete) ?names?"
        r"|names? (?:on(?! it)|as it appears on|and (?:address|email|e-mail|number|date|account|phone|post ?code"
        r"|order))"
    ),
    "IP": r"ip address(?:es)?",
    "MEDICAL": (
        r"(?:medical|health) (?:condition|details?|history|information|records?)"
        r"|(?:your|their|his|her) (?:symptoms|diagnosis)"
    ),
}

#: Words before "number" with which it is nobody's: of a train, a model, an error, or the brand's own.
_PUBLIC_NUMBER: Final = (
    r"flight|train|bus|route|coach|service|platform|gate|stop|station|store|branch|model|version|build|firmware|part"
    r"|item|product|batch|lot|sku|article|error|status|channel|option|our|free|freephone|toll|hotline|helpline"
    r"|emergency|support|customer service|care|team|press|same|any|large|small|high|low|record|limited|maximum"
    r"|total|whole|right|wrong|new|old|exact|big|good|great|certain|huge|growing|this|that|these|what|which|an?|the"
    r"|your|my|his|her|their|of|or|and|by|short|local|national|us|uk|isbn|ean|season|episode|page|week|round|squad"
    r"|shirt|jersey|track|tail|fleet|unit|seat|row|size|colou?r|phone|favou?rite|lucky|many|few|several|some|more"
    r"|it|is|in|on|to|for"
    r"|with|no|back|correct|main"
)
VAGUE: Final = {
    "TICKET_NO": (
        rf"(?!(?:{_PUBLIC_NUMBER})\b)[a-z][\w-]{{2,}} (?:numbers?|no\.|ref(?:erence)?)"
        r"|(?:the|those|these|your|that|a|which|\w+teen|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
        r"|last|first|final|\d{1,2})[ -]digits?|(?<!in )(?<!for )(?<!with )(?<!future )(?:references?"
        r"|refs?)(?! (?:to|only"
        r"|point|purposes))"
        r"|(?:code|characters?|letters?) (?:on|at|from|under|above|below|printed on) (?:the|your) "
        r"|(?:number|digits?) (?!on the (?:front|side) of)(?:on|at|from|under|above|below|in|printed|starting"
        r"|beginning|that starts"
        r"|that begins|that's on|which starts|inside|next to) (?:the|your|it|its|rr|with|of|a)"
        r"|(?:photo|photograph|picture|pic|screen ?shot|image|copy|scan|snap)s? of (?:\w+ ){0,3}?(?:receipt"
        r"|bookings?|confirmation"
        r"|invoice|bill|label|tickets?|card|boarding pass|passport|id|statement|itinerary|order|account|bag tag"
        r"|letter|licen[cs]e)"
        r"|which (?:policy|order|booking|account|parcel|claim|appointment|contract|subscription"
        r"|reservation)(?= (?:is|was|are|do|did)\b)"
        r"|(?:that|the|your) (?:booking |order )?confirmation(?= (?:with|here|in|below|over)\b)"
        r"|(?:pick-?up|collection|delivery|voucher|gift|redemption|redeem|access|unlock|activation|recovery) code"
    ),
    "PERSON": (
        r"(?:whose|which|what|under what|the|in what) names?(?= (?:is|was|it|on|did|the|you|for|that|we|they|are|were))"
        r"|names? (?:it's|it is|it was|you (?:used|gave|booked)|of the (?:passenger|guest|account|card|patient"
        r"|driver|person"
        r"|traveller|holder|payer|recipient|child|person|policy)|(?:for|under) (?:the|your) (?:booking|order|table"
        r"|reservation))"
        r"|who(?:'s| is) (?:the |your )?(?:bill ?payer|account ?holder|lead passenger|policy ?holder|card ?holder"
        r"|registered \w+|named"
        r" driver|next of kin|owner of)|initials|(?:kid|child|son|daughter|wife|husband|partner|mother|father|mum"
        r"|mom|dad)(?:'s|s')? (?:full )?names?|surnames?|maiden name|your names?|(?:passengers?'?s?|guests?'?s?"
        r"|patient'?s"
        r"|child'?s|holder'?s) names?"
        r"|what(?:'s| is| was) (?:his|her|their|the (?:passenger|child|guest|patient|customer|account holder"
        r"|owner)(?:'s)?)"
        r" (?:full |first |last )?name|who (?:was|is|did you|should|do we) (?:\w+ ){0,3}?(?:addressed|booked"
        r"|registered|made out"
        r"|booking|ordered|order|send|address|it for)"
        r"|who (?:the )?(?:booking|order|account|policy|table|parcel|card) (?:is|was) (?:for|under|in the name of)"
    ),
    "STREET_ADDRESS": (
        r"where (?:should|shall|do|did|can|must) (?:\w+ ){1,3}?(?:go|be sent|be delivered|send|deliver|collect|pick"
        r"|drop)"
        r"|street(?=,? (?:and|or|plus|name|number))|where (?:do |did |should |exactly )?(?:you live|(?:we"
        r"|i) (?:send|deliver|post|bring)|it (?:should )?(?:go"
        r"|be (?:sent|delivered)))"
        r"|where (?:was|is) (?:it|that|the (?:parcel|order|package)) (?:going|headed|delivered|sent|meant|supposed)"
        r"|(?:town|city) and (?:road|street)|(?:which|what|whose) (?:street|road|house|flat|door|building|address)"
        r"|(?:door|house|flat|apartment"
        r"|building) numbers?"
        r"|(?:your|the) (?:street|road|door|house|block)(?= (?:name|and|number|is|please|plus|or))|street name"
        r"|house and street"
        r"|(?:old|new|current|previous|correct|right|other|exact) address"
    ),
    "MEDICAL": (
        r"(?:which|what|any|your|the) (?:medicines?|medications?|tablets|drugs?|pills|dose|dosage|prescriptions?"
        r"|allerg(?:y|ies)"
        r"|conditions?|illness|diagnosis|injur(?:y|ies)|disability|procedure|treatment|operation)"
        r"|(?:on any|taking any|take any) (?:medicines?|medications?|tablets|blood thinners|painkillers|antibiotics"
        r"|insulin)|see the (?:doctor|nurse|gp|dentist) about"
        r"|treated for|(?:which|what) (?:hospital|gp|doctor|surgery|clinic|ward)"
        r"(?= (?:surgery |practice )?(?:is|are|was|were|do|did|you|you're|he|she|your)\b)"
        r"|how long (?:have|has) (?:you|he|she|your \w+) had (?:\w+ ){0,2}?(?:diabet\w+|asthma|epileps\w+|pains?"
        r"|symptoms|condition|allerg\w+)"
        r"|how (?:far along|many weeks)|(?:are|is) (?:you|she|he|anyone) (?:pregnant|diabetic|allergic|hurt"
        r"|injured)|medical needs?"
    ),
    "CARD": (
        r"(?:ending|starting|beginning) (?:in|with) what|which (?:\w+ )?card|first six|last four|first (?:and"
        r"|&) last|when it (?:expires|runs out)|expiry(?: date)?"
        r"|(?:security|three|four) (?:digits|code|numbers) (?:on|at) the back|sixteen digits|16 digits|card ends"
        r"|name on (?:it|the card)"
    ),
    "BANK_ACCOUNT": r"which (?:bank )?account|bank (?:you're|you are) with|account (?:to|we should) (?:pay|refund)",
    "IP": r"ip(?: address(?:es)?)?",
    "PHONE": (
        r"(?:which|what) (?:phone |mobile )?(?:number|line|sim)(?! (?:bus|tram|train|route|coach|store|service))"
        r"|number (?:we|i|they) can (?:call|ring|reach|text|get)"
        r"|(?:your|a|best|good) (?:\w+ )?number(?= (?:to|for|we|i|so|and|is|please|below|here|where|in))"
        r"|best (?:phone )?number|(?:a|another) (?:mobile|landline|cell)(?=\s?[?])"
        r"|your (?:cell|mobile|landline)(?! (?:app|data|signal|phone is|network|plan|bill|service|contract|coverage"
        r"|provider))"
        r"|number you(?:'re| are) \w+ing|(?:how|where) (?:do|can|could|should|may) (?:we|i|they|someone) (?:reach"
        r"|call|ring|contact|phone"
        r"|text|get hold of) you|number (?:affected|in question|concerned|you (?:called|rang|texted|want"
        r"|need|gave|used|are calling))"
    ),
    "EMAIL": r"(?:which|what) e-?mail|mail address(?:es)?"
    r"|(?:the|your) (?:hotmail|gmail|outlook|yahoo|icloud)(?= (?:one|address|or|and)\b|[?.!,])"
    r"|e-?mail (?:is|was|it's|you|the|on|under|we)(?! (?:sent|an?|us|confirm\w*))",
    "DATE_OF_BIRTH": r"(?:when|what (?:day|year|date)) (?:were|was|is) (?:you|he|she|your|her"
    r"|his)(?: \w+)? ?(?:born|birthday)|how old|where (?:were|was) (?:you|he|she|your \w+) born"
    r"|year (?:you|he|she) (?:were|was) born|(?:his|her|child's|your) age|day and month",
    "PASSWORD": r"code (?:we|i|they|that) (?:just )?(?:texted|sent|e-?mailed|gave|messaged|came)",
    "ACCOUNT_NO": (
        r"(?:gamer ?tag|screen name|player (?:name|id)|handle|profile (?:name|link)|nickname|psn)(?: name| id)?"
        r"|(?:your|the) (?:log-?in|sign-?in)(?: (?:details|name|id))?(?! (?:issue|page|screen|problem|error|button"
        r"|link|option))"
        r"|(?-i:VIN)|chassis number|(?:imei|serial)(?: numbers?)?|name (?:of|on) your (?:account|profile)"
        r"|number plate|licen[cs]e plate"
        r"|registration"
        r"|reg(?: number)?"
    ),
    "ORDER_NO": r"what(?:'s| is| was) (?:printed|written|shown) (?:on|at)|what it says (?:on|at|under) (?:the"
    "|your) (?:receipt|label|bill|invoice|ticket|card)",
}
