"""The shop's commands.

python -m shop import DATABASE products.csv
python -m shop report DATABASE
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from shop.importing import UnreadableError, read_csv
from shop.orders import Orders, create
from shop.rendering import as_text


def main(arguments: list[str]) -> int:
    """Run one command and give the exit status."""
    match arguments:
        case ["import", database, file]:
            try:
                products = read_csv(Path(file).read_text(encoding="utf-8"))
            except UnreadableError as error:
                sys.stderr.write(f"{file}: {error}\n")
                return 1
            create(Path(database), products)
            sys.stdout.write(f"{len(products)} products\n")
        case ["report", database]:
            with closing(Orders(Path(database))) as orders:
                sys.stdout.write(f"{as_text(orders.sales())}\n")
        case _:
            sys.stderr.write(__doc__ or "")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
