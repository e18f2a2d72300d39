"""Files, sockets, pipes, mappings, databases and processes: closed, lost or pooled."""

from __future__ import annotations

import atexit
import io
import os
import select
import socket
import sqlite3
import subprocess
import sys
import tempfile
from itertools import count
from multiprocessing import shared_memory
from pathlib import Path
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, open_files, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()
TRUE = "/bin/true"


STREAMS: list[IO[bytes]] = []


@leak(open_files, calls=1000)
def files_kept_open() -> None:
    """Open a file a call and keep it."""
    STREAMS.append(Path(__file__).open("rb"))  # noqa: SIM115


@leak(open_files, each=2, calls=800)
def pipes_lost() -> None:
    """Make a pipe and close neither end."""
    os.pipe()


PAIRS: list[socket.socket] = []


@leak(open_files, each=0.25, calls=2000)
def half_of_pair_kept() -> None:
    """Make a pair of sockets one call in four, close one and keep the other."""
    if next(CALLS) % 4 == 0:
        one, other = socket.socketpair()
        one.close()
        PAIRS.append(other)


DATABASE = sqlite3.connect(":memory:", check_same_thread=False)
DATABASE.execute("create table log (text text)")


@leak(lambda: DATABASE.execute("select count(*) from log").fetchone()[0])
def rows_in_memory() -> None:
    """Insert a row of some 64 B into a table in memory."""
    DATABASE.execute("insert into log values (?)", ("x" * 48,))


SELECTORS: list[select.epoll] = []


@leak(open_files, calls=1000)
def pollers_kept() -> None:
    """Make a poll object a call and keep it."""
    SELECTORS.append(select.epoll())


VIEWS: list[memoryview] = []


@leak(lambda: len(VIEWS))
def views_kept() -> None:
    """Keep a small view of a buffer of 2 KiB: the buffer stays."""
    VIEWS.append(memoryview(bytearray(2048))[:4])


SPAWNED = {"children": 0}


@leak(lambda: SPAWNED["children"], calls=300)
def spawned_and_forgotten() -> None:
    """Spawn a process and forget its number."""
    os.posix_spawn(TRUE, [TRUE], {})
    SPAWNED["children"] += 1


OUTPUT = io.StringIO()


@leak(OUTPUT.tell, each=20)
def output_collected() -> None:
    """Write a line of 20 characters into one text buffer."""
    OUTPUT.write(f"{next(CALLS):019d}\n")


@leak(open_files, calls=1000)
def memory_files_lost() -> None:
    """Make a file in memory and forget its descriptor."""
    os.memfd_create("lost")


SCANS: list[Any] = []


@leak(open_files, calls=1000)
def folders_never_read_out() -> None:
    """Begin to read a folder, take one entry and keep the iterator."""
    scan = os.scandir("/proc/self")
    next(scan)
    SCANS.append(scan)


SHARED: list[shared_memory.SharedMemory] = []


@atexit.register
def _unlink_shared() -> None:
    for memory in SHARED:
        memory.close()
        memory.unlink()


@leak(open_files, calls=200)
def shared_memory_kept() -> None:
    """Share a page of memory a call and keep it."""
    SHARED.append(shared_memory.SharedMemory(create=True, size=4096))


@harmless(open_files, most=12)
def file_read_and_closed() -> int:
    """Read a file and close it."""
    with Path(__file__).open("rb") as stream:
        return len(stream.read(SOURCE.randrange(100, 5000)))


@harmless(open_files, most=12)
def socket_closed() -> None:
    """Send some bytes through a pair of sockets and close both."""
    one, other = socket.socketpair()
    with one, other:
        one.send(bytes(SIZE))
        other.recv(100)


@harmless(open_files, most=14, calls=1000)
def temporary_file_removed() -> None:
    """Write a temporary file, which is removed."""
    with tempfile.NamedTemporaryFile() as stream:
        stream.write(bytes(SIZE))


@harmless(open_files, most=14, calls=150)
def process_run() -> None:
    """Run a process and wait for it."""
    subprocess.run([TRUE], check=True)


STATEMENTS = sqlite3.connect(":memory:", check_same_thread=False)


@harmless()
def statements_varied() -> None:
    """Ask ever new statements: the connection keeps the last 128."""
    STATEMENTS.execute(f"select {next(CALLS)}, {SIZE}").fetchall()


STORE = sqlite3.connect(":memory:", check_same_thread=False)
STORE.execute("create table recent (number integer primary key, text text)")


@harmless(lambda: STORE.execute("select count(*) from recent").fetchone()[0], most=200)
def rows_deleted() -> None:
    """Insert a row and delete those beyond two hundred."""
    number = next(CALLS)
    STORE.execute("insert into recent values (?, ?)", (number, "x" * SIZE))
    STORE.execute("delete from recent where number <= ?", (number - 200,))


@harmless(open_files, most=14, calls=1000)
def shared_and_unlinked() -> None:
    """Share some memory and take it away."""
    memory = shared_memory.SharedMemory(create=True, size=4096)
    memory.buf[0] = 1
    memory.close()
    memory.unlink()


@harmless(open_files, most=12, calls=2000)
def folder_read_out() -> int:
    """Read a folder to its end."""
    with os.scandir(Path(__file__).parent) as scan:
        return sum(entry.is_file() for entry in scan)


SCRATCH = io.BytesIO()


@harmless(lambda: len(SCRATCH.getvalue()), most=6000)
def buffer_reused() -> None:
    """Write into one buffer and cut it back."""
    SCRATCH.write(bytes(SOURCE.randrange(100, 6000)))
    SCRATCH.seek(0)
    SCRATCH.truncate()


@harmless(open_files, most=14, calls=2000)
def pipe_closed() -> None:
    """Write through a pipe and close both ends."""
    reader, writer = os.pipe()
    os.write(writer, bytes(SIZE))
    os.read(reader, SIZE)
    os.close(reader)
    os.close(writer)
