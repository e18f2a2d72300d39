"""Valgrind: how a process is started so that its instructions can be counted again and again."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["callgrind_command", "callgrind_environment", "real_interpreter", "valgrind"]

LENGTH: Final = 4096
"""Bytes of whose multiple the environment takes, however long the user's own variables are."""

_FIXED: Final = {
    "PYTHONHASHSEED": "0",
    "LD_BIND_NOW": "1",  # else the first call of a library function looks it up, and is counted
}
_DROPPED: Final = (
    # what watches, colours or places things by the run, the terminal or the machine
    "OLDPWD", "PWD", "SHLVL", "_", "COLUMNS", "LINES", "TERM", "PYTHONMALLOC", "VALGRIND_OPTS",
)  # fmt: skip
# Processors with and without these take other functions of the C library: all take the plain ones.
# Names of glibc from 2.33 on, then the older ones; unknown names are ignored. Sizes of caches
# decide from how many bytes on memcpy works differently.
_HARDWARE: Final = (
    "AVX2,AVX2_Usable,AVX512F,AVX512VL,AVX512BW,AVX_Fast_Unaligned_Load,ERMS,FSRM,RTM,"
    "BMI1,BMI2,LZCNT,MOVBE,FMA,FMA4,FMA_Usable,FMA4_Usable,EVEX,Prefer_No_VZEROUPPER"
)
_TUNABLES: Final = ":".join(
    (
        "glibc.cpu.hwcaps=" + ",".join(f"-{name}" for name in _HARDWARE.split(",")),
        "glibc.cpu.x86_data_cache_size=32768",
        "glibc.cpu.x86_shared_cache_size=1048576",
        "glibc.cpu.x86_non_temporal_threshold=786432",
        "glibc.cpu.x86_rep_movsb_threshold=2048",
        "glibc.cpu.x86_rep_stosb_threshold=2048",
    )
)
_CALLGRIND: Final = (
    "--tool=callgrind",
    "--quiet",
    "--command-line-only=yes",  # a .valgrindrc in the project would change what is counted
    "--collect-atstart=no",
    "--instr-atstart=no",
    "--cache-sim=no",
    "--dump-line=no",
)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_C_NAMES: Final = (*"_(<.", *_LETTERS, *_LETTERS.upper())


def valgrind() -> str | None:
    """Find valgrind, None where it is not installed."""
    return shutil.which("valgrind")


def callgrind_command(
    command: Sequence[str], *, out: Path, python_functions: bool = False
) -> list[str]:
    """Give the command that runs ``command`` under callgrind, profiles at ``out`` and a number.

    With ``python_functions`` the cost of C functions goes to the Python function that called them;
    this needs the trampolines of `python_functions.trampolines`. The address layout is not
    randomised where the system allows that.
    """
    skipped = [f"--fn-skip={first}*" for first in _C_NAMES] if python_functions else []
    tool = [valgrind() or "valgrind", *_CALLGRIND, *skipped, f"--callgrind-out-file={out}"]
    tool.append(f"--log-file={out}.log")
    return [*_same_layout(), *tool, "--", real_interpreter(command[0]), *command[1:]]


def callgrind_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Give an environment for counting: of fixed length, hash seed and C library's choices.

    What the process finds on its stack before ``main`` moves with the environment's length, and
    with it what depends on addresses.
    """
    kept = {name: value for name, value in environ.items() if name not in _DROPPED}
    fixed = kept | _FIXED
    if platform.machine() in {"x86_64", "AMD64"}:
        fixed["GLIBC_TUNABLES"] = _TUNABLES
    return _filled(fixed)


def real_interpreter(executable: str) -> str:
    """Give the interpreter itself where a version manager put a script before it.

    A link, as in a virtual environment, stays as it is: Python finds the environment by it.
    """
    place = shutil.which(executable) or executable
    with Path(place).open("rb") as file:
        if file.read(2) != b"#!":
            return place
    said = subprocess.run(  # noqa: S603  (the user's own interpreter)
        [place, "-c", "import sys; print(sys.executable)"],
        text=True, capture_output=True, check=True,
    )  # fmt: skip
    return said.stdout.strip()


def _filled(environment: dict[str, str]) -> dict[str, str]:
    """Fill an environment up to the next multiple of the fixed length."""
    filler = "PACELINE_FILLER"
    rest = len("=") + 1 + 8  # the sign between, the end and the pointer to it
    used = sum(len(os.fsencode(name + value)) + rest for name, value in environment.items())
    missing = -(used + len(filler) + rest) % LENGTH
    return {**environment, filler: "x" * missing}


@cache
def _same_layout() -> tuple[str, ...]:
    """Give the prefix that switches address randomisation off, () where it may not be."""
    tool = shutil.which("setarch")
    if tool is None:
        return ()
    # Containers often forbid the system call behind it.
    done = subprocess.run(  # noqa: S603  (the tool just found)
        [tool, "-R", tool, "--version"], capture_output=True, check=False
    )
    return (tool, "-R") if done.returncode == 0 else ()
