"""Exchange: runs as files, and files of other tools as runs."""

from paceline.store.exchange.document import (
    SCHEMA,
    VERSION,
    RunDocument,
    dump_run,
    load_run,
    read_document,
    read_run,
    write_run,
)

__all__ = [
    "SCHEMA",
    "VERSION",
    "RunDocument",
    "dump_run",
    "load_run",
    "read_document",
    "read_run",
    "write_run",
]
