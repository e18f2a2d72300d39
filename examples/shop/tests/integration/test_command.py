"""The commands as users run them: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shop.importing import write_csv
from shop.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from shop.catalogue import Product
    from shop.pricing import Basket

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


def shop(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shop", *map(str, arguments)]
    return subprocess.run(  # noqa: S603  (our own command)
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


def test_products_are_imported(tmp_path: Path, catalogue: dict[str, Product]) -> None:
    file, database = tmp_path / "products.csv", tmp_path / "shop.sqlite"
    file.write_text(write_csv(catalogue.values()), encoding="utf-8")
    done = shop("import", database, file)
    assert (done.returncode, done.stdout) == (0, "2000 products\n")
    assert shop("report", database).stdout.count("\n") == 1


def test_a_wrong_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("sku,name,category,cents,grams\nA1,bowl,food,cheap,1\n", encoding="utf-8")
    done = shop("import", tmp_path / "shop.sqlite", file)
    assert done.returncode == 1
    assert "products.csv: line 2:" in done.stderr


def test_sales_are_reported(database: Path, basket: Callable[..., Basket]) -> None:
    with closing(Orders(database)) as orders:
        orders.place("ada", basket(1), 100)
    assert shop("report", database).stdout.count("\n") == 1 + len(basket(1).lines)


def test_an_unknown_command_says_what_there_is() -> None:
    done = shop("sell")
    assert done.returncode == 2
    assert "python -m shop report" in done.stderr
