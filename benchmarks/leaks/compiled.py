"""A small library in C, compiled once a process tree, that keeps or frees what it is told to."""

from __future__ import annotations

import atexit
import ctypes
import functools
import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

__all__ = ["BUILD", "library"]

BUILD = "PACELINE_LEAKS_BUILD"  # the folder that runs share, so that only one compiles
SOURCE = """
#include <Python.h>
#include <stdlib.h>
struct node { struct node *next; long number; };
static struct node *top;
static long pushed;
static char *volatile last;  /* a block that nobody could see need not be allocated at all */
void lose(size_t size) { last = malloc(size); if (last) last[0] = 1; }
void borrow(size_t size) { last = malloc(size); if (last) last[0] = 1; free(last); }
void push(void) {
    struct node *new = malloc(sizeof *new);
    if (!new) return;
    new->next = top; new->number = pushed++; top = new;
}
long length(void) { return pushed; }
void forget(long number) { PyUnicode_FromFormat("number %ld", number); }
void mention(long number) { Py_XDECREF(PyUnicode_FromFormat("number %ld", number)); }
"""


@functools.cache
def library() -> ctypes.PyDLL:
    """Load the library, compiled first where it is missing.

    Raises:
        subprocess.CalledProcessError: the compiler could not compile it.
    """
    folder = Path(os.environ.get(BUILD) or _own_folder())
    file = folder / f"leaks-{sysconfig.get_config_var('SOABI')}.so"
    if not file.exists():
        _compile(file)
    loaded = ctypes.PyDLL(str(file))
    for name in ("lose", "borrow"):
        getattr(loaded, name).argtypes = [ctypes.c_size_t]
        getattr(loaded, name).restype = None
    for name in ("forget", "mention"):
        getattr(loaded, name).argtypes = [ctypes.c_long]
        getattr(loaded, name).restype = None
    loaded.length.restype = ctypes.c_long
    return loaded


def _own_folder() -> str:
    folder = tempfile.mkdtemp(prefix="leaks-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _compile(file: Path) -> None:
    """Compile beside the file and move it there, so that two who compile do not meet."""
    source = file.with_suffix(f".{os.getpid()}.c")
    source.write_text(SOURCE, encoding="utf-8")
    made = source.with_suffix(".so")
    include = sysconfig.get_path("include")
    command = ["cc", "-O1", "-fPIC", "-shared", f"-I{include}", str(source), "-o", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    made.replace(file)
    source.unlink()
