"""Rules about the shape of any module: its first line, sizes, names, imports, escapes."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.contracts.rules.source import FIRST_PARTY, Finding, FunctionNode, Module

FUNCTION_LINES, LONG_FUNCTION_LINES = 40, 60
FILE_LINES, LONG_FILE_LINES = 400, 600
VIEW_CONSTRUCTOR_LINES = 30
PUBLIC_METHODS = 20
FIRST_PARTY_IMPORTS = 20
REASON = re.compile(r"#\s*long:\s*\S")
ESCAPE = re.compile(r"#\s*(?:noqa|type:\s*ignore)")
EXPLAINED_ESCAPE = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+\d++(?:,\s*[A-Z]+\d++)*+|type:\s*ignore\[[\w, -]+\])\W.*\w{2,}"
)
BANNED_MODULES = re.compile(
    r"(?:^|_)(?:utils?|helpers?|managers?|misc|common|legacy|processors?)(?:_|$)|^\w*[a-z]2$"
)
BANNED_CLASS_WORDS = frozenset(
    "Data Helper Helpers Info Item Manager Processor Transaction Util Utils Warehouse".split()
)
WIRING = frozenset({"app", "registry", "metadata", "house_rules", "conftest"})
EVERYWHERE = ("shared.kernel.", "desktop.ui.")
WIRING_ROOM = "tests/support/"


def module_docstring(module: Module) -> Iterator[Finding]:
    """Each module opens with one line that says what lives there."""
    if not (ast.get_docstring(module.tree) or "").strip():
        yield module.find(1, "module-docstring", "open with one line that says what lives here")


def function_size(module: Module) -> Iterator[Finding]:
    """A function fits a screen; up to 60 lines with the reason in a `# long:` comment."""
    for function in module.functions():
        lines = _length(function)
        has_reason = _has_reason(module, range(function.lineno, function.body[0].lineno + 1))
        allowed = LONG_FUNCTION_LINES if has_reason else FUNCTION_LINES
        if PurePosixPath(module.path).name == "view.py" and function.name == "__init__":
            allowed = VIEW_CONSTRUCTOR_LINES
        if lines > allowed:
            cure = f"{function.name} has {lines} lines, {allowed} are allowed: split it"
            yield module.find(function, "function-size", cure)


def file_size(module: Module) -> Iterator[Finding]:
    """A file is read in one sitting; up to 600 lines with a `# long:` comment in its head."""
    lines = module.source.count("\n")
    allowed = LONG_FILE_LINES if _has_reason(module, range(1, 10)) else FILE_LINES
    if lines > allowed:
        yield module.find(1, "file-size", f"{lines} lines, {allowed} are allowed: split it")


def class_size(module: Module) -> Iterator[Finding]:
    """A class has at most 20 public methods."""
    for each in module.classes():
        methods = [node for node in each.body if isinstance(node, FunctionNode)]
        public = sum(not method.name.startswith("_") for method in methods)
        if public > PUBLIC_METHODS and not module.path.startswith("tests/"):
            cure = f"{each.name} has {public} public methods, {PUBLIC_METHODS} are allowed"
            yield module.find(each, "class-size", cure)


def import_count(module: Module) -> Iterator[Finding]:
    """A module leans on at most 20 of ours, besides the kernel's words and the kit of parts.

    Composition roots are exempt.
    """
    used = {
        name
        for node in module.nodes
        if isinstance(node, ast.ImportFrom) and (name := node.module or "")
        if name.partition(".")[0] in FIRST_PARTY and not name.startswith(EVERYWHERE)
    }
    is_wiring = module.name in WIRING or module.path.startswith(WIRING_ROOM)
    if len(used) > FIRST_PARTY_IMPORTS and not is_wiring:
        cure = f"imports {len(used)} of our modules, {FIRST_PARTY_IMPORTS} are allowed"
        yield module.find(1, "import-count", cure)


def names(module: Module) -> Iterator[Finding]:
    """Files and classes are named for what they hold, in the words of the glossary."""
    if BANNED_MODULES.search(module.name):
        yield module.find(1, "banned-name", f"name {module.name}.py for what it holds")
    for each in module.classes():
        words = set(re.findall(r"[A-Z][a-z]+", each.name)) & BANNED_CLASS_WORDS
        if words:
            cure = f"{each.name}: {', '.join(sorted(words))} says nothing; see docs/glossary.md"
            yield module.find(each, "banned-name", cure)


def relative_import(module: Module) -> Iterator[Finding]:
    """Imports are absolute, so that a search finds every user."""
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.level:
            yield module.find(node, "relative-import", "import by the full name")


def unexplained_escape(module: Module) -> Iterator[Finding]:
    """An escape from a tool names the rule and says why, in its line."""
    for line, comment in module.comments.items():
        if ESCAPE.search(comment) and not EXPLAINED_ESCAPE.search(comment):
            yield module.find(line, "unexplained-escape", "name the rule and say why in the line")


def unfinished(module: Module) -> Iterator[Finding]:
    """Nothing is left for later: no NotImplementedError."""
    for node in module.nodes:
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id == "NotImplementedError":
                yield module.find(node, "unfinished", "build it, or use a Protocol or abc")


def _length(function: FunctionNode) -> int:
    """Lines from `def` to the end, without the docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _has_reason(module: Module, lines: range) -> bool:
    return any(REASON.search(module.comments.get(line, "")) for line in lines)


RULES = (
    module_docstring,
    function_size,
    file_size,
    class_size,
    import_count,
    names,
    relative_import,
    unexplained_escape,
    unfinished,
)
