"""Every known hazard of synchronisation has tests that would notice it, and they are there."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults.hazards import HAZARDS, Hazard

TESTS = Path(__file__).resolve().parents[1]


@cache
def _names_in(path: str) -> frozenset[str]:
    """The tests of a file."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_all_forty_five_are_listed() -> None:
    assert [hazard.number for hazard in HAZARDS] == list(range(1, 46))


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: f"{hazard.number:02}")
def test_the_tests_of_a_hazard_are_there(hazard: Hazard) -> None:
    missing = [test for test in hazard.tests if test[1] not in _names_in(test[0])]

    assert hazard.tests
    assert missing == [], hazard.what
