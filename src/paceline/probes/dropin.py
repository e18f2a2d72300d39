"""Machine and commit in the words of pytest-benchmark's JSON, whose readers look them up.

The processor is read from ``/proc/cpuinfo`` under the keys that py-cpuinfo made known. The clock
rate of the moment is left out: it differs at every look, so no two runs would be comparable.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from paceline.probes.repository import observe_revision

__all__ = ["commit_info", "machine_id", "machine_info"]

_PATIENCE = 10  # seconds
_FIELDS = {
    "vendor_id": "vendor_id_raw",
    "model name": "brand_raw",
    "Hardware": "hardware_raw",
    "cpu family": "family",
    "model": "model",
    "stepping": "stepping",
    "cache size": "l3_cache_size",
}
_ARCHITECTURES = {"x86_64": "X86_64", "amd64": "X86_64", "aarch64": "ARM_8", "arm64": "ARM_8"}
_NUMBERS = frozenset({"family", "model", "stepping"})
_RATE = re.compile(r"@\s*(\d+(?:\.\d+)?)\s*([GM])Hz")
_HERTZ = {"G": 10**9, "M": 10**6}


def machine_id() -> str:
    """Name the machine's kind as the folder of its saved runs: ``Linux-CPython-3.11-64bit``."""
    release = ".".join(platform.python_version_tuple()[:2])
    kind = platform.python_implementation()
    return f"{platform.system()}-{kind}-{release}-{platform.architecture()[0]}"


def machine_info(*, proc: Path = Path("/proc")) -> dict[str, Any]:
    """Read node, system, interpreter and processor."""
    return {
        "node": platform.node(),
        "processor": platform.processor(),
        "machine": platform.machine(),
        "python_compiler": platform.python_compiler(),
        "python_implementation": platform.python_implementation(),
        "python_implementation_version": platform.python_version(),
        "python_version": platform.python_version(),
        "python_build": list(platform.python_build()),
        "release": platform.release(),
        "system": platform.system(),
        "cpu": _processor(proc),
    }


def commit_info(project: str | None = None, *, folder: Path) -> dict[str, Any]:
    """Read the commit that ``folder`` stands at, by git or Mercurial; never fails.

    Outside a repository the id is "unversioned"; where it can't be asked it is "unknown", and
    ``error`` says why. Times are ISO 8601 texts.
    """
    system = next((name for name in (".git", ".hg") if _within(folder, name)), "")
    found: dict[str, Any] = {"id": "unversioned", "time": None, "author_time": None, "dirty": False}
    if system:
        found |= _git(folder) if system == ".git" else _mercurial(folder)
    found["project"] = project or _project(folder, system)
    return {"branch": "(unknown)", **found}


def _processor(proc: Path) -> dict[str, Any]:
    bits = 64 if platform.architecture()[0] == "64bit" else 32
    found: dict[str, Any] = {
        "arch": _ARCHITECTURES.get(platform.machine().lower(), platform.machine()),
        "arch_string_raw": platform.machine(),
        "bits": bits,
        "count": os.cpu_count() or 1,
        "python_version": f"{'.'.join(map(str, sys.version_info))} ({bits} bit)",
    }
    try:
        text = (proc / "cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    for line in text.partition("\n\n")[0].splitlines():
        name, _, said = (part.strip() for part in line.partition(":"))
        key = _FIELDS.get(name)
        if key == "l3_cache_size" and said.removesuffix(" KB").isdecimal():
            found[key] = int(said.removesuffix(" KB")) * 1024
        elif key:
            found[key] = int(said) if key in _NUMBERS and said.isdecimal() else said
        elif name in {"flags", "Features"}:
            found["flags"] = sorted(said.split())
    found.setdefault("brand_raw", found.get("hardware_raw", "") or platform.processor())
    return found | _advertised(found["brand_raw"])


def _advertised(brand: str) -> dict[str, Any]:
    """Read the rate that stands in the processor's name, as in ``@ 2.40GHz``."""
    match = _RATE.search(brand)
    if match is None:
        return {}
    hertz = round(float(match[1]) * _HERTZ[match[2]])
    friendly = f"{hertz / 10**9:.4f} GHz"
    return {"hz_advertised_friendly": friendly, "hz_advertised": [hertz, 0]}


def _git(folder: Path) -> dict[str, Any]:
    revision = observe_revision(folder)
    if not revision.commit:
        return _unknown(folder, "git", "rev-parse", "HEAD")
    times, _ = _said(folder, "git", "show", "--no-patch", "--format=%cI%n%aI")
    committed, _, authored = times.partition("\n")
    return {
        "id": revision.commit,
        "time": committed or None,
        "author_time": authored or None,
        "dirty": revision.dirty,
        "branch": revision.branch or "(detached head)",
    }


def _mercurial(folder: Path) -> dict[str, Any]:
    commit, error = _said(folder, "hg", "id", "--id", "--debug")
    if error:
        return _unknown(folder, "hg", "id")
    time, _ = _said(folder, "hg", "log", "--rev", ".", "--template", "{date|rfc3339date}")
    branch, _ = _said(folder, "hg", "branch")
    return {
        "id": commit.rstrip("+"),
        "time": time or None,
        "dirty": commit.endswith("+"),
        "branch": branch or "(unknown)",
    }


def _unknown(folder: Path, *command: str) -> dict[str, Any]:
    _, error = _said(folder, *command)
    return {"id": "unknown", "error": error or f"{command[0]} names no commit"}


def _project(folder: Path, system: str) -> str:
    """Name the project by where it was cloned from, or by its folder."""
    address = ""
    if system == ".git":
        address, _ = _said(folder, "git", "config", "--local", "remote.origin.url")
    elif system == ".hg":
        address, _ = _said(folder, "hg", "path", "default")
    parts = [part for part in re.split(r"[/:\\\s]|\.git", address) if part]
    return parts[-1] if parts else folder.resolve().name


def _within(folder: Path, name: str) -> bool:
    return any((place / name).exists() for place in (folder.resolve(), *folder.resolve().parents))


def _said(folder: Path, *command: str) -> tuple[str, str]:
    """Run a command in the folder and give what it said, and why it failed ("" when it did not)."""
    try:
        done = subprocess.run(  # noqa: S603  (git or hg with fixed arguments, from the user's PATH)
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    failed = f"{command[0]} exited with {done.returncode}: {done.stderr.strip()}"
    return done.stdout.strip(), failed if done.returncode else ""
