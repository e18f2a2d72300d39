"""Keep a measurement's raw values, bit for bit, in one compressed blob.

History of the format (the first byte):
    1  float64, little-endian, byte-shuffled (all first bytes, then all second bytes …), zlib
"""

from __future__ import annotations

import sys
import zlib
from array import array

__all__ = ["decode_values", "encode_values"]

_FORMAT = 1
_LEVEL = 1  # on timings level 6 takes four times as long and saves one percent
_WIDTH = 8


def encode_values(values: tuple[float, ...]) -> bytes:
    """Pack values without loss; neighbouring figures share their high bytes, so shuffling pays."""
    raw = _little(array("d", values)).tobytes()
    shuffled = b"".join(raw[place::_WIDTH] for place in range(_WIDTH))
    return bytes((_FORMAT,)) + zlib.compress(shuffled, _LEVEL)


def decode_values(blob: bytes) -> tuple[float, ...]:
    """Unpack values.

    Raises:
        ValueError: the blob is damaged (zlib's checksum says so) or of an unknown format.
    """
    if blob[:1] != bytes((_FORMAT,)):
        raise ValueError(f"values of the unknown format {blob[:1].hex() or 'none'}")
    try:
        shuffled = zlib.decompress(blob[1:])
    except zlib.error as error:
        raise ValueError(f"damaged values: {error}") from error
    count, rest = divmod(len(shuffled), _WIDTH)
    if rest:
        raise ValueError(f"damaged values: {len(shuffled)} bytes are no whole number of values")
    raw = bytearray(len(shuffled))
    for place in range(_WIDTH):
        raw[place::_WIDTH] = shuffled[place * count : (place + 1) * count]
    values = array("d")
    values.frombytes(raw)
    return tuple(_little(values))


def _little(values: array[float]) -> array[float]:
    """Swap bytes on a big-endian machine: the stored order is little-endian everywhere."""
    if sys.byteorder == "big":
        values.byteswap()
    return values
