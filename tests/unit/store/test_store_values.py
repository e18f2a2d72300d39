from __future__ import annotations

import math
import random
import struct
import sys
import zlib

import pytest

from paceline.store.values import decode_values, encode_values


@pytest.mark.parametrize(
    "values",
    [
        (),
        (0.1,),
        (-0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan),
        tuple(float(number) for number in range(1000)),
    ],
)
def test_values_come_back_bit_for_bit(values: tuple[float, ...]) -> None:
    back = decode_values(encode_values(values))
    assert struct.pack(f"{len(back)}d", *back) == struct.pack(f"{len(values)}d", *values)


def test_the_format_is_its_byte_then_shuffled_little_endian_bytes() -> None:
    blob = encode_values((1.0, 2.0))
    assert blob[0] == 1
    assert zlib.decompress(blob[1:]) == bytes(12) + bytes((0xF0, 0x00, 0x3F, 0x40))


def test_timings_take_less_room_than_their_floats() -> None:
    source = random.Random(1)  # noqa: S311  (a sample, not a secret)
    values = tuple(1e-3 * (1 + 0.01 * source.random()) for _ in range(5000))
    assert len(encode_values(values)) < 0.9 * 8 * len(values)


@pytest.mark.parametrize(
    ("blob", "problem"),
    [
        (b"", "unknown format none"),
        (b"\x07rest", "unknown format 07"),
        (b"\x01rest", "damaged values"),
        (encode_values((1.0, 2.0))[:-1], "damaged values"),
        (b"\x01" + zlib.compress(b"123"), "3 bytes are no whole number of values"),
    ],
)
def test_a_damaged_blob_is_told_apart(blob: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        decode_values(blob)


def test_a_big_endian_machine_writes_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    swapped = struct.unpack(">d", struct.pack("<d", 1.5))
    expected = encode_values((1.5,))
    monkeypatch.setattr(sys, "byteorder", "big")
    assert encode_values(swapped) == expected
    assert decode_values(expected) == swapped
