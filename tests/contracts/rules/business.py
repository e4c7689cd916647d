"""Rules about the business: who commits, what is frozen, what stays out of which room."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath

from tests.contracts.rules.source import Finding, Module, dotted

COMMITTERS = frozenset(
    {
        "shared/storage/unit_of_work.py",
        "desktop/database.py",
        "desktop/workbench.py",  # the replica is committed after the journal
        "shared/sync/rebase.py",  # releases the savepoint of commands run together
        "sync_server/database.py",
    }
)
CLOCKS = frozenset({"shared/kernel/clock.py", "shared/kernel/ids.py"})
UNSTEADY = frozenset(
    "date.today datetime.date.today datetime.datetime.now datetime.datetime.today "
    "datetime.datetime.utcnow datetime.now datetime.today datetime.utcnow "
    "time.sleep time.time time.time_ns".split()
)
FLOAT_PLACES = frozenset[str]()
SHELVES = frozenset(
    "__init__ commands editing errors events handlers importing layout model queries repository "
    "tables".split()
)
SHELF_FOLDERS = frozenset({"engine"})
WIDGET_ROOM = "desktop/ui/"
FROZEN_FILES = frozenset({"commands", "events", "rows"})
UNFROZEN_BASES = frozenset({"Enum", "Exception", "IntEnum", "NamedTuple", "Protocol", "StrEnum"})
LIBRARY_PLACES = {
    "sqlalchemy": (
        "shared/storage/*",
        "shared/runtime/*",
        "shared/sync/*",
        "shared/*/tables.py",
        "shared/*/repository.py",
        "shared/*/queries.py",
        "shared/*/editing.py",
        "shared/*/importing.py",
        "desktop/database.py",
        "desktop/files.py",
        "desktop/replica_schema.py",
        "desktop/copies.py",
        "desktop/journal.py",
        "desktop/shelves.py",
        "desktop/work.py",
        "desktop/workbench.py",
        "sync_server/command_log.py",
        "sync_server/database.py",
        "sync_server/feed.py",
        "sync_server/schema.py",
        "sync_server/tenancy.py",
        "sync_server/admin/*",
        "sync_server/auth/*",
        "sync_server/sync/*",
        "sync_server/jobs/*",
        "migrations/*",
    ),
    "PySide6.QtWidgets": (
        "desktop/ui/*",
        "desktop/__main__.py",
        "desktop/app.py",
        "desktop/workspaces/*/window.py",
        "*/view.py",
        "*/shell.py",
    ),
}
NO_QT_PLACES = ("desktop/hardware/*", "desktop/sync/engine.py", "desktop/work.py", "*/rows.py")


def commit_place(module: Module) -> Iterator[Finding]:
    """Only the unit of work and the two database modules end a transaction."""
    if not module.is_product or module.path in COMMITTERS:
        return
    for call in module.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit" and not call.args:
            yield module.find(call, "commit-place", "leave commits to the unit of work")


def frozen(module: Module) -> Iterator[Finding]:
    """Commands, events and rows never change once made."""
    if not module.is_product:
        return
    for each in module.classes():
        is_row = each.name.endswith("Row") and not module.path.startswith(WIDGET_ROOM)
        is_row = is_row and each.name != "Row" and not each.name.startswith("_")
        is_meant = module.name in FROZEN_FILES or is_row
        bases = {dotted(base).rpartition(".")[2] for base in each.bases}
        if is_meant and not bases & UNFROZEN_BASES and not _is_frozen(each):
            yield module.find(each, "frozen", f"make {each.name} a frozen dataclass")


def no_float(module: Module) -> Iterator[Finding]:
    """The business knows no float: integers for money and amounts, Decimal for rates."""
    if not module.path.startswith("shared/") or module.path in FLOAT_PLACES:
        return
    for node in module.nodes:
        is_name = isinstance(node, ast.Name) and node.id == "float"
        is_literal = isinstance(node, ast.Constant) and type(node.value) is float
        if (is_name or is_literal) and not _is_type_test(module, node):
            yield module.find(node, "no-float", "use int minor units, or Decimal for a rate")


def steady(module: Module) -> Iterator[Finding]:
    """Product code neither sleeps nor reads the clock nor throws dice; all of it is handed in."""
    if not module.is_product or module.path in CLOCKS:
        return
    for line, name in module.imports():
        if name == "random":
            yield module.find(line, "steady", "randomness makes a second run differ")
    for call in module.calls():
        if dotted(call.func) in UNSTEADY:
            yield module.find(call, "steady", f"{dotted(call.func)}: take a Clock, await an event")


def library_place(module: Module) -> Iterator[Finding]:
    """Big libraries stay in their rooms."""
    if not module.is_product:
        return
    for line, name in module.imports():
        for library, places in LIBRARY_PLACES.items():
            if _is_in(name, library) and not _matches(module.path, places):
                yield module.find(line, "library-place", f"{library} has its own rooms")
        if _is_in(name, "PySide6") and _matches(module.path, NO_QT_PLACES):
            yield module.find(line, "library-place", "this room works without Qt")


def shelf(module: Module) -> Iterator[Finding]:
    """Every slice has the same shelves; a new one needs a decision in docs/decisions."""
    parts = PurePosixPath(module.path).parts
    if module.slice is None:
        return
    known = (
        module.name in SHELVES
        if len(parts) == len(("room", "slice", "shelf.py"))
        else (parts[2] in SHELF_FOLDERS)
    )
    if not known:
        yield module.find(1, "shelf", f"slices have no shelf {'/'.join(parts[2:])}")


def _is_frozen(each: ast.ClassDef) -> bool:
    calls = [node for node in each.decorator_list if isinstance(node, ast.Call)]
    keywords = [keyword for call in calls for keyword in call.keywords] + each.keywords
    return any(
        k.arg == "frozen" and isinstance(k.value, ast.Constant) and k.value.value is True
        for k in keywords
    )


def _is_type_test(module: Module, node: ast.AST) -> bool:
    """Whether a float is only named to be turned away: `isinstance(value, float)`."""
    tests = [call for call in module.calls() if dotted(call.func) in {"isinstance", "issubclass"}]
    return any(node in ast.walk(argument) for call in tests for argument in call.args[1:])


def _is_in(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


RULES = (commit_place, frozen, no_float, steady, library_place, shelf)
