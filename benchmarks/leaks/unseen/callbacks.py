"""What registers itself somewhere and is, or is not, taken away again."""

from __future__ import annotations

import codecs
import contextlib
import contextvars
import gc
import importlib
import logging
import logging.handlers
import os
import signal
import sys
import threading
import warnings
import weakref
from functools import partial
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


HANDLERS: dict[str, list[partial[int]]] = {"click": [], "key": []}


@leak(lambda: len(HANDLERS["click"]), each=0.5)
def partial_every_other_call() -> None:
    """Bind a handler every other call to one of two events."""
    number = next(CALLS)
    if number % 2:
        HANDLERS["click"].append(partial(int, number))


AFTER_FORK = {"registered": 0}


@leak(lambda: AFTER_FORK["registered"])
def after_fork() -> None:
    """Register a new function with the interpreter for every fork to come."""
    number = next(CALLS)
    os.register_at_fork(after_in_child=lambda: number)
    AFTER_FORK["registered"] += 1


class _Immortal:
    """Lives as long as the process."""


IMMORTAL = _Immortal()


@leak(lambda: len(weakref.finalize._registry))  # noqa: SLF001  (its own count)
def finalizer_of_immortal() -> None:
    """Attach a finalizer to an object that never goes."""
    weakref.finalize(IMMORTAL, bytes, SIZE).atexit = False


LOGGER = logging.getLogger("leaks.one")


@leak(lambda: len(LOGGER.handlers))
def log_handler_added() -> None:
    """Add one more handler to one logger."""
    LOGGER.addHandler(logging.NullHandler())


VARIABLES: list[contextvars.ContextVar[int]] = []


@leak(lambda: len(VARIABLES))
def context_variables() -> None:
    """Make a context variable a call and set it."""
    variable = contextvars.ContextVar[int](f"v{next(CALLS)}")
    VARIABLES.append(variable)


@leak(lambda: len(sys.path))
def search_path_longer() -> None:
    """Insert one more folder at the end of the import path."""
    sys.path.append(f"/nowhere/{next(CALLS)}")


SPIES = {"seen": 0}


def _searcher(number: int) -> Callable[[str], None]:
    def search(name: str) -> None:
        SPIES["last"] = number + len(name)

    return search


@leak(lambda: SPIES["seen"])
def codec_searches() -> None:
    """Register one more way to look up a codec."""
    codecs.register(_searcher(next(CALLS)))
    SPIES["seen"] += 1


@leak(lambda: len(gc.callbacks), calls=1500)
def collector_callbacks() -> None:
    """Ask the collector to call one more function, one that does nothing."""
    gc.callbacks.append(partial(_ignore, next(CALLS)))


def _ignore(number: int, phase: str, facts: dict[str, int]) -> None:
    del number, phase, facts


class _Observer:
    """Is told things."""

    def told(self) -> None:
        """Do nothing."""


METHODS: list[weakref.WeakMethod[Any]] = []


@harmless(lambda: len(METHODS), most=34)
def weak_methods_pruned() -> None:
    """Keep weak methods of objects that go, and prune the dead every 32."""
    METHODS.append(weakref.WeakMethod(_Observer().told))
    if len(METHODS) > 32:
        METHODS[:] = [method for method in METHODS if method() is not None]


RARE = logging.getLogger("leaks.rare")
RARE.propagate = False


@harmless(lambda: len(RARE.handlers), most=1)
def handler_added_and_removed() -> None:
    """Log one record through a handler that is removed again."""
    handler = logging.NullHandler()
    RARE.addHandler(handler)
    RARE.warning("number %d", next(CALLS))
    RARE.removeHandler(handler)
    handler.close()


DEPTH = contextvars.ContextVar("DEPTH", default=0)


@harmless()
def context_reset() -> None:
    """Set a context variable and reset it."""
    token = DEPTH.set(DEPTH.get() + next(CALLS))
    DEPTH.reset(token)


@harmless(lambda: len(globals().get("__warningregistry__", ())), most=12)
def warnings_of_known_texts() -> None:
    """Warn with one of ten texts."""
    with contextlib.suppress(UserWarning):
        warnings.warn(f"deprecated: {next(CALLS) % 10}", UserWarning, stacklevel=1)


class _Owner:
    """Has a finalizer."""


@harmless(lambda: len(weakref.finalize._registry), most=20)  # noqa: SLF001  (its own count)
def finalizer_runs() -> None:
    """Attach a finalizer to an object that goes with the call."""
    weakref.finalize(_Owner(), int, next(CALLS))


LAZY = (
    "wave",
    "colorsys",
    "chunk_of_nothing",
    "sndhdr_of_nothing",
    "quopri",
    "stringprep",
    "tabnanny",
)


@harmless(calls=1500)
def imported_lazily() -> None:
    """Import small modules one after another during the first calls, some of them missing."""
    name = LAZY[min(next(CALLS) // 9, len(LAZY) - 1)]
    with contextlib.suppress(ImportError):
        importlib.import_module(name)


SET_UP: dict[str, logging.Logger] = {}


@harmless(lambda: len(SET_UP), most=1)
def logging_set_up_once() -> None:
    """Set up a logger by the first call, use it ever after."""
    if not SET_UP:
        SET_UP["one"] = logging.getLogger("leaks.first")
        SET_UP["one"].addHandler(logging.StreamHandler(sys.stderr))
        SET_UP["one"].propagate = False
        SET_UP["one"].setLevel(logging.ERROR)
    SET_UP["one"].info("not shown %d", next(CALLS))


@harmless()
def signal_restored() -> None:
    """Handle a signal for the length of the call, where signals may be handled."""
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.signal(signal.SIGUSR1, before)
