"""What all checkers of exercises share: call a reader's function, compare what comes back, say one line about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from copy import deepcopy
from itertools import islice
from numbers import Real
from typing import Any

Function = Callable[..., Any]
Cases = Sequence[tuple[tuple[Any, ...], Any, str]]
"""Arguments, what the function has to give for them, and the rule behind it, which a wrong answer broke."""

WIDTH = 90
"""Characters of a value that a line shows at most."""

MANY = 10_000
"""Values that are looked at: a generator may have no end."""


class Verdict(str):
    """What a checker says, one line: a notebook shows it without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def check(function: Function, name: str, cases: Cases) -> Verdict:
    """Call a function with each case's arguments until one goes wrong.

    Parameters
    ----------
    function : callable
        Of the reader; whatever it does, nothing is raised. `...` as its result means that it is not written yet.
    name : str
        What the exercise calls it.
    cases : sequence of (arguments, expected, why)
        Why is a clause that ends what a wrong answer hears. Numbers may differ by rounding, and lists may be
        tuples, arrays, columns or generators. What is given has to stay as it was.

    Examples
    --------
    >>> check(lambda a, b: a * b, "add", [((2, 2), 4, ""), ((2, 3), 5, "the numbers are added")])
    for add(2, 3): got 6, expected 5: the numbers are added
    """
    changed = ""
    for number, (given, expected, why) in enumerate(cases):
        call, wanted = f"for {name}({', '.join(map(short, given))})", f"expected {short(expected)}: {why}"
        try:
            copies = deepcopy(given)
            got = plain(function(*copies))
            right = is_same(got, plain(expected))
        except (Exception, SystemExit) as error:
            return Verdict(f"{call}: raised {describe(error)}, {wanted}")
        if got is ...:
            return Verdict("not attempted yet")
        if got is None and number == 0:
            return Verdict("not attempted yet, or without a return: the function gives nothing")
        if not right:
            return Verdict(f"{call}: got {short(got)}, {wanted}")
        if repr(plain(copies)) != repr(plain(given)):
            changed = changed or f"{call}: right, but it changes what it was given: work on a copy"
    return Verdict(changed or "correct")


def plain(value: Any) -> Any:
    """Python's own numbers and lists for those of NumPy, pandas and torch, and for tuples and generators.

    >>> plain((range(2), {"a"}, "bc"))
    [[0, 1], {'a'}, 'bc']
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Set):
        return set(value)
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        return value
    return [plain(each) for each in islice(value, MANY)]


def is_same(got: Any, expected: Any) -> bool:
    """Whether two plain values are the same, floats to four digits; where a set is expected, order is free."""
    if isinstance(expected, list):
        return (
            isinstance(got, list) and len(got) == len(expected) and all(map(is_same, got, expected))
        )  # fmt: skip
    if isinstance(expected, set):
        return isinstance(got, list | set) and set(got) == expected
    if isinstance(expected, bool) or isinstance(got, bool):
        return got is expected
    if isinstance(expected, float) and isinstance(got, Real):
        return math.isclose(got, expected, rel_tol=1e-4, abs_tol=1e-6)
    return bool(got == expected)


def short(value: Any) -> str:
    """Write a value on one line, cut where it is long.

    >>> short([1 / 3, "a\\n"]), short(short), short("a" * 100)[-4:]
    ("[0.3333, 'a\\\\n']", 'short', 'aaa…')
    """
    try:
        text = " ".join((getattr(value, "__name__", "") or repr(_rounded(plain(value)))).split())
    except Exception:  # a reader's own class may do anything
        text = f"a {type(value).__name__}"
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def describe(error: BaseException) -> str:
    """Name an error and its message on one line."""
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = ""
    return f"{type(error).__name__}: {message[:WIDTH]}" if message else type(error).__name__


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    return [_rounded(each) for each in value] if isinstance(value, list) else value
