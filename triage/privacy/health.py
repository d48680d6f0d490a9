"""Health told of oneself or of a person one speaks for.

A condition alone is not enough ("deaf" complains of a helpline, "stroke" of a phone): the sentence
must speak of a person, and figures of speech are taken out first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.privacy.findings import Finding, Ground, Rule, any_of

#: Names of illnesses, treatments and aids.
_CONDITION: Final = (
    r"type (?:1|2|one|two)(?: diabet\w+)?|diabet(?:ic|es)|insulin(?: pens?| pump)?|epilep(?:sy|tic)|seizures?"
    r"|chemo(?:therapy)?|radiotherapy|cancer|tumou?rs?|leuka?emia|coeliac|celiac|anaphyla\w+|epi-?pens?|asthma(?:tic)?"
    r"|inhaler|wheelchair user|wheelchair[- ]bound|pregnan(?:t|cy)|dialysis|copd|multiple sclerosis|parkinson'?s"
    r"|dementia|alzheimer'?s|autis(?:m|tic)|pacemaker|ptsd|hiv|crohn'?s|colitis|ibs|fibromyalgia|arthritis|lupus"
    r"|food poisoning|concussion|miscarri(?:ed|age)|motor neurone disease|mnd|cerebral palsy|chicken ?pox|pneumonia"
    r"|covid|oxygen concentrator|home oxygen|on oxygen|heart (?:attack|condition|failure|disease|surgery)"
    r"|brain (?:injury|tumou?r)|tracheostomy|adhd|bipolar|schizophreni\w+"
    r"|(?:my|with|from|clinical|postnatal|severe) depression|anxiety (?:attack|disorder)|panic attacks?"
    r"|registered disabled|(?:my|his|her) (?:\w+ )?disabilit(?:y|ies)"
    r"|disabled (?:son|daughter|mum|mom|dad|mother|father|wife|husband|child|brother|sister|passenger|customer|person"
    r"|veteran)|amputee|paraplegic|hip replacement|new hips|kidney (?:failure|stones?|disease)|hearing aids?"
    r"|\w+ allerg(?:y|ies)|allergic (?:reaction|to \w+)|anaemi\w+|overdos\w+|suicid\w+|self[- ]harm\w*|salmonella"
    r"|e\.? ?coli|sober \w*\s?alcoholic|(?:recovering|former|sober) (?:alcoholic|addict)"
    r"|(?:taken|took) (?:some|all the|too many) (?:tablets|pills)|needs? suctioning"
    r"|(?:had|having|after|from|before|recovering from|for) (?:\w+ ){0,2}?surgery|in (?:a )?coma"
    r"|cystic fibrosis|(?:had|having|suffered|after) a (?:mini[- ]|second )?stroke|blood thinners|migraines"
    r"|sickle cell|prosthetic (?:leg|arm|limb|foot|hand)|(?:broke out in|covered in) hives|slipped disc"
    r"|out of hospital|(?:discharged from|admitted to) (?:the )?hospital|had my (?:gallbladder|appendix|tonsils"
    r"|spleen)"
    r" (?:out|removed)|krebs|diabetes|insulina|allergique|allergisch|al[eé]rgic[oa]|schwanger|embarazada|enceinte"
    r"|zwanger|rollstuhl"
    r"|fauteuil roulant|silla de ruedas|epilepsie|epilepsia|asma|(?:knee|hip|back|heart|eye|brain)"
    r" (?:surgery|operation|op)|tested positive|lymphoma"
    r"|melanoma|sertraline|prozac|citalopram|fluoxetine|ritalin|adderall|xanax|salbutamol|levothyroxine"
    r"|tourette'?s|narcolepsy|hernia|appendicitis|sepsis|angina|(?:kidney|liver|heart|lung) transplant|stoma|colostomy"
    r"|catheter|feeding tube|hospice|palliative care|terminal (?:illness|cancer)|ivf|antidepressants?|warfarin"
    r"|methadone"
    r"|metformin|(?:nut|peanut|dairy|gluten|latex) allergy|eczema|psoriasis|endometriosis|pcos|sciatica|shingles"
    r"|(?:tested|hiv|covid) positive|long covid|(?:anxiety|heart|epilepsy|asthma|blood pressure|thyroid|diabetes"
    r"|insulin)"
    r" (?:meds?|medication|tablets|pills|prescription)|suffer(?:s|ed|ing)? (?:from|with) (?!this|that|your|the |a "
    r"|an |it"
    r"|you)\w+|mobility scooter|my guide dog|immuno\w+|chronic (?:pain|fatigue|illness)"
    r"|made me (?:very |really |so |violently )?(?:sick|ill)"
    r"|(?:got|get|been|being) (?:really |so |very |violently )?(?:sick|ill) (?:from|after|off)|nearly died|passed out"
    r"|(?:in|at) a ?(?:&|&amp;|and) ?e\b|in the er\b|(?:been |was |is |are |am |i'm |i've been |started |can'?t stop "
    r"|keep |kept )?(?:vomiting|throwing up)\b(?! (?:hands|errors?|ads))|lips? (?:are|is) swelling"
    r"|throat (?:is )?(?:closing|swelling)|chest pains?|(?:moaning|writhing|screaming) in pain(?: and \w+)?"
    r"|(?:blistering|nasty|itchy) rash|blistered|(?:lost|losing) (?:most of )?my (?:sight|hearing|vision)"
)
#: What is said of someone; told of a helpline or a phone, these words mean something else.
_STATE: Final = (
    r"deaf|blind|partially sighted|visually impaired|hard of hearing|paraly[sz]ed|pregnant|diabetic|epileptic|autistic"
    r"|disabled|anaphylactic(?: to \w+)?|allergic(?: to \w+)?|hospitali[sz]ed|in (?:the )?hospital|in labou?r|bleeding"
    r"|unconscious|having a seizure|having chest pains?|terminally ill"
)
_TOLD: Final = (
    r"(?:newly |just |been |was )?diagnosed (?:with |as )?(?:a )?\w+"
    r"|(?:i'?m|i am|i've been|i was|she'?s|he'?s|she is|he is|who is|(?:my|our) \w+(?: is|'s)|i have a \w+ who is)"
    rf" (?:\w+ ){{0,2}}?(?:{_STATE})"
)
#: Conditions that are acronyms of other things too: only in capitals, only had by someone.
_ACRONYM: Final = (
    r"(?i:have|has|had|got|with|i've) (?:MS(?! Office| Word| Excel| Teams| Paint)|MND|COPD|IBS|CF|HIV|ADHD|PTSD|OCD)"
)
_ILL = re.compile(rf"\b(?:{_TOLD}|{_CONDITION})\b|\b(?-i:{_ACRONYM})\b", re.IGNORECASE)
#: The same, for one look over a text in lower case: three times as fast, but for where it stands.
_SOME_ILL = re.compile(rf"\b(?:{_TOLD}|{_CONDITION})\b")
_SOME_ACRONYM = re.compile(r"\b(?i:have|has|had|got|with|i've) [A-Z]{2,4}\b")

_PART: Final = (
    r"(?:head|arms?|legs?|wrists?|ankles?|ribs?|neck|hands?|fingers?|foot|feet|toes?|knees?|shoulder|nose|hip|forehead"
    r"|face|skull|tooth|teeth|lips?|elbow|thumb|collarbone)"
)
_HURT = re.compile(
    rf"\b(?:(?:broke|hit|hurt|cut|burn(?:ed|t)) (?:my|his|her|our)"
    rf"|(?:fractured|cracked|sprained|dislocated|injured|banged|twisted) (?:my|his|her|our|an?"
    rf"|the)) (?:\w+'?s? ){{0,2}}?{_PART}\b|\b(?:an?|my|his|her) (?:broken|fractured|sprained|cut|cracked|dislocated"
    rf"|swollen|bleeding) {_PART}\b",
    re.IGNORECASE,
)
_SOME_PART = re.compile(rf"\b{_PART}\b", re.IGNORECASE)

_PERSON = re.compile(
    r"\b(?:i|i'?m|i'?ve|i'?d|me|my|mine|ich|mein|meine|ik|mijn|je|j'ai|mon|ma|mi|tengo|estoy|soy|myself|he|he's|she"
    r"|she's|his|her|him|we|our|us|son|daughter|mum|mom|dad|wife"
    r"|husband|baby|child|kid|kids|mother|father|brother|sister|nan|gran|friend|man|woman|lady|boy|girl|passenger|here"
    r"|someone|patient|alcoholic|addict|born|aged|took|scooter|guide|ended up|landed|rushed|wife'?s|husband'?s)\b",
    re.IGNORECASE,
)
#: "Just had chemo": the writer is left unsaid.
_UNSAID = re.compile(
    r"^\W*(?:(?:just|still|currently|only|also|and|but) )?(?:had|have|got|am|been|being|suffer(?:ing)?|diagnosed"
    r"|recovering|broke|living with|tested positive|panic attack|\d+ (?:weeks|months)"
    r" pregnant|wheelchair)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"\b(?<!dad )(?<!mum )(?<!mom )(?<!wife )(?<!husband )(?<!father )(?<!mother )(?<!nan )"
    r"(?:giv(?:es?|ing|en)|gave|having|have|had|give|causing|caused) (?:me |us |my \w+ |him |her |everyone )?(?:an? "
    r"|another )?(?:fucking |damn |mini |actual |literal |small |minor )?(?:heart attack|stroke|seizure|aneurysm"
    r"|anxiety|depression|cancer|panic attack|ptsd|aids|brain tumou?r|headache)s?\b(?! (?:in|at|on|during) (?:your"
    r"|the|my|a|board)| last| this morning| yesterday)"
    r"|\bmy (?:wallet|ears?|eyes?|phone|bank ?account|account|app|card|heart|brain|internet|wi-?fi|tv|laptop) (?:is"
    r"|are) \w+"
    r"|\b(?:cancer|diabetes|dementia|autism|alzheimer'?s|hiv|ms|parkinson'?s|depression|mental health|disability"
    r"|disabled) (?:research|awareness|charity|charities|uk|society|fund|foundation|month|patients|walk|toilets?|loos?"
    r"|access|parking|badge|bay|spaces?|seats?|my|this|the|it|your|account|by|on|in|for|from)\b"
    r"|\b(?:is|was|been|are|were|got|get|gets|has) disabled\b|\baccount \w+ disabled\b"
    r"|\b(?:perhaps|maybe|guess|think|unless|am i|if) i'?m (?:going )?(?:just )?(?:blind|deaf)\b"
    r"|\bi'?m (?:blind|deaf) (?:or|but|with)\b|\bmade me (?:sick|ill) (?:with|of|to my)\b|\bsuffer\w* (?:from"
    r"|with) (?:delays|bad|poor|slow|no|lag)\b|\bpregnant pause\b|\bblind (?:spot|date|eye|faith|trust)\b"
    r"|\bdeaf ears\b"
    r"|\b(?:are|r) (?:you|u) (?:all )?(?:deaf|blind)\b|\b(?:separation|social) anxiety\b"
    r"|\bthrow(?:ing)? up (?:my|your|an?|the|errors?)\b|\b(?:phone|laptop|tv|app|computer|site|website|server|screen"
    r"|siri|console|device|router)(?:'s| is| was)? (?:having|had|has) (?:a )?(?:stroke|seizure)s?\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\w)[^.!?\n]+)*")


def find_illness(view: str) -> Iterator[Finding]:
    """Conditions of a person, a finding for each one named."""
    if not _SOME_ILL.search(view.lower()) and not _SOME_ACRONYM.search(view):
        return
    for sentence in _SENTENCE.finditer(view):
        words = _FIGURE.sub(_blanked, sentence[0])
        if not _PERSON.search(words) and not _UNSAID.match(words):
            continue
        for match in _ILL.finditer(words):
            yield Finding(sentence.start() + match.start(), sentence.start() + match.end(), "MEDICAL", Ground.SAID)


def find_injuries(view: str) -> Iterator[Finding]:
    """Injuries to somebody's body."""
    if _SOME_PART.search(view):
        for match in _HURT.finditer(view):
            yield Finding(*match.span(), "MEDICAL", Ground.SAID)


