"""Fork safety: whether this process can be forked now, or the reason why not.

A forked child has one thread. What other threads hold or do at that moment is lost to it, so the
kernel's threads are counted, not only Python's. Libraries that were forked in tests and went on
working are let through.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import FrameType

__all__ = ["TRIED", "why_not_fork"]

TRIED = {
    "opentelemetry.sdk._shared_internal": "a forked child starts its own exporting thread",
    "paceline.probes.looks": "the child's own looks start a thread of their own",
    "pytest_rerunfailures": "answers xdist's workers; a forked child counts by itself",
    "tqdm._monitor": "redraws bars that stand still; a child's bars redraw by themselves",
}
"""Modules whose threads a child can do without, by the name in their frames: tried, and why."""

_WAITS = frozenset({"wait", "accept", "select", "poll", "sleep"})
_POOLS = ("libgomp", "libiomp5", "libomp", "libmkl_rt")
_BLAS = "openblas"
_BLAS_THREADS = tuple(
    f"{prefix}openblas_get_num_threads{suffix}"
    for prefix in ("", "scipy_")
    for suffix in ("", "64_", "_64_")
)
_PAUSES = (0.001, 0.002, 0.004, 0.008, 0.0)
"""Seconds between looks at native threads: one that ends is there for a moment longer."""

_STANDARD = 2  # input, output and errors are shared with children anyway
_LOGS = ("/run/systemd/", "/dev/log")
_frames = sys._current_frames  # noqa: SLF001  (documented, though it has an underscore)


def why_not_fork(  # noqa: PLR0913  (keyword-only, each is one thing that is looked at)
    *,
    platform: str = sys.platform,
    modules: Mapping[str, Any] | None = None,
    frames: Callable[[], Mapping[int, FrameType]] = _frames,
    proc: Path = Path("/proc/self"),
    pause: Callable[[float], object] = time.sleep,
    images: Callable[[], Iterable[str]] | None = None,
) -> str:
    """Say in one sentence why this process can't be forked safely now, "" where it can.

    ``frames`` gives what each of Python's threads runs, this one included; ``images`` lists the
    libraries that macOS has loaded.
    """
    loaded = sys.modules if modules is None else modules
    if not hasattr(os, "fork") or platform == "win32":
        return "this system has no fork"
    reasons: list[Callable[[], str]] = [
        lambda: _loop(loaded),
        lambda: _library(loaded),
        lambda: _python_thread(frames()),
    ]
    if platform == "darwin":
        reasons.append(lambda: _frameworks(images or _images))
    elif not platform.startswith("linux"):
        return f"forking was never tried on {platform}"
    else:
        reasons += [lambda: _device(proc), lambda: _native_threads(proc, frames, pause)]
    reasons.append(_connection)
    return next((said for reason in reasons if (said := reason())), "")


def _loop(loaded: Mapping[str, Any]) -> str:
    """Look for an event loop that runs in this thread: child and parent would share its files."""
    running = getattr(loaded.get("asyncio.events"), "_get_running_loop", None)
    if running is not None and running() is not None:
        return "an asyncio event loop is running"
    inside = getattr(loaded.get("trio.lowlevel"), "in_trio_run", None)
    if inside is not None and inside():
        return "a trio event loop is running"
    return ""


def _library(loaded: Mapping[str, Any]) -> str:
    """Look for libraries whose state does not outlive a fork, loaded and in use."""
    if "grpc._cython.cygrpc" in loaded:
        return "gRPC is loaded, and its core does not outlive a fork"
    for name, inside, said in (
        ("torch.cuda", "is_initialized", "CUDA is in use (torch)"),
        ("ray", "is_initialized", "a Ray client is connected"),
    ):
        asked = getattr(loaded.get(name), inside, None)
        if callable(asked) and asked():
            return said
    if getattr(loaded.get("jax._src.xla_bridge"), "_backends", None):
        return "JAX has started its backends"
    spark = getattr(loaded.get("pyspark.core.context"), "SparkContext", None)
    spark = spark or getattr(loaded.get("pyspark.context"), "SparkContext", None)
    if getattr(spark, "_active_spark_context", None) is not None:
        return "a Spark context is active"
    return ""


def _device(proc: Path) -> str:
    """Look for an open graphics device: a child can't use the parent's CUDA context."""
    for file in _links(proc / "fd"):
        if file.startswith("/dev/nvidia") and _library_file(proc, "libcuda"):
            return f"CUDA is in use ({file} is open)"
    return ""


def _python_thread(frames: Mapping[int, FrameType]) -> str:
    """Look for a thread that runs Python code and is not known to be dispensable."""
    own = threading.get_ident()
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in frames.items():
        if ident == own or _dispensable(frame):
            continue
        inside = _told(frame)
        return f"the thread {names.get(ident, 'without a name')!r} is running ({inside})"
    return ""


def _dispensable(frame: FrameType) -> bool:
    """Tell a tested thread that waits now: one that works might hold a lock."""
    idle = frame.f_code.co_name in _WAITS or _module(frame) in TRIED
    return idle and any(_module(one) in TRIED for one in _outwards(frame))


def _outwards(frame: FrameType) -> Iterator[FrameType]:
    one: FrameType | None = frame
    while one is not None:
        yield one
        one = one.f_back


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _told(frame: FrameType) -> str:
    """Name the code that a thread runs: the innermost that is not threading's own waiting."""
    frames = list(_outwards(frame))
    own = [one for one in frames if _module(one) not in {"threading", "queue", "selectors"}]
    one = (own or frames)[0]
    return f"{_module(one)}.{one.f_code.co_name}"


