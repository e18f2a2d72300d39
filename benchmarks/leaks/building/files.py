"""Files, sockets, pipes, mappings, databases and processes: closed, lost or pooled."""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import selectors
import socket
import sqlite3
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, open_files, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()
TRUE = "/bin/true"


@leak(open_files, each=0.1, calls=3000)
def descriptor_lost_every_tenth() -> None:
    """Open a descriptor one call in ten and forget its number."""
    if next(CALLS) % 10 == 0:
        os.open("/dev/null", os.O_RDONLY)


@leak(open_files, calls=1000)
def duplicates_lost() -> None:
    """Duplicate a descriptor and forget it."""
    os.dup(NOWHERE)


NOWHERE = os.open("/dev/null", os.O_RDONLY)

SOCKETS: list[socket.socket] = []


@leak(open_files, calls=1000)
def sockets_kept() -> None:
    """Make a socket a call and keep it."""
    SOCKETS.append(socket.socket())


DATABASES: list[sqlite3.Connection] = []


@leak(lambda: len(DATABASES), calls=500)
def connections_kept() -> None:
    """Open a database in memory a call and keep it."""
    DATABASES.append(sqlite3.connect(":memory:"))


WATCH: list[selectors.BaseSelector] = []


@leak(open_files, each=0.5, calls=1000)
def selectors_every_other() -> None:
    """Make a selector every other call, never close it."""
    if next(CALLS) % 2:
        WATCH.append(selectors.DefaultSelector())


MAPPINGS: list[mmap.mmap] = []


@leak(lambda: len(MAPPINGS), calls=2000)
def mappings_kept() -> None:
    """Map a page of memory a call, never touch and never unmap it."""
    MAPPINGS.append(mmap.mmap(-1, 4096))


CHILDREN: list[subprocess.Popen[bytes]] = []


@leak(lambda: len(CHILDREN), calls=150)
def children_never_waited() -> None:
    """Start a process, keep it and never wait: it stays a zombie."""
    CHILDREN.append(subprocess.Popen([TRUE]))


BUFFERS: list[io.BytesIO] = []


@leak(lambda: len(BUFFERS))
def buffers_kept() -> None:
    """Keep a buffer of some bytes a call."""
    BUFFERS.append(io.BytesIO(bytes(SIZE)))


TEMPORARY: list[IO[bytes]] = []


@leak(open_files, calls=300)
def temporary_files_kept() -> None:
    """Keep a temporary file open."""
    TEMPORARY.append(tempfile.TemporaryFile())  # noqa: SIM115


CURSORS: list[sqlite3.Cursor] = []
SOURCE_DATABASE = sqlite3.connect(":memory:", check_same_thread=False)


@leak(lambda: len(CURSORS), calls=2000)
def cursors_kept() -> None:
    """Keep a cursor with rows left to read."""
    cursor = SOURCE_DATABASE.execute("select 1 union all select 2")
    cursor.fetchone()
    CURSORS.append(cursor)


@leak(open_files, each=0.2, calls=1500)
def counters_lost_every_fifth() -> None:
    """Make an event counter of the kernel's one call in five and forget it."""
    if next(CALLS) % 5 == 0:
        os.eventfd(0)


@harmless(open_files, most=12)
def descriptor_closed() -> None:
    """Open a descriptor and close it."""
    os.close(os.open("/dev/null", os.O_RDONLY))


@harmless(open_files, most=14, calls=1500)
def connected_on_loopback() -> None:
    """Listen, connect on the loopback, and close everything."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        client = stack.enter_context(socket.create_connection(server.getsockname()))
        accepted = stack.enter_context(server.accept()[0])
        client.send(b"ping")
        accepted.recv(4)


@harmless(open_files, most=12, calls=500)
def temporary_folder_removed() -> None:
    """Fill a temporary folder, which is removed."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "one.txt").write_text("x" * SIZE, encoding="utf-8")


@harmless(open_files, most=14, calls=150)
def process_waited() -> None:
    """Start a process with a pipe and read it out."""
    with subprocess.Popen([TRUE], stdout=subprocess.PIPE) as process:
        process.communicate()


@harmless(open_files, most=12, calls=1000)
def database_closed() -> None:
    """Fill a database in memory and close it."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute("create table one (x)")
        database.execute("insert into one values (1)")


CONNECTIONS: list[sqlite3.Connection] = []


@harmless(lambda: len(CONNECTIONS), most=5)
def pool_of_five() -> None:
    """Take connections from a pool that makes up to five."""
    wanted = SOURCE.randrange(1, 6)
    while len(CONNECTIONS) < wanted:
        CONNECTIONS.append(sqlite3.connect(":memory:", check_same_thread=False))
    CONNECTIONS[wanted - 1].execute("select 1").fetchone()


@harmless(calls=3000)
def mapping_unmapped() -> None:
    """Map some pages, write and unmap them."""
    with mmap.mmap(-1, 4096 * SOURCE.randrange(1, 9)) as mapping:
        mapping[:5] = b"hello"


@harmless(open_files, most=12)
def selector_closed() -> None:
    """Watch a socket and close the selector."""
    with selectors.DefaultSelector() as chosen, socket.socket() as one:
        chosen.register(one, selectors.EVENT_READ)


@harmless()
def view_released() -> None:
    """Look at parts of a buffer and let go."""
    buffer = bytearray(SOURCE.randrange(1000, 4000))
    with memoryview(buffer) as view:
        bytes(view[10:20])
    buffer.clear()


ROTATED: dict[str, Any] = {"stream": None}


@harmless(open_files, most=13)
def log_rotated() -> None:
    """Write to a file that is opened by first use and anew every fifty calls."""
    if next(CALLS) % 50 == 0 and ROTATED["stream"] is not None:
        ROTATED["stream"].close()
        ROTATED["stream"] = None
    if ROTATED["stream"] is None:
        ROTATED["stream"] = tempfile.TemporaryFile()  # noqa: SIM115
    ROTATED["stream"].write(b"line\n")
