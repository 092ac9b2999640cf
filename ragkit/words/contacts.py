"""Ways to reach somebody: a text shows an address or a number, and a question asks for it by its name.

In a letterhead stands "priya@mailbox.example", and nowhere "e-mail". So what is shown counts as a word of the text: the
one that all names of it are looked for by.
"""

from __future__ import annotations

import re

_SHOWN = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "telephone": re.compile(
        r"(?<![\w.,/+-])(?<!\d )(?:\+\d{1,3}|\(?0\d)(?:[ ()/.–-]{0,2}\d){7,12}(?![\w-]|[.,]\d)"
    ),
    "website": re.compile(r"\b(?:https?://|www\.)\w\S+"),
}
# What each has: most texts have none, and are spared the patterns.
_SIGNS = {"email": ("@",), "telephone": ("0", "+"), "website": ("://", "www.")}
_HYPHEN = re.compile(r"\be-(?=mail)", re.IGNORECASE)
_NAMES = {
    "email": "emails mailadresse emailadresse courriel courriels correo",
    "telephone": """
        tel phone telephones phones telefon telefonnummer telefonnr rufnummer handynummer mobilnummer tél téléphone
        teléfono telefono
        """,
    "website": "homepage webseite internetseite webpage internetadresse",
}
NAMED = {name: word for word, names in _NAMES.items() for name in names.split()}
"""Names of ways to reach somebody, each with the word that it is looked for by."""


def shown_named(text: str) -> str:
    """A text with the names of the ways to reach somebody that it shows, after each of them.

    >>> shown_named("Priya Raman · 0117 496 0318 · priya@mailbox.example")
    'Priya Raman · 0117 496 0318 telephone · priya@mailbox.example email'
    """
    for word, shown in _SHOWN.items():
        if any(sign in text for sign in _SIGNS[word]):
            text = shown.sub(rf"\g<0> {word}", text)
    return _HYPHEN.sub("e", text) if "e-" in text or "E-" in text else text
