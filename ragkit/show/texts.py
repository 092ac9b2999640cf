"""Tables and texts, side by side, before and after, with what matters marked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from ragkit.notice import BadParameter
from ragkit.show.display import BLUE, LINE, Display, heading, in_columns, panel


def table(frame: Any, columns: Sequence[str] | None = None, width: int = 80, rows: int = 10) -> Display:
    """Show the first rows of a table: floats to 3 decimals, long text cut.

    Parameters
    ----------
    frame : DataFrame, or anything that makes one
        An index of names (as `describe()` gives) becomes the first column; a numeric one is not shown.
    columns : sequence of str, optional
        Which columns, in which order; all by default.
    width : int
        Longest cell, in characters; what is cut ends in "…".
    rows : int
        How many rows are shown; a last line says how many more there are.

    Raises
    ------
    BadParameter
        If a column is not there.
    """
    frame = pd.DataFrame(frame)
    if not pd.api.types.is_numeric_dtype(frame.index):
        frame = frame.rename_axis(frame.index.name or "").reset_index()
    names = list(frame.columns if columns is None else columns)
    if missing := [name for name in names if name not in frame.columns]:
        raise BadParameter(f"no column {missing[0]!r} here: there is {', '.join(map(str, frame.columns))}")
    shown = frame.loc[:, names].head(rows)
    cells = [[_cell(value, width) for value in row] for row in shown.itertuples(index=False)]
    right = [all(_is_number(value) for value in shown[name]) for name in names]
    rest = len(frame) - len(shown)
    more = f"… {rest:,} more {'row' if rest == 1 else 'rows'}" if rest else ""
    header = [str(name) for name in names]
    return Display(_text_table(header, cells, right, more), _html_table(header, cells, right, more))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _cell(value: Any, width: int) -> str:
    """One value as it is shown; "z" turns -0.000 into 0.000."""
    if isinstance(value, float | np.floating):
        return "–" if np.isnan(value) else f"{value:z.3f}"
    text = " ".join(str(value).split())
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _text_table(header: list[str], cells: list[list[str]], right: list[bool], more: str) -> str:
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    lines = []
    for row in [header, *cells]:
        parts = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)]
        lines.append("  ".join(parts).rstrip())
    return "\n".join([*lines, more] if more else lines)


def _html_table(header: list[str], cells: list[list[str]], right: list[bool], more: str) -> str:
    body = _html_row("th", header, right) + "".join(_html_row("td", values, right) for values in cells)
    foot = f'<div style="padding:2px 10px;opacity:0.75">{escape(more)}</div>' if more else ""
    return f'<table style="border-collapse:collapse;margin:4px 0">{body}</table>{foot}'


def _html_row(tag: str, values: list[str], right: list[bool]) -> str:
    """One row; short cells, file names above all, stay on one line."""
    style = "padding:4px 10px;vertical-align:top;overflow-wrap:break-word"
    style += f";border-bottom:{LINE}" if tag == "th" else ""
    inner = []
    for value, is_right in zip(values, right, strict=True):
        side, wrap = "right" if is_right else "left", "nowrap" if len(value) <= 24 else "normal"
        inner.append(f'<{tag} style="{style};text-align:{side};white-space:{wrap}">{escape(value)}</{tag}>')
    return f"<tr>{''.join(inner)}</tr>"


def side_by_side(left: str, right: str, titles: Sequence[str] = ("", "")) -> Display:
    """Put two texts, two answers for instance, into two columns with a title each."""
    pairs = list(zip(titles, (left, right), strict=True))
    text = "\n\n".join(f"{title}\n{body}".strip() for title, body in pairs)
    return Display(text, in_columns(panel(title, escape(body)) for title, body in pairs))


def before_after(before: str, after: str, label: str = "") -> Display:
    """Put a text before and after a change side by side, with what changed marked.

    Words, spaces and punctuation marks are compared (`difflib`). A line break that changed is shown as ↵;
    in the plain text, what changed stands in ⟦ ⟧.
    """
    old, new = (re.findall(r"\w+|\s|[^\w\s]", text) for text in (before, after))
    steps = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    left = [(tag != "equal", "".join(old[i:j])) for tag, i, j, _, _ in steps]
    right = [(tag != "equal", "".join(new[i:j])) for tag, _, _, i, j in steps]
    lines = [label, f"before: {_bracketed(left)}", f"after:  {_bracketed(right)}"]
    panels = [panel("before", _marked(left, "del")), panel("after", _marked(right, "ins"))]
    return Display("\n".join(line for line in lines if line), heading(label) + in_columns(panels))


def _bracketed(parts: list[tuple[bool, str]]) -> str:
    text = "".join(f"⟦{part}⟧" if changed and part else part for changed, part in parts)
    return text.replace("\n", "↵")


def _marked(parts: list[tuple[bool, str]], tag: str) -> str:
    tint = "rgba(213,94,0,0.3)" if tag == "del" else "rgba(0,158,115,0.3)"
    style = f"background-color:{tint};text-decoration:none;border-radius:3px"
    return "".join(
        f'<{tag} style="{style}">{_breaks(escape(part))}</{tag}>' if changed and part else escape(part)
        for changed, part in parts
    )


def _breaks(text: str) -> str:
    """Make line breaks visible."""
    return text.replace("\n", "↵\n")


def chat_template(text: str, control_tokens: Sequence[str]) -> Display:
    """Show a rendered prompt with its control tokens as chips and its line breaks as ↵.

    Parameters
    ----------
    text : str
        The prompt after the chat template.
    control_tokens : sequence of str
        The tokenizer's control tokens, such as `<|im_start|>`; in the plain text they stand in ⟦ ⟧.
    """
    longest_first = sorted(filter(None, control_tokens), key=len, reverse=True)
    pattern = "|".join(map(re.escape, longest_first)) or r"(?!)"
    parts = re.split(f"({pattern})", text)
    chip = f"background-color:{BLUE};color:#fff;border-radius:4px;padding:1px 5px;font-weight:600"
    html = "".join(
        f'<span style="{chip}">{escape(part)}</span>' if odd % 2 else _breaks(escape(part))
        for odd, part in enumerate(parts)
    )
    plain = "".join(f"⟦{part}⟧" if odd % 2 else _breaks(part) for odd, part in enumerate(parts))
    return Display(plain.rstrip("\n"), panel("", f'<span style="font-family:monospace">{html}</span>'))
