"""Names of public life that people write to brands about: no personal data (labelling guide, head 4).

A short list of our own, by far not complete: the words around a name tell more (:mod:`triage.privacy.exposure`).
"""

from __future__ import annotations

from typing import Final

from triage.privacy.findings import any_of


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split(", "))


#: Known by one name alone.
_ALONE: Final = any_of(
    "trump obama biden putin merkel macron clinton hillary brexit bezos musk zuckerberg branson kardashian kanye"
    " beyonce beyoncé rihanna drake adele eminem madonna shakira messi ronaldo neymar federer nadal djokovic lebron"
    " brady hamlet sherlock batman superman spiderman gandalf voldemort hermione dumbledore frodo yoda vader pikachu"
    " zelda siri alexa cortana bixby santa jesus christ god allah buddha satan hitler stalin einstein"
    " shakespeare mozart beethoven elvis oprah ellen prince bono sting pink cher stormzy skepta kendrick rocky"
    " rambo shrek moana elsa"
)
_FULL: Final = _names(
    "taylor swift, ed sheeran, justin bieber, selena gomez, ariana grande, katy perry, lady gaga, bruno mars, sam "
    "smith, harry styles, kanye west, jay z, kim kardashian, donald trump, barack obama, michelle obama, joe biden, "
    "hillary clinton, bernie sanders, boris johnson, theresa may, jeremy corbyn, david cameron, tony blair, angela "
    "merkel, emmanuel macron, vladimir putin, elon musk, jeff bezos, tim cook, steve jobs, bill gates, mark "
    "zuckerberg, richard branson, warren buffett, larry page, sundar pichai, satya nadella, jack dorsey, john legere, "
    "michael o'leary, alan joyce, doug parker, oscar munoz, ed bastian, willie walsh, tom brady, lebron james, kevin "
    "durant, stephen curry, steph curry, michael jordan, kobe bryant, serena williams, roger federer, rafael nadal, "
    "andy murray, novak djokovic, usain bolt, lionel messi, cristiano ronaldo, david beckham, wayne rooney, harry "
    "kane, lewis hamilton, tiger woods, conor mcgregor, floyd mayweather, muhammad ali, mike tyson, tom hanks, tom "
    "cruise, brad pitt, angelina jolie, leonardo dicaprio, johnny depp, jennifer lawrence, jennifer aniston, emma "
    "watson, emma stone, ryan reynolds, ryan gosling, will smith, morgan freeman, samuel jackson, stephen king, j k "
    "rowling, jk rowling, george orwell, jane austen, agatha christie, harry potter, james bond, sherlock holmes, "
    "darth vader, luke skywalker, rick grimes, jon snow, tony stark, peter parker, bruce wayne, mickey mouse, donald "
    "duck, homer simpson, bart simpson, ronald mcdonald, peter pan, indiana jones, jack reacher, jessica jones, luke "
    "cage, oprah winfrey, ellen degeneres, jimmy fallon, jimmy kimmel, stephen colbert, john oliver, trevor noah, joe "
    "rogan, simon cowell, gordon ramsay, jamie oliver, martin luther king, nelson mandela, mahatma gandhi, winston "
    "churchill, margaret thatcher, abraham lincoln, george washington, albert einstein, isaac newton, charles darwin, "
    "william shakespeare, bob dylan, john lennon, paul mccartney, david bowie, freddie mercury, elton john, michael "
    "jackson, britney spears, mariah carey, celine dion, whitney houston, amy winehouse, frank sinatra, johnny cash, "
    "dolly parton, rick astley"
)


def is_public_figure(name: str) -> bool:
    """Whether the whole of ``name``, or the one word of it, is on the list."""
    words = " ".join(name.lower().replace(".", " ").split())
    return words in _FULL or words in _ALONE
