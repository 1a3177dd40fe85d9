"""Names and addresses as they are compared: for duplicates and for exclusion screening.

Pure functions. What is compared is what is left when spelling habits are taken away: case,
accents, punctuation, legal forms, abbreviations of streets.
"""

import re
from functools import lru_cache

from odoo.addons.healthcare_base.tools.lookalikes import plain_letters

_FORMS = """
    inc incorporated corp corporation co company companies llc lc llp lllp lp ltd limited plc pc pllc pa
    psc chartered chtd dba na
    gmbh mbh ggmbh ag kg kgaa ohg ug gbr ek ev eg
    sa sas sasu sarl eurl snc sca scs sci selarl
    spa srl srls sapa snc
    bv nv vof cv bvba sprl srl asbl vzw
    ab hb as asa ans da aps amba oy oyj ky
    sl slu sau slne sc
    lda ltda eireli me
    sro zoo spzoo doo dd ad ood eood kft rt zrt bt nyrt sia uab
    pty pte pvt bhd sdn kk yk gk ooo oao zao pao
    se scop
"""
#: Legal forms as they stand at the end of a name, without points and spaces.
LEGAL_FORMS = frozenset(_FORMS.split())
_COMMON = """
    and of for de du des la le les del y et und e the
    medical surgical medicine health healthcare care hospital hospitals clinic clinics clinical dental
    pharmacy pharmaceutical pharmaceuticals pharma diagnostic diagnostics imaging orthopedic orthopedics
    laboratory laboratories lab labs biomedical scientific therapy wellness home
    supply supplies supplier suppliers equipment products product devices device instruments services
    service solutions systems system technologies technology group holding holdings international global
    national american america usa us europe associates partners enterprises industries center centers
    centre distributors distribution distributing trading
    medizintechnik medizin klinik medicale medical sante hospitalaria medica productos servicios
"""
#: Words that many names of suppliers of health care have: they tell nobody apart.
COMMON_WORDS = frozenset(_COMMON.split())
#: From this similarity of what is left without them on, two names are looked at. Low, for what is
#: left may be one word with a typing error.
CORE_FLOOR = 0.35
#: Words that name no company at the beginning.
_ARTICLES = frozenset(("the", "la", "le", "les", "el", "los", "die", "der", "das"))
_LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i",
}  # fmt: skip
_FOLD = str.maketrans(_LETTERS)
_SPELT = re.compile(r"\b\w(?:[./]\w)+\b\.?")
_APOSTROPHE = re.compile(r"['’`´]")
_NOT_WORD = re.compile(r"[\W_]+")
_STREET_WORDS = {
    "street": "st", "str": "st", "strasse": "st", "road": "rd", "avenue": "ave", "av": "ave",
    "boulevard": "blvd", "drive": "dr", "lane": "ln", "court": "ct", "place": "pl", "square": "sq",
    "highway": "hwy", "parkway": "pkwy", "terrace": "ter", "suite": "ste", "apartment": "apt",
    "building": "bldg", "floor": "fl", "room": "rm", "north": "n", "south": "s", "east": "e",
    "west": "w", "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
    "fort": "ft", "mount": "mt", "saint": "st", "post": "p", "office": "o",
}  # fmt: skip
_ZIP = re.compile(r"\d{5}(?=\D?\d{4}$|$)", re.ASCII)


def fold(text):
    """Return a text in small letters without accents; an empty text for no text.

    Letters of other scripts that look like Latin ones are those: who is excluded does not pass
    under a name that only looks like its own.
    """
    if not isinstance(text, str):
        return ""
    text = text.casefold()
    return text if text.isascii() else plain_letters(text.translate(_FOLD))


def _words(text):
    text = _SPELT.sub(lambda match: re.sub(r"[./]", "", match.group()) + " ", fold(text))
    return _NOT_WORD.sub(" ", _APOSTROPHE.sub("", text.replace("&", " and ")).strip()).split()


@lru_cache(maxsize=4096)
def name_key(name):
    """Return a name as it is compared: words in small letters, without legal form and article.

    ``"The Müller & Søn Medical Supply Co., L.L.C."`` gives ``"muller and son medical supply"``. A
    name that is nothing but a legal form keeps it.
    """
    words = _words(name)
    kept = words[1:] if len(words) > 1 and words[0] in _ARTICLES else list(words)
    while len(kept) > 1:
        if kept[-1] in LEGAL_FORMS or kept[-1] == "and":
            kept.pop()
        elif len(kept) > 2 and "".join(kept[-2:]) in LEGAL_FORMS:
            del kept[-2:]
        elif len(kept) > 3 and "".join(kept[-3:]) in LEGAL_FORMS:
            del kept[-3:]
        else:
            break
    return " ".join(kept)


def name_core(key):
    """Return what tells a name from others: a key of :func:`name_key` without common words.

    ``"muller and son medical supply"`` gives ``"muller son"``; a name of common words alone is kept.
    """
    return " ".join(word for word in (key or "").split() if word not in COMMON_WORDS) or key or ""


def person_keys(first, middle, last):
    """Return the ways in which a person's name is compared: without and with the middle name.

    An initial is no middle name: ``("John", "Q", "Doe")`` gives ``["john doe"]``.
    """
    short = " ".join(_words(f"{first or ''} {last or ''}"))
    middle = " ".join(_words(middle))
    if len(middle) < 2:
        return [short] if short else []
    whole = " ".join(_words(f"{first or ''} {middle} {last or ''}"))
    return list(dict.fromkeys(filter(None, (short, whole))))


def street_key(*lines):
    """Return an address's street lines as they are compared: ``"400 n river rd ste 5"``."""
    return " ".join(_STREET_WORDS.get(word, word) for line in lines for word in _words(line))


def city_key(city):
    """Return a city as it is compared."""
    return " ".join(_STREET_WORDS.get(word, word) for word in _words(city))


def zip_key(zip_code):
    """Return a postal code as it is compared: a US code without its last four digits; nothing
    for one of zeros only."""
    text = "".join(_words(zip_code)).upper()
    match = _ZIP.match(text)
    text = match.group() if match else text
    return text if text.strip("0") else ""
