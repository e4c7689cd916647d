"""The seed's files, reckoned without the importer."""

import csv
from decimal import Decimal
from pathlib import Path

from tests.scenarios.stage import ROOT

SEED = ROOT / "resources" / "seed"


def broken_list(path: Path) -> list[int]:
    """Write the seed's products with two prices that are none; the rows that must be refused."""
    with (SEED / "products.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    price = head.index("Price")
    rows[2][price], rows[20][price] = "=1+1", "ask"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    # As a spreadsheet counts; the second is a product's first row, so its other variant goes too.
    return [4, 22, 23]


def rows_of(path: Path) -> int:
    """How many rows a file has below its head, counted without the importer."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def money_of(path: Path, price: str, quantity: str | None = None) -> Decimal:
    """The exact sum of a file's own money, reckoned without the importer."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    total = sum(
        Decimal(row[price]) * (Decimal(row[quantity]) if quantity else 1)
        for row in rows
        if row[price]
    )
    return Decimal(total)
