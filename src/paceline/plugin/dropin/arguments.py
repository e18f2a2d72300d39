"""Arguments: values of ``--benchmark-…`` flags, looked at where they are parsed.

What is wrong is said in the words that users of pytest-benchmark look for, then in ours.
"""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from paceline.engine.options import CLASSES
from paceline.errors import PacelineError, Place
from paceline.options import declarations, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.options import Declaration

__all__ = ["checked"]

_PEP_418 = "pep418."  # names that pytest-benchmark still takes for those of time


def checked(flag: str, text: str) -> str:
    """Give a flag's value back where it can be read, the name of a timer in its own module.

    Raises:
        argparse.ArgumentTypeError: it does not fit.
    """
    if flag == "--benchmark-timer" and text.startswith(_PEP_418):
        text = f"time.{text.removeprefix(_PEP_418)}"
    for check in _CHECKS.get(flag, ()):
        check(text)
    try:
        read(_declaration(flag), text, Place(f"command line {flag}"))
    except PacelineError as error:
        known = _WORDS.get(flag, _nothing)(text)
        raise argparse.ArgumentTypeError("\n".join(filter(None, (known, str(error))))) from error
    return text


def _declaration(flag: str) -> Declaration:
    found = (one for options in CLASSES for one in declarations(options) if one.flag == flag)
    return next(found)


def _save(text: str) -> None:
    from paceline.store.dropin import safe_name  # noqa: PLC0415  (only with this flag)

    _held(safe_name, text)


def _timer(text: str) -> None:
    if "." not in text:
        raise argparse.ArgumentTypeError(
            "Value for --benchmark-timer must be in dotted form. Eg: 'module.attr'."
        )


def _rule(text: str) -> None:
    from paceline.guard.dropin import parse_expression  # noqa: PLC0415  (only with this flag)
    from paceline.guard.grammar import parse_rule  # noqa: PLC0415  (as above)

    try:
        parse_rule(text)
    except PacelineError:
        _held(parse_expression, text)


def _held(check: Callable[[str], object], text: str) -> None:
    try:
        check(text)
    except PacelineError as error:
        raise argparse.ArgumentTypeError(f"{error.problem}\n{error.remedy}") from error


def _loops(text: str) -> None:
    if text == "auto":
        return
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(
            f"Could not parse value: {text!r}. Expected an integer or `auto`."
        )
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"Invalid value: {text!r}. Must be greater than 0.")


def _decimal(text: str) -> str:
    try:
        Decimal(text)
    except InvalidOperation as error:
        return f"Invalid decimal value {text!r}: {error!r}"
    return ""


def _rounds(text: str) -> str:
    try:
        int(text)
    except ValueError as error:
        return str(error)
    return "Value for --benchmark-rounds must be at least 1."


def _sort(text: str) -> str:
    return (
        f"Unacceptable value: {text!r}. Value for --benchmark-sort must be one of: "
        "'min', 'max', 'mean', 'stddev', 'name', 'fullname'."
    )


def _nothing(_text: str) -> str:
    return ""


_CHECKS: dict[str, tuple[Callable[[str], None], ...]] = {
    "--benchmark-save": (_save,),
    "--benchmark-timer": (_timer,),
    "--benchmark-compare-fail": (_rule,),
    "--benchmark-cprofile-loops": (_loops,),
}
_WORDS: dict[str, Callable[[str], str]] = {
    "--benchmark-min-time": _decimal,
    "--benchmark-max-time": _decimal,
    "--benchmark-min-rounds": _rounds,
    "--benchmark-sort": _sort,
}
