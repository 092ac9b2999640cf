"""What a chat's front end asks about the chat itself: a title, tags. No document answers that."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence

MOST_CHARACTERS = 50  # of a title
# Such a prompt has a heading and the chat in a tag; or wants "a ... title", one that is not there yet, of what it calls
# a chat or a conversation. Who asks about a title that there is says "the title", or ends with a question mark.
_TASK = re.compile(r"^### Task:.*<chat_history>", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(
    r"\ban?\b(?:(?! (?:the|of|with|whose|that|in) )[\w, -]){0,60}\btitle\b(?![^.!\n]*\?)"
    r"|\b(?:chat|conversation) a (?:title|name)\b",
    re.IGNORECASE,
)
_CHAT = re.compile(r"\b(?:chat|conversation|dialogue|message)s?\b", re.IGNORECASE)
_FIRST = re.compile(r"^\W*(?:user|human)\W*:\s*(.+)", re.IGNORECASE | re.MULTILINE)
_FORM = re.compile(r'\{\s*"(\w+)"\s*:\s*(\[|")')


def title_of(said: Sequence[tuple[str, str]], document: str) -> str | None:
    """Answer a prompt for a title, tags and the like; None for every other message.

    A title is the first question, shortened. Where JSON is asked for, it comes as that; what is no title comes empty.

    Parameters
    ----------
    said : sequence of (str, str)
        Role and text of each message of the chat.
    document : str
        What the chat is about, if no question is found in it.
    """
    last = max((n for n, (role, _) in enumerate(said, 1) if role == "assistant"), default=0)
    errand = "\n".join(text for n, (role, text) in enumerate(said) if n >= last or role == "system")
    if not (_TASK.search(errand) or (_TITLE.search(errand) and _CHAT.search(errand))):
        return None
    first = _FIRST.search(errand)
    questions = [first[1]] if first else [text for role, text in said[:last] if role == "user"]
    title = textwrap.shorten((questions or [f"About {document}"])[0], MOST_CHARACTERS, placeholder=" …")
    if not (form := _FORM.search(errand)):
        return title
    return json.dumps({form[1]: title if form[1] == "title" else [] if form[2] == "[" else ""})
