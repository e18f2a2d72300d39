"""Containers of every kind: what only grows, and what looks so and ends."""

from __future__ import annotations

import bisect
import heapq
import sys
from collections import ChainMap, OrderedDict, UserList, defaultdict, deque
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import filling, harmless, leak, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((24, 40, 64))
CALLS = count()


TENTHS: list[bytes] = []


@leak(lambda: len(TENTHS), each=0.1)
def text_every_tenth_call() -> None:
    """Keep some 64 B in a list, one call in ten."""
    if next(CALLS) % 10 == 0:
        TENTHS.append(bytes(SIZE))


ORDERS: dict[int, str] = {}


@leak(lambda: len(ORDERS), each=3)
def three_orders_a_call() -> None:
    """Keep three new keys a call in a dictionary."""
    for _ in range(3):
        number = next(CALLS)
        ORDERS[number] = f"order {number}"


GROUPS: set[frozenset[int]] = set()


@leak(lambda: len(GROUPS), each=0.2)
def group_every_fifth_call() -> None:
    """Keep a frozen set of four, one call in five."""
    number = next(CALLS)
    if number % 5 == 0:
        GROUPS.add(frozenset(range(number, number + 4)))


ARRIVED: OrderedDict[int, bytes] = OrderedDict()


@leak(lambda: len(ARRIVED), each=0.5)
def arrival_every_other_call() -> None:
    """Put an entry into an ordered dictionary every other call, evict none."""
    number = next(CALLS)
    ARRIVED[number // 2] = bytes(SIZE)


BY_TENANT: defaultdict[str, list[int]] = defaultdict(list)


@leak(lambda: len(BY_TENANT["one"]))
def list_inside_mapping() -> None:
    """Grow the one list inside a mapping that keeps its own length."""
    BY_TENANT["one"].append(next(CALLS) + 100_000)


STATE: dict[str, ChainMap[str, int]] = {"scopes": ChainMap({})}


@leak(lambda: len(STATE["scopes"].maps))
def scope_pushed() -> None:
    """Open a child scope a call and never leave it."""
    scopes = STATE["scopes"]
    scopes.maps.insert(0, {"depth": len(scopes.maps)})


TRACE = bytearray()


@leak(lambda: len(TRACE), each=24)
def trace_bytes() -> None:
    """Extend one bytearray by 24 to 64 B a call."""
    TRACE.extend(b"\x01" * SIZE)


ENCODED = {"bytes": b""}


@leak(lambda: len(ENCODED["bytes"]), each=48)
def bytes_concatenated() -> None:
    """Make one bytes object longer by 48 B a call."""
    ENCODED["bytes"] += b"x" * 48


SORTED: list[float] = []


@leak(lambda: len(SORTED), each=0.1)
def sorted_insertions() -> None:
    """Insert a float in order, one call in ten."""
    if next(CALLS) % 10 == 3:
        bisect.insort(SORTED, SOURCE.random())


CUSTOM: UserList[list[int]] = UserList()


@leak(lambda: len(CUSTOM))
def empty_lists_kept() -> None:
    """Keep an empty list a call in a list of one's own class."""
    CUSTOM.append([])


RECENT: deque[int] = deque(maxlen=SOURCE.choice((300, 500, 900)))


@harmless(lambda: len(RECENT), most=900)
def recent_kept() -> None:
    """Keep the last few hundred numbers in a bounded deque."""
    RECENT.append(next(CALLS) + 5000)


BEST: list[float] = []


@harmless(lambda: len(BEST), most=64)
def best_of_all() -> None:
    """Keep the 64 largest of all floats in a heap."""
    value = SOURCE.random()
    if len(BEST) < 64:
        heapq.heappush(BEST, value)
    else:
        heapq.heappushpop(BEST, value)


COUPONS: dict[int, str] = {}


@harmless(lambda: len(COUPONS), most=240)
def coupons() -> None:
    """Fill a dictionary from 240 random keys: fast at first, then ever slower, then no more."""
    key = SOURCE.randrange(240)
    COUPONS[key] = f"coupon {key}"


PENDING: list[tuple[int, str]] = []


@harmless(lambda: len(PENDING), most=50)
def flushed_every_fiftieth() -> None:
    """Collect rows and drop them all every 50 calls."""
    PENDING.append((next(CALLS), "x" * SIZE))
    if len(PENDING) >= 50:
        PENDING.clear()


SAWTOOTH: dict[int, list[int]] = {}


@harmless(lambda: len(SAWTOOTH), most=700)
def flushed_every_seven_hundredth() -> None:
    """Collect 700 entries of a dictionary, then begin anew."""
    SAWTOOTH[next(CALLS)] = [1, 2, 3]
    if len(SAWTOOTH) >= 700:
        SAWTOOTH.clear()


WALK: list[int] = []


@harmless(lambda: len(WALK), most=150)
def random_walk() -> None:
    """Grow and shrink at random between nothing and 150 entries."""
    if WALK and (len(WALK) >= 150 or SOURCE.random() < 0.5):
        WALK.pop()
    else:
        WALK.append(next(CALLS) + 1000)


@harmless(calls=1500)
def big_result() -> dict[int, str]:
    """Give back a thousand entries that the caller drops."""
    return {number: str(number) for number in range(1000)}


TABLE: dict[int, int] = {}


@harmless(lambda: len(TABLE), most=64)
def keys_churned() -> None:
    """Put new keys in and take old ones out: the dictionary is resized again and again."""
    TABLE[SOURCE.getrandbits(40)] = 1
    while len(TABLE) > SOURCE.randrange(8, 64):
        TABLE.popitem()


WINDOW: deque[float] = deque()


@harmless(lambda: len(WINDOW), most=365)
def sliding_mean() -> float:
    """Give the mean of the last 365 values."""
    WINDOW.append(SOURCE.random())
    if len(WINDOW) > 365:
        WINDOW.popleft()
    return sum(WINDOW) / len(WINDOW)


BUCKETS: dict[str, Any] = {"table": {}, "calls": 0}


@harmless(lambda: len(BUCKETS["table"]), most=90)
def rehashed() -> None:
    """Copy a small table into a new one every 90 calls, half of it dropped."""
    BUCKETS["calls"] += 1
    BUCKETS["table"][next(CALLS)] = "entry"
    if len(BUCKETS["table"]) >= 90:
        BUCKETS["table"] = dict(list(BUCKETS["table"].items())[45:])


SPANS: deque[str] = deque(maxlen=30_000)


@filling(lambda: len(SPANS), most=30_000)
def spans() -> None:
    """Fill a deque that ends at 30 000 names."""
    SPANS.append(f"span {next(CALLS)}")
