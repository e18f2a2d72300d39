"""Variants: two values of one parameter of the same benchmarks, compared like two trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.engine.paired.channel import Message

__all__ = ["Variants", "matching", "variants_of"]

Variants = dict[str, tuple[str, str]]


def variants_of(base: str | None, head: str | None) -> Variants:
    """Read ``impl=loop`` on both sides into {side: (parameter, value)}; empty for anything else.

    Raises:
        UsageError: only one side names a parameter's value, or each names another parameter.
    """
    read = {"base": _variant(base), "head": _variant(head)}
    found = {side: variant for side, variant in read.items() if variant}
    if not found:
        return {}
    if len(found) == 1 or found["base"][0] != found["head"][0]:
        raise UsageError(
            f"{base!r} and {head!r} are no two values of one parameter",
            remedy="write, for instance: --base impl=loop --head impl=numpy",
        )
    return found


def matching(variants: Variants) -> Callable[[str, Message], str | None]:
    """Give the key by which items of the two sides pair up; None for items that take no part."""

    def key(side: str, item: Message) -> str | None:
        if not variants:
            return str(item["item"])
        name, wanted = variants[side]
        parameters = dict(item["parameters"])
        if parameters.pop(name, None) not in {wanted, repr(wanted)}:
            return None
        function = str(item["item"]).partition("[")[0]
        return f"{function}{sorted(parameters.items())}"

    return key


def _variant(text: str | None) -> tuple[str, str] | None:
    name, sign, value = (text or "").partition("=")
    if not sign or not name.isidentifier() or value.startswith("="):
        return None
    return name, value
