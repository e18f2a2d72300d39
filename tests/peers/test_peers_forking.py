"""Libraries whose threads are let through, forked for real: ``make test-peers``."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

for name in ("numpy", "scipy", "pytest_rerunfailures", "xdist", "grpc"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed here: make test-peers", allow_module_level=True)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks on Linux"),
]

ASK = "import os, sys, signal\nfrom paceline.probes.fork_safety import why_not_fork as why\n"
PRODUCT = """
import numpy, scipy.linalg
one = numpy.arange(1_000_000, dtype=float).reshape(1000, 1000) % 7
two = numpy.eye(1000) * 3
assert (one @ two == one * 3).all()
def several(): return len(os.listdir("/proc/self/task")) > 1
print(several(), repr(why()))
child = os.fork()
if not child:
    signal.alarm(60)
    good = (one @ two == one * 3).all() and abs(scipy.linalg.det(two[:5, :5]) - 243) < 1e-6
    os._exit(0 if good and several() else 1)
print(os.waitpid(child, 0)[1])
"""
FORKING = """
import os
import signal
import threading
from paceline.probes.fork_safety import why_not_fork

def pytest_runtestloop(session):
    print("threads", len(threading.enumerate()), "why", repr(why_not_fork()))
    child = os.fork()
    if child:
        session.testsfailed = os.waitpid(child, 0)[1]
        return True
    signal.alarm(60)
    for item in session.items:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    os._exit(session.testsfailed)
"""


def said(code: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK + code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("threads", ["2", "4"])
def test_a_child_multiplies_with_threads_of_its_own(threads: str) -> None:
    assert said(PRODUCT, OPENBLAS_NUM_THREADS=threads) == ["True ''", "0"]


def test_a_native_thread_beyond_the_pool_is_found() -> None:
    code = "import ctypes, numpy\nstart = ctypes.CDLL(None).pthread_create\n"
    code += "body = ctypes.cast(ctypes.CDLL(None).pause, ctypes.c_void_p)\n"
    code += "start(ctypes.byref(ctypes.c_ulong()), None, body, None); print(why())"
    [line] = said(code, OPENBLAS_NUM_THREADS="2")
    assert line.startswith("2 native threads alive")


def test_grpc_is_refused() -> None:
    assert said("import grpc; print(why())") == [
        "gRPC is loaded, and its core does not outlive a fork"
    ]


def test_reruns_work_in_a_child_without_their_status_thread(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(FORKING)
    pytester.makepyfile("tries = []\ndef test_a(): tries.append(1); assert len(tries) > 1")
    options = ("-s", "--reruns=2", "-p", "no:cacheprovider", "-p", "no:asyncio")
    result = pytester.runpytest_subprocess(*options, timeout=120)
    result.stdout.fnmatch_lines(["*threads 2 why ''*"])
    assert result.ret == pytest.ExitCode.OK
