from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.probes.connection import has_way_out

if TYPE_CHECKING:
    from pathlib import Path

TITLES = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
ZEROS = "0" * 32


def v4(device: str, destination: str, flags: str, mask: str) -> str:
    return f"{device}\t{destination}\t010200C0\t{flags}\t0\t0\t0\t{mask}\t0\t0\t0\n"


def v6(destination: str, length: str, flags: str, device: str) -> str:
    return f"{destination} {length} {ZEROS} 00 {ZEROS} 0400 03 00 {flags} {device}\n"


@pytest.mark.parametrize(
    ("route", "ipv6", "answer"),
    [
        (v4("eth0", "00000000", "0003", "00000000"), "", True),
        (v4("eth0", "00000000", "0002", "00000000"), "", False),
        (v4("eth0", "000200C0", "0001", "00FFFFFF"), "", False),
        (v4("lo", "00000000", "0003", "00000000"), "", False),
        ("", v6(ZEROS, "00", "00000003", "eth0"), True),
        ("", v6(ZEROS, "00", "00000201", "eth0"), False),
        ("", v6(ZEROS, "00", "80200001", "lo"), False),
        ("cut off\n", "", False),
    ],
)
def test_only_a_default_route_leads_out(
    tmp_path: Path, route: str, ipv6: str, answer: object
) -> None:
    (tmp_path / "route").write_text(TITLES + route, encoding="ascii")
    (tmp_path / "ipv6_route").write_text(ipv6, encoding="ascii")
    assert has_way_out(tmp_path) is answer


def test_a_machine_without_the_newer_protocol_can_be_offline(tmp_path: Path) -> None:
    (tmp_path / "route").write_text(TITLES, encoding="ascii")
    assert has_way_out(tmp_path) is False


def test_where_no_table_can_be_read_nothing_is_known(tmp_path: Path) -> None:
    assert has_way_out(tmp_path) is None
    (tmp_path / "route").write_bytes(b"\xff")
    assert has_way_out(tmp_path) is None
