"""Rules about tests: each one asserts, and none waits for time to pass."""

import ast
from collections.abc import Iterator

from tests.contracts.rules.source import Finding, FunctionNode, Module, called_name, dotted

ASSERTING_CALLS = frozenset(
    {"check", "fail", "raises", "warns", "waitSignal", "waitSignals", "waitUntil"}
)
SLEEPS = frozenset({"QTest.qWait", "asyncio.sleep", "qtbot.wait", "time.sleep"})


def asserts(module: Module) -> Iterator[Finding]:
    """A test that cannot fail is no test."""
    if not module.path.startswith("tests/") or not module.name.startswith("test_"):
        return
    functions = list(module.functions())
    asserting = {function.name for function in functions if _asserts(function, frozenset())}
    while grown := {
        function.name
        for function in functions
        if function.name not in asserting and _asserts(function, frozenset(asserting))
    }:
        asserting |= grown
    for function in functions:
        if function.name.startswith("test_") and function.name not in asserting:
            yield module.find(function, "asserts", f"{function.name} asserts nothing")


def no_waiting(module: Module) -> Iterator[Finding]:
    """Tests wait for what happens, never for time."""
    if not module.path.startswith("tests/"):
        return
    for call in module.calls():
        if dotted(call.func) in SLEEPS and not _only_yields(call):
            yield module.find(call, "no-waiting", "wait for a signal or a condition")


def _only_yields(call: ast.Call) -> bool:
    """Whether it lets others run without waiting for time: `sleep(0)`."""
    return [ast.unparse(argument) for argument in call.args] == ["0"]


def _asserts(function: FunctionNode, asserting: frozenset[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = called_name(node)
            if name in ASSERTING_CALLS | asserting or name.startswith("assert"):
                return True
    return False


RULES = (asserts, no_waiting)