def _blanked(match: re.Match[str]) -> str:
    return "\0" * (match.end() - match.start())


RULES: Final = (
    # One word at least of every condition above.
    Rule(
        find_illness,
        words=any_of(
            "diabetic diabetes insulin epilepsy epileptic seizure seizures chemo chemotherapy radiotherapy cancer"
            " tumor tumour tumors tumours coeliac celiac anaphylactic anaphylaxis epipen epipens epi asthma asthmatic"
            " inhaler wheelchair pregnant pregnancy dialysis copd sclerosis parkinson's parkinsons dementia"
            " alzheimer's alzheimers autism autistic pacemaker ptsd hiv crohn's crohns colitis ibs fibromyalgia"
            " arthritis leukemia leukaemia lupus poisoning concussion miscarriage miscarried neurone mnd palsy"
            " chickenpox pneumonia covid oxygen heart tracheostomy adhd bipolar schizophrenia schizophrenic depression"
            " anxiety panic disabled disability disabilities amputee paraplegic hip hips kidney hearing allergy"
            " allergies allergic anaemia anaemic overdose overdosed suicidal suicide harm salmonella coli deaf blind"
            " sighted impaired paralysed paralyzed hospital hospitalised hospitalized labour labor bleeding"
            " unconscious vomiting throwing terminally lips lip throat chest pain rash blistered sight vision"
            " alcoholic addict tablets pills gallbladder appendix tonsils krebs insulina allergique allergisch"
            " alérgico alérgica schwanger embarazada enceinte zwanger rollstuhl roulant ruedas epilepsie epilepsia"
            " asma crutches prosthetic hives disc lymphoma melanoma sertraline prozac citalopram fluoxetine ritalin"
            " adderall xanax salbutamol levothyroxine fibrosis stroke thinners migraines sickle tourettes tourette's"
            " narcolepsy hernia appendicitis sepsis angina transplant stoma colostomy catheter feeding hospice"
            " palliative terminal ivf antidepressant antidepressants warfarin methadone metformin eczema psoriasis"
            " endometriosis pcos sciatica shingles positive meds med medication prescription suffer suffers suffered"
            " suffering scooter guide chronic immunosuppressed immunocompromised suctioning surgery coma sick ill died"
            " passed er ms cf ocd diagnosed pox e type"
        ),
    ),
    Rule(
        find_injuries,
        words=any_of(
            "broke broken fractured cracked sprained dislocated injured hurt burned burnt cut hit banged twisted"
            " swollen bleeding"
        ),
    ),
)
