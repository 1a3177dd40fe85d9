"""Letters that look like Latin ones, and what cannot be seen. Pure functions."""

import unicodedata

#: Cyrillic and Greek capitals and the Latin ones that they look like (Unicode TS 39, confusables).
_CAPITALS = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001
        "ABESIJKMHOPCTYXQWABEZHIKMNOPTYX",
        strict=True,
    )
)
_TABLE = str.maketrans(_CAPITALS | {other.lower(): latin.lower() for other, latin in _CAPITALS.items()})


def plain_letters(text):
    """Return a text as a reader sees it: without accents and without characters that are not seen
    (zero width, soft hyphen), wide and raised forms as usual ones (Unicode NFKD), and letters of
    other scripts that look like Latin ones as those.

    For comparing: who writes one word in another way is not told apart from who does not.
    """
    if text.isascii():
        return text
    seen = "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(character) and unicodedata.category(character) != "Cf"
    )
    return seen.translate(_TABLE)