def _native_threads(
    proc: Path,
    frames: Callable[[], Mapping[int, FrameType]],
    pause: Callable[[float], object],
) -> str:
    """Count the kernel's threads; those of pools that handle forks themselves may be there."""
    for seconds in _PAUSES:
        tasks = _tasks(proc)
        extra = len(tasks) - len(frames())
        if extra <= 0 or extra <= _threads_of_blas(proc):
            return ""
        pause(seconds)
    plural = "" if extra == 1 else "s"
    if library := _library_file(proc, *_POOLS):
        return f"{extra} native thread{plural} alive ({library})"
    names = sorted(set(tasks) - {_line(proc / "comm")})
    said = f" (among them {', '.join(map(repr, names[:2]))})" if names else ""
    return f"{extra} native thread{plural} alive that Python does not know{said}"


def _threads_of_blas(proc: Path) -> int:
    """Count the threads that the loaded OpenBLAS libraries may have: they end them at a fork.

    Source: OpenBLAS, driver/others/memory.c, pthread_atfork(blas_thread_shutdown, NULL, NULL).
    """
    return sum(_size_of_pool(file) - 1 for file in _libraries(proc) if _BLAS in Path(file).name)


def _size_of_pool(file: str) -> int:
    """Ask a library that is loaded already for its number of threads, 1 where it can't tell."""
    try:
        library = ctypes.CDLL(file)
    except OSError:  # deleted since it was loaded
        return 1
    found = (getattr(library, name, None) for name in _BLAS_THREADS)
    return next((int(asked()) for asked in found if asked is not None), 1)


def _library_file(proc: Path, *names: str) -> str:
    """Name the first loaded library whose file begins with one of these names, "" without."""
    files = (Path(file).name for file in _libraries(proc))
    return next((file for file in files if file.startswith(names)), "")


def _libraries(proc: Path) -> list[str]:
    """List the files that are mapped as libraries, each once."""
    found: dict[str, None] = {}
    with suppress(OSError):
        for line in (proc / "maps").read_text("utf-8", "replace").splitlines():
            words = line.split(None, 5)
            if len(words) > 5 and ".so" in words[5]:  # noqa: PLR2004  (the sixth names the file)
                found[words[5]] = None
    return list(found)


def _tasks(proc: Path) -> list[str]:
    """Give the name of each of the kernel's threads of this process."""
    with suppress(OSError):
        return [_line(proc / "task" / one / "comm") for one in os.listdir(proc / "task")]  # noqa: PTH208  (names, in a hurry)
    return []


def _line(file: Path) -> str:
    with suppress(OSError):
        return file.read_text("utf-8", "replace").strip()
    return ""


def _links(folder: Path) -> Iterator[str]:
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208  (names, in a hurry)
            with suppress(OSError):  # closed meanwhile: that of the listing itself
                yield os.readlink(folder / name)  # noqa: PTH115  (as above)


def _connection() -> str:
    """Look for a connected stream: child and parent would talk on one connection."""
    kept = socket.getdefaulttimeout()
    socket.setdefaulttimeout(None)  # else looking at a socket would change its mode
    try:
        return next((said for file in _sockets() if (said := _connected(file))), "")
    finally:
        socket.setdefaulttimeout(kept)


def _sockets() -> Iterator[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError):
            for name in os.listdir(folder):  # noqa: PTH208  (names, in a hurry)
                with suppress(OSError):
                    link = folder == "/dev/fd" or os.readlink(f"{folder}/{name}")  # noqa: PTH115
                    is_socket = link is True or str(link).startswith("socket:")
                    if is_socket and int(name) > _STANDARD:
                        yield int(name)
            return


def _connected(file: int) -> str:
    """Name the other end of a connected stream, "" for anything else.

    Both ends of a socket pair have no name: event loops wake themselves by them.
    """
    try:
        seen = socket.socket(fileno=file)
    except OSError:
        return ""
    try:
        if seen.type != socket.SOCK_STREAM:
            return ""
        peer = seen.getpeername()
    except OSError:
        return ""
    finally:
        seen.detach()
    if isinstance(peer, tuple):
        return f"a connection to {peer[0]}:{peer[1]} is open"
    name = peer.decode("utf-8", "replace") if isinstance(peer, bytes) else str(peer)
    if not name or name.startswith(_LOGS):
        return ""
    return f"a connection to {name.replace(chr(0), '@')} is open"


def _frameworks(images: Callable[[], Iterable[str]]) -> str:
    """Look for frameworks of macOS that end a forked child which uses them."""
    for image in images():
        for name in ("Foundation", "AppKit", "Accelerate", "Metal"):
            if f"/{name}.framework/" in image:
                return f"macOS has the framework {name} loaded"
    return ""


def _images() -> Iterator[str]:
    """List what macOS has loaded; see dyld(3)."""
    system = ctypes.CDLL(None)
    system._dyld_get_image_name.restype = ctypes.c_char_p  # noqa: SLF001  (C's own name)
    for number in range(system._dyld_image_count()):  # noqa: SLF001  (as above)
        yield (system._dyld_get_image_name(number) or b"").decode("utf-8", "replace")  # noqa: SLF001
