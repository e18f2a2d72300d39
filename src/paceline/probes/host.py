"""Host: read the facts about this machine and interpreter."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.model import Host

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["observe_host"]

_RUNNERS = (
    ("GITHUB_ACTIONS", "github"),
    ("GITLAB_CI", "gitlab"),
    ("CIRCLECI", "circleci"),
    ("BUILDKITE", "buildkite"),
    ("TF_BUILD", "azure"),
    ("JENKINS_URL", "jenkins"),
    ("CI", "ci"),
)


def observe_host(environment: Mapping[str, str], *, proc: Path = Path("/proc")) -> Host:
    """Read processor, usable cores, memory (bytes), system, interpreter and kind of runner."""
    return Host(
        cpu=_cpu(proc),
        cores=_cores(),
        memory=_memory(),
        system=f"{platform.system()} {platform.machine()}",
        python=_python(),
        runner=next((name for key, name in _RUNNERS if environment.get(key)), ""),
    )


def _cpu(proc: Path) -> str:
    try:
        text = (proc / "cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line)
    return next(names, platform.processor() or platform.machine())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _python() -> str:
    kinds = []
    if hasattr(sys, "gettotalrefcount"):
        kinds.append("debug")
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        kinds.append("free-threaded")
    return " ".join([platform.python_implementation(), platform.python_version(), *kinds])
