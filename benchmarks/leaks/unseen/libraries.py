"""What modules of the standard library keep when they are asked to, and what they do not."""

from __future__ import annotations

import argparse
import configparser
import csv
import datetime as dt
import decimal
import difflib
import email
import io
import json
import pickle
import string
import struct
import sys
import textwrap
import uuid
import xml.etree.ElementTree as ET
import zlib
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()


SPY = mock.Mock()


@leak(lambda: len(SPY.call_args_list), calls=2000)
def mock_remembers() -> None:
    """Call a mock object that remembers all its calls."""
    SPY(next(CALLS))


STREAM = io.BytesIO()
PICKLER = pickle.Pickler(STREAM)
PICKLED = {"objects": 0}


@leak(lambda: PICKLED["objects"])
def pickler_remembers() -> None:
    """Pickle through one pickler, whose memo keeps every object, the stream cut back."""
    PICKLER.dump((next(CALLS), "payload" * 3, SIZE))
    STREAM.seek(0)
    STREAM.truncate()
    PICKLED["objects"] += 1


DOCUMENT = ET.Element("log")


@leak(lambda: len(DOCUMENT))
def document_longer() -> None:
    """Append an element to one document."""
    ET.SubElement(DOCUMENT, "entry", number=str(next(CALLS)))


CONFIGURATION = configparser.ConfigParser()


@leak(lambda: len(CONFIGURATION.sections()), each=0.1, calls=2000)
def sections_every_tenth() -> None:
    """Add a section one call in ten."""
    CONFIGURATION.read_dict({f"host {next(CALLS) // 10}": {"port": "80"}})


SQUEEZERS: list[Any] = []


@leak(lambda: len(SQUEEZERS), calls=300)
def decompressors_kept() -> None:
    """Keep a started decompressor a call."""
    squeezer = zlib.decompressobj()
    squeezer.decompress(zlib.compress(b"x" * 100)[:8])
    SQUEEZERS.append(squeezer)


PARSER = argparse.ArgumentParser()


@leak(lambda: len(PARSER._actions), calls=800)  # noqa: SLF001  (its own count)
def arguments_added() -> None:
    """Add one more flag to one parser."""
    PARSER.add_argument(f"--flag{next(CALLS)}")


MESSAGES: list[Any] = []


@leak(lambda: len(MESSAGES), calls=2000)
def messages_kept() -> None:
    """Keep every parsed message."""
    MESSAGES.append(email.message_from_string(f"Subject: {next(CALLS)}\n\nbody"))


UNPACKERS: dict[int, struct.Struct] = {}


@leak(lambda: len(UNPACKERS), each=0.5)
def formats_kept() -> None:
    """Keep a compiled format for every other call's length."""
    length = 1 + next(CALLS) // 2
    if length not in UNPACKERS:
        UNPACKERS[length] = struct.Struct(f"<{length}s")


DOUBLE = mock.Mock()


@harmless(lambda: len(DOUBLE.call_args_list), most=1, calls=2000)
def mock_forgets() -> None:
    """Call a mock object and reset it."""
    DOUBLE(next(CALLS))
    DOUBLE.reset_mock()


@harmless(calls=1500)
def json_both_ways() -> None:
    """Write and read JSON of a random size."""
    json.loads(json.dumps({str(n): [n, SIZE] for n in range(SOURCE.randrange(5, 60))}))


@harmless(calls=1500)
def deflated_both_ways() -> None:
    """Compress and decompress some kilobytes."""
    zlib.decompress(zlib.compress(bytes(SOURCE.randrange(1000, 40_000))))


@harmless(calls=2000)
def divided_exactly() -> None:
    """Divide in a context of its own."""
    with decimal.localcontext() as context:
        context.prec = SOURCE.randrange(10, 60)
        decimal.Decimal(next(CALLS) + 1) / 7


@harmless(calls=1500)
def table_read() -> None:
    """Read a table of comma-separated values."""
    list(csv.DictReader(io.StringIO("a,b\n" + "1,2\n" * 20)))


@harmless(calls=6000)
def arguments_parsed() -> None:
    """Make a parser of arguments, use it and drop it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int)
    parser.parse_args(["--size", "5"])


@harmless(calls=1500)
def texts_compared() -> None:
    """Compare two texts and wrap the difference."""
    lines = difflib.unified_diff(["a", "b", str(next(CALLS))], ["a", "c"])
    textwrap.fill(" ".join(lines), 20)


@harmless()
def templates_filled() -> str:
    """Fill a template and make an identifier."""
    return string.Template("$a and $b").substitute(a=next(CALLS), b=uuid.UUID(int=next(CALLS)))


@harmless(calls=6000)
def dates_read() -> None:
    """Read and write dates of many forms."""
    day = dt.datetime.fromisoformat("2024-02-03T04:05:06+00:00")
    day += dt.timedelta(days=SOURCE.randrange(1000))
    dt.datetime.strptime(day.strftime("%Y-%m-%d"), "%Y-%m-%d").astimezone()
