"""Calls: run a callable many times, whatever kind it is, and drop what it gives."""

from __future__ import annotations

import inspect
import os
import traceback
from typing import TYPE_CHECKING, Any

from paceline.errors import MeasureError, Place

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

__all__ = ["CallError", "Calls", "place_in", "said"]

_TURNS = 3  # of the loop after a round: what ends at once gets the chance
_PATIENCE = 1.0  # seconds for cancelled tasks to end


class CallError(MeasureError):
    """The code that was called raised, so nothing can be said of what it keeps."""


class Calls:
    """A callable and the event loop that all its calls share; ``done`` counts them."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function
        self._awaited = inspect.iscoroutinefunction(function)
        code = getattr(inspect.unwrap(function), "__code__", None)
        self._file = code.co_filename if code is not None else ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self.done = 0

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop, once a call needed one."""
        return self._loop

    def run(self, count: int) -> None:
        """Call ``count`` times.

        Raises:
            CallError: a call raised; what else ends a program passes.
        """
        try:
            if self._awaited:
                self._with_loop().run_until_complete(self._awaiting(count))
            else:
                self._plain(count)
        except (Exception, SystemExit) as error:  # noqa: BLE001  (the one place that runs user code)
            raise CallError(
                f"call {self.done + 1} raised {said(error)}", place=place_in(error, self._file)
            ) from None

    def pending(self) -> int:
        """Count the tasks of the loop that are not done."""
        return len(self.tasks()) if self._loop is not None else 0

    def tasks(self) -> set[asyncio.Task[Any]]:
        """Give the tasks of the loop that are not done."""
        if self._loop is None:
            return set()
        import asyncio  # noqa: PLC0415  (40 ms, for code that has loaded it anyway)

        return asyncio.all_tasks(self._loop)

    def linger(self, seconds: float, pause: Callable[[float], None]) -> None:
        """Give tasks, timers and threads time to end by themselves."""
        if self._loop is None:
            pause(seconds)
            return
        import asyncio  # noqa: PLC0415  (as above)

        self._loop.run_until_complete(asyncio.sleep(seconds))

    def close(self) -> None:
        """End what runs on the loop, and the loop."""
        if self._loop is None:
            return
        import asyncio  # noqa: PLC0415  (as above)

        tasks = self.tasks()
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=_PATIENCE))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
        self._loop = None

    def _plain(self, count: int) -> None:
        function = self._function
        for _ in range(count):
            result = function()
            if result is not None:
                self._finish(result)
                result = None
            self.done += 1

    async def _awaiting(self, count: int) -> None:
        import asyncio  # noqa: PLC0415  (as above)

        for _ in range(count):
            await _consumed(await self._function())  # type: ignore[misc]  # a coroutine function
            self.done += 1
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    def _finish(self, result: object) -> None:
        """Exhaust a generator, await what can be awaited."""
        if inspect.isgenerator(result):
            for _ in result:
                pass
        elif inspect.isawaitable(result) or inspect.isasyncgen(result):
            self._with_loop().run_until_complete(_consumed(result))

    def _with_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            import asyncio  # noqa: PLC0415  (as above)

            self._loop = asyncio.new_event_loop()
        return self._loop


async def _consumed(result: Any) -> None:
    if inspect.isasyncgen(result):
        async for _ in result:
            pass
    elif inspect.isawaitable(result):
        awaited: Awaitable[object] = result
        await awaited


def said(error: BaseException) -> str:
    """Say an exception in one line."""
    text = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place_in(error: BaseException, file: str) -> Place | None:
    """Give the last line of ``file`` that an exception came through, else the innermost of any."""
    if isinstance(error, SyntaxError) and error.filename:
        return Place(error.filename, error.lineno or 0)
    ours = os.path.dirname(__file__)  # noqa: PTH120  (compared with text)
    trace = traceback.extract_tb(error.__traceback__)
    frames = [one for one in trace if not one.filename.startswith(ours)]
    shown = [one for one in frames if "<frozen" not in one.filename]
    own = [one for one in shown if os.path.realpath(one.filename) == os.path.realpath(file)]
    found = (own or shown)[-1:]
    return Place(found[0].filename, found[0].lineno or 0) if found else None
