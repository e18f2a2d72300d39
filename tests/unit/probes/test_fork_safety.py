"""Real cases run in processes of their own; libraries that are not here are played."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from paceline.probes import fork_safety
from paceline.probes.fork_safety import why_not_fork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks on Linux")

ASK = "from paceline.probes.fork_safety import why_not_fork as why\n"
NATIVE = """
#include <pthread.h>
#include <unistd.h>
static void *wait_for_ever(void *nothing) { pause(); return nothing; }
static void *end(void *nothing) { return nothing; }
int start(int stays) {
    pthread_t one;
    return pthread_create(&one, 0, stays ? wait_for_ever : end, 0);
}
"""


def said(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", ASK + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def played(**modules: Any) -> dict[str, Any]:
    return {name.replace("__", "."): module for name, module in modules.items()}


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here")
    folder = tmp_path_factory.mktemp("native")
    (folder / "native.c").write_text(NATIVE, "ascii")
    command = [compiler, "-shared", "-fPIC", "-pthread", "-o", "native.so", "native.c"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return str(folder / "native.so")


def test_a_plain_process_can_be_forked() -> None:
    assert said("print(why())") == ""


def test_a_thread_that_runs_python_is_named() -> None:
    code = "import threading as t; e, f = t.Event(), t.Event()\ndef work(): e.set(); f.wait()\n"
    code += "t.Thread(target=work, name='pump', daemon=True).start(); e.wait(); print(why())"
    assert said(code) == "the thread 'pump' is running (__main__.work)"


def test_a_thread_that_threading_does_not_know_is_found() -> None:
    code = "import _thread, time\nstarted = _thread.allocate_lock(); started.acquire()\n"
    code += "def work(): started.release(); time.sleep(60)\n"
    code += "_thread.start_new_thread(work, ()); started.acquire(); print(why())"
    assert "__main__.work" in said(code)


@pytest.mark.slow
def test_a_thread_that_ended_is_no_reason() -> None:
    code = "import threading, time; one = threading.Thread(target=print); one.start(); one.join()\n"
    assert said(f"{code}print(why(pause=lambda _: time.sleep(0.2)))") == ""


@pytest.mark.slow
def test_a_native_thread_that_stays_is_counted(native: str) -> None:
    code = "import ctypes, sys; ctypes.CDLL(sys.argv[1]).start(1); print(why())"
    assert said(code, native) == "1 native thread alive that Python does not know"


@pytest.mark.slow
def test_a_native_thread_that_ends_meanwhile_is_no_reason(native: str) -> None:
    code = "import ctypes, sys, time; ctypes.CDLL(sys.argv[1]).start(0)\n"
    code += "print(why(pause=lambda _: time.sleep(0.2)))"
    assert said(code, native) == ""


@pytest.mark.parametrize("module", ["pytest_rerunfailures", "tqdm._monitor"])
def test_a_waiting_thread_of_a_tried_module_is_let_through(module: str) -> None:
    code = f"import threading as t; space = {{'__name__': {module!r}, 'e': t.Event()}}\n"
    code += "exec('def run(): e.wait()', space)\n"
    code += "t.Thread(target=space['run'], daemon=True).start(); left = 500\n"
    code += "while why() and left: left -= 1; time.sleep(0.01)\nprint(why())"
    assert said(f"import time\n{code}") == ""


def test_a_tried_thread_that_is_at_work_elsewhere_is_a_reason() -> None:
    code = "import threading as t; e, b = t.Event(), t.Event()\n"
    code += "def work():\n b.set()\n while not e.is_set(): pass\n"
    code += (
        "space = {'__name__': 'tqdm._monitor', 'work': work}\nexec('def run(): work()', space)\n"
    )
    code += "one = t.Thread(target=space['run'], daemon=True); one.start()\n"
    code += "b.wait(); print(why()); e.set(); one.join()"
    assert "is running (__main__.work)" in said(code)


@pytest.mark.slow
def test_a_running_loop_is_a_reason_and_one_that_waits_is_none() -> None:
    code = "import asyncio\nasync def ask(): print(why())\nloop = asyncio.new_event_loop()\n"
    code += "loop.run_until_complete(ask()); print(why() or 'none'); loop.close()"
    assert said(code).splitlines() == ["an asyncio event loop is running", "none"]


@pytest.mark.slow
def test_a_connected_socket_is_named() -> None:
    code = "import socket\nheard = socket.create_server(('127.0.0.1', 0)); print(why() or 'none')\n"
    code += "one = socket.create_connection(heard.getsockname()); socket.setdefaulttimeout(5)\n"
    code += "print(why() == 'a connection to 127.0.0.1:%d is open' % heard.getsockname()[1])\n"
    code += "print(one.getblocking(), socket.getdefaulttimeout())"
    assert said(code).splitlines() == ["none", "True", "True 5.0"]


@pytest.fixture
def family() -> Iterator[tuple[socket.socket, socket.socket]]:
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


def test_a_pair_of_sockets_is_no_connection(
    family: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    assert why_not_fork(modules={}, frames=dict, proc=tmp_path) == ""
    assert family[0].fileno() >= 0


def test_a_connection_through_a_file_is_named(tmp_path: Path) -> None:
    code = "import os, socket, sys; os.chdir(sys.argv[1]); f = socket.AF_UNIX\n"
    code += "heard = socket.socket(f); heard.bind('db'); heard.listen(); one = socket.socket(f)\n"
    code += "one.connect('db'); print(why())"
    assert said(code, str(tmp_path)) == "a connection to db is open"


@pytest.mark.parametrize(("name", "said"), [("\0bus", "a connection to @bus is open"), ("", "")])
def test_the_other_end_is_named_where_it_has_a_name(name: str, said: str) -> None:
    seen = SimpleNamespace(type=socket.SOCK_STREAM, getpeername=name.encode, detach=int)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", lambda **_: seen)
        assert fork_safety._connected(7) == said


def test_the_system_s_log_is_no_connection() -> None:
    peer = "/run/systemd/journal/stdout"
    seen = SimpleNamespace(type=socket.SOCK_STREAM, getpeername=lambda: peer, detach=int)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", lambda **_: seen)
        assert fork_safety._connected(7) == ""


@pytest.mark.slow
def test_a_connection_as_standard_input_is_no_reason() -> None:
    code = "import os, socket\nheard = socket.create_server(('127.0.0.1', 0))\n"
    code += "one = socket.create_connection(heard.getsockname())\n"
    code += "os.dup2(one.fileno(), 0); one.close(); print(why())"
    assert said(code) == ""


LOADED = {
    "gRPC is loaded": {"grpc._cython.cygrpc": 1},
    "CUDA is in use (torch)": played(torch__cuda=SimpleNamespace(is_initialized=lambda: True)),
    "a Ray client": played(ray=SimpleNamespace(is_initialized=lambda: True)),
    "JAX has": {"jax._src.xla_bridge": SimpleNamespace(_backends={"cpu": 1})},
    "a Spark context": played(
        pyspark__context=SimpleNamespace(SparkContext=SimpleNamespace(_active_spark_context=1))
    ),
    "a trio event loop": played(trio__lowlevel=SimpleNamespace(in_trio_run=lambda: True)),
}


@pytest.mark.parametrize(("reason", "modules"), LOADED.items(), ids=LOADED)
def test_a_library_that_does_not_outlive_a_fork_is_named(
    reason: str, modules: dict[str, Any]
) -> None:
    assert why_not_fork(modules=modules).startswith(reason)


IDLE = {
    "torch.cuda": SimpleNamespace(is_initialized=lambda: False),
    "ray": SimpleNamespace(is_initialized=lambda: False),
    "jax._src.xla_bridge": SimpleNamespace(_backends={}),
    "pyspark.core.context": SimpleNamespace(
        SparkContext=SimpleNamespace(_active_spark_context=None)
    ),
    "trio.lowlevel": SimpleNamespace(in_trio_run=lambda: False),
}


def test_a_library_that_is_only_loaded_is_no_reason(tmp_path: Path) -> None:
    assert why_not_fork(modules=IDLE, frames=dict, proc=tmp_path) == ""


def process(root: Path, *libraries: str, tasks: tuple[str, ...] = ()) -> Path:
    """Play a process with these libraries and native threads of these names."""
    (root / "fd").mkdir()
    for number, name in enumerate(tasks):
        (root / "task" / str(number)).mkdir(parents=True)
        (root / "task" / str(number) / "comm").write_text(f"{name}\n", "ascii")
    (root / "comm").write_text("python\n", "ascii")
    lines = [f"7f00-7f01 r-xp 00000000 08:01 12 /lib/{name}\n" for name in libraries]
    (root / "maps").write_text("".join(lines) + "7f00-7f01 rw-p 00000000 00:00 0\n", "ascii")
    return root


def test_an_open_graphics_device_is_named(tmp_path: Path) -> None:
    proc = process(tmp_path, "libcuda.so.1")
    (proc / "fd" / "7").symlink_to("/dev/nvidia0")
    assert (
        why_not_fork(modules={}, frames=dict, proc=proc) == "CUDA is in use (/dev/nvidia0 is open)"
    )


def test_threads_of_openmp_are_named(tmp_path: Path) -> None:
    proc = process(tmp_path, "libgomp.so.1", tasks=("python", "python"))
    said = why_not_fork(modules={}, frames=dict, proc=proc, pause=int)
    assert said == "2 native threads alive (libgomp.so.1)"


def test_native_threads_with_names_are_named(tmp_path: Path) -> None:
    proc = process(tmp_path, "libopenblas.so.0", tasks=("python", "tokio-runtime-w"))
    said = why_not_fork(modules={}, frames=dict, proc=proc, pause=int)
    assert said.endswith("that Python does not know (among them 'tokio-runtime-w')")


def test_other_systems_are_not_forked() -> None:
    assert why_not_fork(platform="win32") == "this system has no fork"
    assert why_not_fork(platform="freebsd14", frames=dict) == "forking was never tried on freebsd14"


def test_frameworks_of_macos_are_named() -> None:
    loaded = ["/usr/lib/libSystem.B.dylib", "/System/Library/Frameworks/AppKit.framework/AppKit"]
    said = why_not_fork(platform="darwin", modules={}, frames=dict, images=lambda: loaded)
    assert said == "macOS has the framework AppKit loaded"
    del loaded[1]
    assert why_not_fork(platform="darwin", modules={}, frames=dict, images=lambda: loaded) == ""
