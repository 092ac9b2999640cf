"""A slip of one letter in a word of a question: the word that is meant, if the document has just one."""

from __future__ import annotations

import re
from collections.abc import Callable

from ragkit.words.followup import ASKS
from ragkit.words.keywords import Keywords, words_of
from ragkit.words.languages import language_of, stem

LONG_ENOUGH, LONG = 5, 7
"""Letters of a word from which it has few neighbours; and from which the slip may be its last letter, in another
language than English another letter, and the document in another language. Of 8,874 pairs of a question and a document
36 were changed, 27 of them in long words; the others are slips. Without the two conditions of letters 57 are, with four
letters 112. Of some 24,600 words of other English documents that a document lacks, about 43 long ones were taken for
slips, among them some that are; of some 6,700 German ones (four pairs of a guide, a menu and a lease) 17. Without the
tokenizer's check (a word that it knows whole is no slip) there were several times as many; all of it with
all-MiniLM-L6-v2's."""


def mended(question: str, keywords: Keywords, is_known: Callable[[str], bool]) -> str:
    """Mend slips of one letter: one more, one less, another one, or two that have changed places.

    A word is changed only if it is in no text in any form, and just one word of the texts is so near to it. Codes,
    numbers and words that `is_known` knows stay.

    >>> mended("Is a pacemker safe?", Keywords(["Keep away with a pacemaker."]), lambda word: False)
    'Is a pacemaker safe?'
    """
    language = language_of(question)
    same = language in keywords.languages
    for word in words_of(question):
        if (
            len(word) < LONG_ENOUGH
            or word in ASKS
            or not word.isalpha()
            or any(keywords.count_of_forms(word, each) for each in {language, *keywords.languages})
        ):
            continue
        near = {stem(other, language): other for other in keywords.written if _is_near(word, other)}
        if len(word) < LONG:
            near = {
                form: other
                for form, other in near.items()
                if same and _is_slip_of_short(word, other, language)
            }
        if len(near) == 1 and not is_known(word):
            question = re.sub(rf"\b{word}\b", near.popitem()[1], question, flags=re.IGNORECASE)
    return question


def _is_slip_of_short(typed: str, word: str, language: str) -> bool:
    """Whether short words end in one letter, and outside English, whose words are known, none is another: *louer*."""
    another = len(typed) == len(word) and sorted(typed) != sorted(word)
    return typed[-1] == word[-1] and not (another and language != "english")


def _is_near(typed: str, word: str) -> bool:
    """Whether a word differs in one slip after its first letter."""
    if typed[0] != word[0] or abs(len(typed) - len(word)) > 1 or not word.isalpha():
        return False
    same = next((at for at, two in enumerate(zip(typed, word, strict=False)) if two[0] != two[1]), len(word))
    rest, other = typed[same:], word[same:]
    turned = rest[1::-1] == other[:2] and rest[2:] == other[2:]
    return rest[1:] == other or rest == other[1:] or rest[1:] == other[1:] or turned
