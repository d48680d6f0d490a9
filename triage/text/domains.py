"""Top-level domains that a link without doubt may end in: the countries' and the best known others."""

from __future__ import annotations

from typing import Final

#: Two letters each, as ISO 3166 assigns them, and the few that are in use beside it.
_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv
bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et
eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il
im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc
md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa
pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss
st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk um us uy uz va vc ve vg vi vn
vu wf ws ye yt za zm zw
"""

#: Countries that have a domain in their own script as well.
_IN_OWN_SCRIPT = """
бг бел ею қаз мкд мон рф срб укр ελ հայ გე ישראל الاردن الجزائر السعودية المغرب امارات ایران بھارت پاکستان تونس
سودان سورية عراق عمان فلسطين قطر مصر مليسيا भारत भारतम् भारोत বাংলা ভাৰত ভারত ਭਾਰਤ ભારત இந்தியா இலங்கை சிங்கப்பூர் భారత్ ලංකා ไทย
中国 中國 台湾 台灣 新加坡 澳门 澳門 香港 한국
"""

#: Not of a country, and met in the wild.
_WELL_KNOWN = """
aero agency app art asia bank best biz blog business cafe care careers cat center chat city click cloud club
codes coffee com community company consulting coop design dev digital education edu email energy events
exchange expert express fashion finance fitness flights food football foundation fun fund gallery game games
global gov group guide guru health help hotel house info int international jobs law life link live loan ltd
map market marketing media menu mil mobi money movie museum name net network news one online org page
partners photo photography photos pizza plus press pro promo properties pub red rent repair report reviews
rocks run sale school science services shop shopping show site social software solar space store stream
studio style support systems team tech technology tel tickets tips today tools top tours town toys trade
training travel university video vip vision watch website wiki win work works world xxx xyz zone
онлайн орг сайт קום みんな コム 公司 在线 网址 网络 中文网 닷넷 닷컴
"""

COUNTRIES: Final = frozenset(_COUNTRIES.split())
COUNTRIES_IN_OWN_SCRIPT: Final = frozenset(_IN_OWN_SCRIPT.split())
WELL_KNOWN: Final = frozenset(_WELL_KNOWN.split())
