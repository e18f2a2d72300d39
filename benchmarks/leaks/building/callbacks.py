"""What registers itself somewhere and is, or is not, taken away again."""

from __future__ import annotations

import atexit
import codecs
import contextlib
import contextvars
import logging
import logging.handlers
import sys
import types
import warnings
import weakref
from functools import singledispatch
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = seeded()
SIZE = SOURCE.choice((16, 48, 64))
CALLS = count()


LISTENERS: list[Callable[[], int]] = []


@leak(lambda: len(LISTENERS))
def listener_added() -> None:
    """Subscribe a closure a call and never unsubscribe."""
    number = next(CALLS)
    LISTENERS.append(lambda: number)


AT_EXIT = {"registered": 0}


@leak(lambda: AT_EXIT["registered"])
def at_exit() -> None:
    """Register something for the exit with every call."""
    atexit.register(dict, a=1)
    AT_EXIT["registered"] += 1


class _Watched:
    """Lives as long as the process."""


WATCHED = _Watched()
WATCHERS: list[weakref.ref[Any]] = []


@leak(lambda: len(WATCHERS))
def weak_references_with_callback() -> None:
    """Keep a weak reference with its own callback to one living object."""
    number = next(CALLS)
    WATCHERS.append(weakref.ref(WATCHED, lambda _: number))


@leak(lambda: len(logging.Logger.manager.loggerDict))
def logger_by_request() -> None:
    """Ask for a logger named after the request."""
    logging.getLogger(f"request.{next(CALLS)}")


TOKENS: list[contextvars.Token[bytes]] = []
CURRENT = contextvars.ContextVar("CURRENT", default=b"")


@leak(lambda: len(TOKENS))
def tokens_never_reset() -> None:
    """Set a context variable and keep the token, hence the value before, for a reset."""
    TOKENS.append(CURRENT.set(bytes(SIZE)))


NAMES = {"made": 0}


@leak(lambda: NAMES["made"])
def modules_registered() -> None:
    """Leave a new module in the interpreter's table."""
    name = f"plugin_{next(CALLS)}"
    sys.modules[name] = types.ModuleType(name)
    NAMES["made"] += 1


warnings.filterwarnings("default", "deprecated in", UserWarning)


@leak(lambda: len(globals().get("__warningregistry__", ())), calls=2000)
def warnings_of_new_texts() -> None:
    """Warn with a text that was never seen: the module's registry keeps each."""
    with contextlib.suppress(UserWarning):
        warnings.warn(f"deprecated in {next(CALLS)}", UserWarning, stacklevel=1)


@singledispatch
def _shown(value: object) -> str:
    return str(value)


@leak(lambda: len(_shown.registry), calls=600)
def implementations_registered() -> None:
    """Register an implementation for a class made in the call."""
    made = type(f"Kind{next(CALLS)}", (), {})
    _shown.register(made)(repr)


CHAIN: dict[str, Any] = {"call": print, "depth": 0}


@leak(lambda: CHAIN["depth"])
def wrapped_once_more() -> None:
    """Wrap the wrapper of the wrapper, as a patch applied at every request would."""
    inner = CHAIN["call"]
    CHAIN["call"] = lambda: inner
    CHAIN["depth"] += 1


@harmless(lambda: len(BUS), most=1)
def subscribed_and_gone() -> None:
    """Subscribe, be told, unsubscribe."""
    number = next(CALLS)
    BUS.append(lambda: number)
    for told in BUS:
        told()
    BUS.clear()


BUS: list[Callable[[], int]] = []

KNOWN = logging.getLogger("leaks.known")


@harmless(lambda: len(logging.Logger.manager.loggerDict), most=150)
def loggers_of_forty_names() -> None:
    """Ask for one of forty loggers, each made by first use."""
    logging.getLogger(f"part.{SOURCE.randrange(40)}").debug("never shown")


@harmless()
def contexts_copied() -> None:
    """Run in a copy of the context, which goes."""
    contextvars.copy_context().run(_deep)


def _deep() -> int:
    INNER.set(bytes(SIZE))
    return len(INNER.get())


INNER = contextvars.ContextVar("INNER", default=b"")


@harmless()
def warnings_caught() -> None:
    """Catch and record new warnings inside the call."""
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        warnings.warn(f"seen {next(CALLS)}", UserWarning, stacklevel=1)


@harmless()
def codec_taken_back() -> None:
    """Register a way to look up codecs and take it back."""
    number = next(CALLS)

    def search(name: str) -> None:
        SEARCHED["last"] = number + len(name)

    codecs.register(search)
    codecs.unregister(search)


SEARCHED = {"last": 0}


@harmless(lambda: sum(name.startswith("guest_") for name in sys.modules), most=1)
def module_comes_and_goes() -> None:
    """Enter a module and take it out of the table again."""
    name = f"guest_{next(CALLS)}"
    module = types.ModuleType(name)
    exec("answer = 42\ndef ask():\n    return answer", module.__dict__)  # noqa: S102
    sys.modules[name] = module
    del sys.modules[name]


KEEPER = logging.handlers.MemoryHandler(60, target=logging.NullHandler())
KEPT_LOG = logging.getLogger("leaks.kept")
KEPT_LOG.addHandler(KEEPER)
KEPT_LOG.propagate = False


@harmless(lambda: len(KEEPER.buffer), most=60)
def records_flushed() -> None:
    """Keep log records until sixty are there."""
    KEPT_LOG.info("request %d of %s", next(CALLS), "x" * SIZE)
    KEPT_LOG.warning("slow request %d", next(CALLS))


@harmless(calls=1500)
def class_dispatched() -> None:
    """Register implementations for six classes, the same ones again and again."""
    _named.register(FIXED[next(CALLS) % 6])(repr)


FIXED = [type(f"Fixed{number}", (), {}) for number in range(6)]


@singledispatch
def _named(value: object) -> str:
    return str(value)
