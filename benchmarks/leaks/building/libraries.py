"""What modules of the standard library keep when they are asked to, and what they do not."""

from __future__ import annotations

import bz2
import configparser
import copy
import csv
import decimal
import email
import hashlib
import io
import itertools
import lzma
import os
import pickle
import sched
import sys
import urllib.parse
import xml.etree.ElementTree as ET
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import filling, harmless, leak, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()


MEMO: dict[int, Any] = {}


@leak(lambda: len(MEMO), calls=2000)
def copies_with_one_memo() -> None:
    """Copy deeply with one memo for all copies: it keeps them and what was copied."""
    copy.deepcopy([next(CALLS), "x"], MEMO)


NUMBERS = count(100_000)
AHEAD, BEHIND = itertools.tee(NUMBERS)
TAKEN = {"values": 0}


@leak(lambda: TAKEN["values"])
def one_branch_left_behind() -> None:
    """Go on with one branch of an iterator, never with the other."""
    next(AHEAD)
    TAKEN["values"] += 1


AGENDA = sched.scheduler()


@leak(lambda: len(AGENDA.queue))
def agenda_longer() -> None:
    """Enter an event into a scheduler that nobody runs."""
    AGENDA.enter(86_400, 1, int, (next(CALLS),))


DIGESTS: list[Any] = []


@leak(lambda: len(DIGESTS))
def digests_kept() -> None:
    """Keep a digest object a call: its state lies outside Python's own memory."""
    DIGESTS.append(hashlib.sha256(b"x"))


TABLE = io.StringIO()
WRITER = csv.writer(TABLE)


@leak(TABLE.tell, each=10)
def table_written() -> None:
    """Write a row a call into a table in memory."""
    WRITER.writerow([next(CALLS), "name", 2.5])


AMOUNTS: list[decimal.Decimal] = []


@leak(lambda: len(AMOUNTS), each=0.2)
def amounts_every_fifth() -> None:
    """Keep a decimal number one call in five."""
    number = next(CALLS)
    if number % 5 == 0:
        AMOUNTS.append(decimal.Decimal(number) / 7)


VARIABLES = {"set": 0}


@leak(lambda: VARIABLES["set"])
def environment_grows() -> None:
    """Set an environment variable of a new name."""
    os.environ[f"LEAKS_{next(CALLS)}"] = "x" * SIZE
    VARIABLES["set"] += 1


@harmless(calls=1500)
def patched_for_the_call() -> None:
    """Patch a function for the length of the call."""
    with mock.patch.object(os, "getcwd", return_value="/"):
        os.getcwd()  # noqa: PTH109  (the patched one)


@harmless(calls=1500)
def pickled_both_ways() -> None:
    """Pickle and load a structure."""
    pickle.loads(pickle.dumps([{"n": n, "s": "x" * n} for n in range(20)]))  # noqa: S301


@harmless(calls=1500)
def squeezed_both_ways() -> None:
    """Compress and decompress by two more methods."""
    text = b"paceline" * SOURCE.randrange(50, 500)
    bz2.decompress(bz2.compress(text))
    lzma.decompress(lzma.compress(text, preset=0))


@harmless(calls=1500)
def document_parsed() -> None:
    """Parse a small document and drop it."""
    ET.fromstring("<a>" + "<b c='1'>text</b>" * SOURCE.randrange(5, 30) + "</a>")  # noqa: S314


@harmless(calls=1500)
def message_parsed() -> None:
    """Parse a message and drop it."""
    email.message_from_string(f"Subject: {next(CALLS)}\nTo: you\n\nbody").as_string()


@harmless(calls=1500)
def configuration_read() -> None:
    """Read a configuration and drop it."""
    parser = configparser.ConfigParser()
    parser.read_string("[one]\na = 1\n[two]\nb = %(c)s\nc = 3\n")
    parser.get("two", "b")


@harmless(calls=2000)
def addresses_taken_apart() -> None:
    """Take ever new addresses apart: the module keeps some of them."""
    urllib.parse.urlsplit(f"http://127.0.0.1/{next(CALLS)}?a=1")
    urllib.parse.quote("a b/ü")


@harmless()
def digest_dropped() -> bytes:
    """Digest some kilobytes."""
    return hashlib.sha256(bytes(SOURCE.randrange(100, 10_000))).digest()


@harmless(lambda: sum(name.startswith("LEAKS_") for name in os.environ), most=5)
def environment_cleaned() -> None:
    """Set one of five variables, or take one away."""
    name = f"LEAKS_{SOURCE.randrange(5)}"
    if os.environ.pop(name, None) is None:
        os.environ[name] = "x" * SIZE


@filling(lambda: len(NAMES), most=25_000)
def names_up_to_a_limit() -> None:
    """Fill a mapping that clears itself at its limit of 25 000."""
    NAMES[f"name {next(CALLS)}"] = None
    if len(NAMES) > NAMES_LIMIT:
        NAMES.clear()


NAMES: dict[str, None] = {}
NAMES_LIMIT = 25_000
