"""Rules about the client: how signals are joined, no nested loops, no text outside translations."""

import ast
import re
from collections.abc import Iterator

from tests.contracts.rules.source import Finding, Module, called_name, dotted

BINDING = "desktop/ui/binding.py"
TIMER_PLACES = ("desktop/ui/",)
NESTED_LOOPS = frozenset({"exec", "exec_", "processEvents"})
MODAL_CLASSES = frozenset(
    {"QColorDialog", "QFileDialog", "QFontDialog", "QInputDialog", "QMessageBox"}
)
MODAL_METHOD = re.compile(r"^(?:get[A-Z]\w*|about\w*|critical|information|question|warning)$")
TEXT_SETTERS = frozenset(
    "addTab insertTab setAccessibleDescription setAccessibleName setInformativeText "
    "setLabelText setPlaceholderText setPrefix setStatusTip setSubTitle setSuffix setTabText "
    "setText setTitle setToolTip setWhatsThis setWindowTitle showMessage".split()
)
TEXT_WIDGETS = frozenset(
    "QAction QCheckBox QCommandLinkButton QDockWidget QGroupBox QLabel QMenu QPushButton "
    "QRadioButton QToolButton".split()
)
CALLABLE_MAKERS = frozenset({"partial", "partialmethod", "methodcaller"})


def joined_signals(module: Module) -> Iterator[Finding]:
    """Signals are joined by desktop.ui.binding.connect, to bound methods only."""
    if not module.path.startswith("desktop/") or module.path == BINDING:
        return
    libraries = _imported_names(module)
    for call in module.calls():
        if called_name(call) != "connect":
            continue
        for argument in (*call.args, *(k.value for k in call.keywords)):
            made = isinstance(argument, ast.Call) and called_name(argument) in CALLABLE_MAKERS
            if made or isinstance(argument, ast.Lambda):
                yield module.find(call, "connect", "join a bound method, not a lambda or partial")
        is_direct = isinstance(call.func, ast.Attribute) and bool(call.args)
        if is_direct and dotted(call.func).rpartition(".")[0] not in libraries:
            yield module.find(call, "connect", "use desktop.ui.binding.connect")


def nested_loop(module: Module) -> Iterator[Finding]:
    """No loop runs inside the event loop: it loses whatever was being awaited."""
    if not module.path.startswith("desktop/"):
        return
    for call in module.calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        owner = dotted(call.func.value).rpartition(".")[2]
        is_modal = owner in MODAL_CLASSES and MODAL_METHOD.match(call.func.attr)
        if call.func.attr in NESTED_LOOPS or is_modal:
            yield module.find(call, "nested-loop", f"{call.func.attr}(): await a dialog instead")


def untranslated(module: Module) -> Iterator[Finding]:
    """What people read comes from resources/translations, by key."""
    if not module.path.startswith("desktop/"):
        return
    for call in module.calls():
        is_setter = isinstance(call.func, ast.Attribute) and call.func.attr in TEXT_SETTERS
        if is_setter or called_name(call) in TEXT_WIDGETS:
            for argument in (*call.args, *(k.value for k in call.keywords)):
                if _says_something(argument):
                    yield module.find(argument, "untranslated", "use tr() with a key")


def timer_place(module: Module) -> Iterator[Finding]:
    """Screens react to changes; only the kit of parts may keep a timer, for looks."""
    if not module.path.startswith("desktop/") or module.path.startswith(TIMER_PLACES):
        return
    for line, name in module.imports():
        if name.endswith((".QTimer", ".QBasicTimer")):
            yield module.find(line, "timer-place", "listen to ChangeHub instead of polling")


def _imported_names(module: Module) -> set[str]:
    """The names of libraries in this module: sqlcipher3.connect() joins no signal."""
    return {
        alias.asname or alias.name
        for node in module.nodes
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def _says_something(node: ast.AST) -> bool:
    """Whether an expression itself holds letters for people; calls answer for themselves."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and any(c.isalpha() for c in node.value)
    if isinstance(node, ast.JoinedStr):
        return any(_says_something(part) for part in node.values)
    if isinstance(node, ast.IfExp):
        return _says_something(node.body) or _says_something(node.orelse)
    if isinstance(node, ast.BoolOp):
        return any(_says_something(value) for value in node.values)
    if isinstance(node, ast.BinOp):
        return _says_something(node.left) or _says_something(node.right)
    return False


RULES = (joined_signals, nested_loop, untranslated, timer_place)
