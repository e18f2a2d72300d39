"""The timed loop: generated for the shape of one call, so that it holds nothing but that call.

A loop for ``f(a, key=b)`` reads::

    def rounds(count, timer, function, a0, k0):
        iterations = repeat(None, count)
        start = timer()
        for _ in iterations:
            function(a0, key=k0)
        return timer() - start

The empty loop is the same without the call; what it takes is subtracted. With arguments as local
variables the interpreter specialises the call as it would in the user's own loop.
"""

from __future__ import annotations

import builtins
import keyword
from functools import cache
from itertools import repeat
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["call_values", "empty_loop", "timed_loop"]

_SOURCE = """\
{define} rounds({parameters}count, timer):
    iterations = repeat(None, count)
    start = timer()
    for _ in iterations:
        {body}
    return timer() - start{value}
"""


def timed_loop(
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    awaits: bool = False,
    keeps: bool = False,
) -> Callable[..., Any]:
    """Give a loop for calls of this shape: ``loop(function, *values, count, timer)`` in seconds.

    ``values`` are what `call_values` gives for the same arguments. With ``awaits`` the loop is a
    coroutine function that awaits each call in the running event loop; with ``keeps`` it returns
    the seconds and the value of the last call.
    """
    named = kwargs or {}
    names = [f"a{index}" for index in range(len(args))]
    if _are_names(named):
        keys = [f"k{index}" for index in range(len(named))]
        given = [f"{name}={key}" for name, key in zip(named, keys, strict=True)]
    else:
        keys, given = ["k"], ["**k"]
    parameters = "".join(f"{name}, " for name in ["function", *names, *keys])
    call = f"{'await ' if awaits else ''}function({', '.join([*names, *given])})"
    return _fresh(parameters, f"value = {call}" if keeps else call, awaits=awaits)


def call_values(args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """List the values that a loop made for these arguments takes between function and count."""
    return [*args, *kwargs.values()] if _are_names(kwargs) else [*args, dict(kwargs)]


def empty_loop(*, awaits: bool = False) -> Callable[..., Any]:
    """Give the loop without a call: ``loop(count, timer)`` in seconds."""
    return _fresh("", "pass", awaits=awaits)


def _are_names(kwargs: Mapping[str, Any]) -> bool:
    return all(map(_is_name, kwargs))


def _is_name(name: str) -> bool:
    """Tell a name that means the same in source: other alphabets are normalised there."""
    plain = name.isidentifier() and name.isascii()
    return plain and not keyword.iskeyword(name) and name != "__debug__"


@cache
def _code(parameters: str, body: str, *, awaits: bool) -> CodeType:
    define = "async def" if awaits else "def"
    value = ", value" if body.startswith("value = ") else ""
    source = _SOURCE.format(define=define, parameters=parameters, body=body, value=value)
    module = compile(source, "<paceline timed loop>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


def _fresh(parameters: str, body: str, *, awaits: bool) -> Callable[..., Any]:
    """Make a new code object each time: one benchmark's specialisation must not meet another's."""
    code = _code(parameters, body, awaits=awaits).replace()
    return FunctionType(code, {"repeat": repeat, "__builtins__": builtins})
