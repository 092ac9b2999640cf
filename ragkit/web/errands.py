"""What a chat's front end asks about the chat itself, as a title or tags, and what it writes around a question."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence

MOST_CHARACTERS = 50  # of a title
# Such a prompt has a heading and the chat in a tag, lists tools to choose from, or asks for an emoji; or wants
# "a ... title", one that is not there yet, of what it calls a chat or a conversation. Who asks about a title that there
# is says "the title", or ends with a question mark.
_TASK = re.compile(
    # from the last such heading: from each of many, it would be searched to the end of the text
    r"^### Task:(?:(?!^### Task:).)*(?:<chat_history>|^### (?:Prompt|Messages Being Compacted):)"
    r"|^Available Tools: \[[^\n]*|^Your task is to [^\n]*\bemoji\b",
    re.DOTALL | re.MULTILINE,
)
_CONTEXT = re.compile(
    r"\s*### Task:.*</context>\s*(?:<user_query>)?(?P<question>.*?)(?:</user_query>)?\s*", re.DOTALL
)
_TITLE = re.compile(
    r"\ban?\b(?:(?! (?:the|of|with|whose|that|in) )[\w, -]){0,60}\btitle\b(?![^.!\n]*\?)"
    r"|\b(?:chat|conversation) a (?:title|name)\b",
    re.IGNORECASE,
)
_CHAT = re.compile(r"\b(?:chat|conversation|dialogue|message)s?\b", re.IGNORECASE)
_FIRST = re.compile(r"^[^\w\n]*(?:user|human)\W*:\s*(.+)", re.IGNORECASE | re.MULTILINE)
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
    task = _TASK.search(errand)
    if not (task or (_TITLE.search(errand) and _CHAT.search(errand))):
        return None
    first = _FIRST.search(errand)
    questions = [first[1]] if first else [text for role, text in said[:last] if role == "user"]
    title = textwrap.shorten((questions or [f"About {document}"])[0], MOST_CHARACTERS, placeholder=" …")
    if not (form := _FORM.search(errand, task.end() if task and task[0].startswith("Available") else 0)):
        return title
    return json.dumps({form[1]: title if form[1] == "title" else [] if form[2] == "[" else ""})


def question_in(text: str) -> str:
    """The question in a message into which a front end put passages of files of its own, which are not read.

    >>> question_in("### Task:\\nUse the context.\\n<context>\\nIron.\\n</context>\\n\\nWhat is iron?")
    'What is iron?'
    """
    found = _CONTEXT.fullmatch(text)
    return (found and found["question"].strip()) or text
