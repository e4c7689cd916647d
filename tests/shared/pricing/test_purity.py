"""Pricing is the same everywhere: P9, P13 and P14, over carts, processes and the source itself."""

import ast
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

import shared.kernel.money
import shared.kernel.quantity
import shared.pricing.engine
from shared.pricing.engine import CartInput, explain, price_cart
from tests.pricing_cases.loading import golden_carts
from tests.shared.pricing.carts import carts

steady = settings(deadline=None, max_examples=200)


def canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


@steady
@given(carts())
def test_p9_a_cart_that_travelled_costs_the_same_to_the_byte(cart: CartInput) -> None:
    arrived = msgspec.json.decode(canonical(cart), type=CartInput)

    assert arrived == cart
    assert canonical(price_cart(arrived)) == canonical(price_cart(cart))
    assert canonical(explain(arrived)) == canonical(explain(cart))


PRICE_ALL = """
import hashlib, msgspec
from shared.pricing.engine import explain, price_cart
from tests.pricing_cases.loading import golden_carts
digest = hashlib.sha256()
for case in golden_carts():
    digest.update(msgspec.json.encode(price_cart(case.cart), order="sorted"))
    digest.update(msgspec.json.encode(explain(case.cart), order="sorted"))
print(digest.hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_p9_another_process_prices_the_golden_carts_alike_to_the_byte(hash_seed: str) -> None:
    digest = hashlib.sha256()
    for case in golden_carts():
        digest.update(canonical(price_cart(case.cart)))
        digest.update(canonical(explain(case.cart)))

    answer = subprocess.run(
        [sys.executable, "-c", PRICE_ALL],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )

    assert answer.stdout.strip() == digest.hexdigest()


SOURCES = [
    Path(shared.kernel.money.__file__),
    Path(shared.kernel.quantity.__file__),
    *sorted(Path(shared.pricing.engine.__file__).parent.glob("*.py")),
]
PURE_IMPORTS = {"collections.abc", "dataclasses", "enum", "fractions", "itertools", "re", "typing"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_p13_pricing_reaches_for_no_clock_chance_file_or_setting(source: Path) -> None:
    imported = {
        node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    foreign = {name for name in imported - PURE_IMPORTS if not name.startswith("shared.")}
    assert foreign == set()


@steady
@given(carts())
def test_p13_pricing_again_changes_nothing(cart: CartInput) -> None:
    before = canonical(cart)
    first = price_cart(cart)

    assert price_cart(cart) == first
    assert canonical(cart) == before


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_p14_no_float_enters_the_module(source: Path) -> None:
    found = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Name) and node.id in {"float", "complex", "round", "Decimal"})
    ]

    assert found == []


@steady
@given(carts())
def test_p14_every_figure_is_a_whole_number(cart: CartInput) -> None:
    def kinds(value: object) -> set[type]:
        if isinstance(value, dict):
            return set().union(*(kinds(one) for one in value.values()))
        if isinstance(value, list | tuple):
            return set().union(*(kinds(one) for one in value))
        return {type(value)}

    assert kinds(msgspec.to_builtins(price_cart(cart))) <= {int, str, bool, type(None)}
