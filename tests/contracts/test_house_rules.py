"""The house rules hold everywhere, and each catches what it is for."""

import pytest

from tests.contracts import house_rules
from tests.contracts.house_rules import RULES, broken, findings, modules
from tests.contracts.rules.source import Finding, Module

HEAD = '"""A module."""\n'
LONG = "    x = 1\n"
FROZEN = "from dataclasses import dataclass\n\n@dataclass(frozen=True, slots=True)\n"

# rule: (path, planted sins, clean twin). Every planted line is found, the twin is silent.
CASES: dict[str, tuple[str, list[str], str]] = {
    "module-docstring": ("shared/orders/queries.py", ["x = 1\n"], HEAD),
    "function-size": (
        "shared/orders/model.py",
        [
            HEAD + "def f():\n" + LONG * 41,
            HEAD + "def f():  # long: one table of cases\n" + LONG * 61,
        ],
        HEAD
        + "def f():\n"
        + '    """Says\n\n    much.\n    """\n'
        + LONG * 39
        + "def g():  # long: one table of cases\n"
        + LONG * 58,
    ),
    "file-size": (
        "shared/orders/model.py",
        [HEAD + "x = 1\n" * 401, HEAD + "# long: generated table\n" + "x = 1\n" * 601],
        HEAD + "# long: a table of currencies\n" + "x = 1\n" * 590,
    ),
    "class-size": (
        "desktop/work.py",
        [HEAD + "class A:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(21))],
        HEAD + "class A:\n" + "".join(f"    def _m{n}(self): ...\n" for n in range(30)),
    ),
    "import-count": (
        "shared/orders/handlers.py",
        [HEAD + "".join(f"from shared.m{n} import x\n" for n in range(21))],
        HEAD + "".join(f"from lib.m{n} import x\n" for n in range(30)),
    ),
    "banned-name": (
        "shared/orders/utils.py",
        [HEAD, HEAD + "class OrderItem: ...\n", HEAD + "class SyncManager: ...\n"],
        "",
    ),
    "relative-import": (
        "shared/orders/handlers.py",
        [HEAD + "from . import model\n", HEAD + "from .model import Order\n"],
        HEAD + "from shared.orders.model import Order\n",
    ),
    "unexplained-escape": (
        "shared/kernel/ids.py",
        [
            HEAD + "x = 1  # noqa\n",
            HEAD + "x = 1  # noqa: PLR2004\n",
            HEAD + "x = 1  # type: ignore\n",
            HEAD + "x = 1  # type: ignore[attr-defined]\n",
        ],
        HEAD
        + "x = 1  # noqa: PLR2004, S101 - the digit sum of a product\n"
        + "x = 1  # type: ignore[attr-defined]  # the stubs leave it out\n"
        + "x = 1  # noqa: FBT001 - a Qt slot\n"
        + 'x = "# noqa"\n',
    ),
    "unfinished": (
        "shared/orders/handlers.py",
        [HEAD + "def f():\n    raise NotImplementedError\n"],
        HEAD + "def f():\n    raise Bug('no')\n",
    ),
    "commit-place": (
        "shared/orders/handlers.py",
        [HEAD + "def f(connection):\n    connection.commit()\n"],
        HEAD + "def f(work):\n    work.commit_later()\n",
    ),
    "frozen": (
        "shared/orders/commands.py",
        [
            HEAD + "class PlaceOrder(Command): ...\n",
            HEAD + "@dataclass\nclass PlaceOrder(Command): ...\n",
            HEAD + "@dataclass(frozen=False)\nclass OrderRow(Row): ...\n",
        ],
        HEAD
        + FROZEN
        + "class PlaceOrder(Command): ...\nclass OrderState(StrEnum): ...\n"
        + "class Hint(msgspec.Struct, frozen=True): ...\n",
    ),
    "no-float": (
        "shared/pricing/model.py",
        [
            HEAD + "rate: float\n",
            HEAD + "rate = float('0.19')\n",
            HEAD + "rate = 0.19\n",
        ],
        HEAD
        + "from decimal import Decimal\nrate = Decimal('0.19')\n"
        + "def f(x):\n    return isinstance(x, (int, float))\n",
    ),
    "steady": (
        "shared/orders/handlers.py",
        [
            HEAD + "import random\n",
            HEAD + "from random import choice\n",
            HEAD + "now = datetime.now(UTC)\n",
            HEAD + "day = date.today()\n",
            HEAD + "time.sleep(1)\n",
        ],
        HEAD + "def f(clock):\n    return clock.now()\n",
    ),
    "library-place": (
        "desktop/workspaces/kiosk/sale/view_model.py",
        [
            HEAD + "from PySide6.QtWidgets import QLabel\n",
            HEAD + "from PySide6 import QtWidgets\n",
            HEAD + "import sqlalchemy as sa\n",
            HEAD + "from sqlalchemy.engine import Connection\n",
        ],
        HEAD + "from PySide6.QtCore import QObject\n",
    ),
    "shelf": ("shared/orders/services.py", [HEAD], ""),
    "connect": (
        "desktop/workspaces/kiosk/sale/view.py",
        [
            HEAD + "connect(button.clicked, lambda: self.pay(1))\n",
            HEAD + "connect(button.clicked, partial(self.pay, 1))\n",
            HEAD + "connect(signal=button.clicked, method=functools.partial(self.pay, 1))\n",
            HEAD + "button.clicked.connect(self.pay)\n",
        ],
        HEAD
        + "import sqlcipher3.dbapi2 as sqlcipher\nfrom desktop.ui.binding import connect\n"
        + "connect(button.clicked, self.pay)\nsqlcipher.connect('x.db')\nengine.connect()\n",
    ),
    "nested-loop": (
        "desktop/workspaces/kiosk/sale/view.py",
        [
            HEAD + "dialog.exec()\n",
            HEAD + "QApplication.processEvents()\n",
            HEAD + "QtWidgets.QMessageBox.warning(self, title, text)\n",
            HEAD + "QFileDialog.getOpenFileName(self)\n",
        ],
        HEAD + "await dialogs.confirm(key)\nrow.execute()\nmatch.information()\n",
    ),
    "untranslated": (
        "desktop/workspaces/kiosk/sale/view.py",
        [
            HEAD + "label.setText('Total')\n",
            HEAD + "label.setText(f'{count} lines')\n",
            HEAD + "label.setToolTip('On' if on else tr('off'))\n",
            HEAD + "label = QLabel('Total')\n",
            HEAD + "label = QPushButton(parent, text='Pay')\n",
        ],
        HEAD
        + "label.setText(tr('kiosk.total'))\nlabel.setText('')\nlabel.setText(title)\n"
        + "label = QLabel('–')\nlabel.setText(f'{left} / {right}')\nlabel.setObjectName('total')\n",
    ),
    "timer-place": (
        "desktop/workspaces/merchant/orders/view_model.py",
        [HEAD + "from PySide6.QtCore import QTimer\n"],
        HEAD + "from PySide6.QtCore import QObject\n",
    ),
    "asserts": (
        "tests/shared/orders/test_handlers.py",
        [
            HEAD + "def test_order():\n    place_order()\n",
            HEAD + "def look(): ...\ndef test_order():\n    look()\n",
        ],
        HEAD
        + "def test_a():\n    assert 1\n"
        + "def test_b():\n    with pytest.raises(Rejected):\n        f()\n"
        + "def deep(x):\n    assert x\ndef look(x):\n    deep(x)\ndef test_c():\n    look(1)\n",
    ),
    "no-waiting": (
        "tests/desktop/test_work.py",
        [HEAD + "time.sleep(1)\n", HEAD + "qtbot.wait(100)\n"],
        HEAD + "qtbot.waitUntil(lambda: done)\nawait asyncio.sleep(0)\n",
    ),
}


def found(path: str, source: str) -> set[str]:
    """The rules that a file breaks."""
    return {finding.rule for finding in findings([Module(path, source)])}


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        pytest.param(rule, path, sin, id=f"{rule}-{n}")
        for rule, (path, sins, _) in CASES.items()
        for n, sin in enumerate(sins)
    ],
)
def test_planted_sin_is_found(rule: str, path: str, source: str) -> None:
    assert rule in found(path, source)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [pytest.param(rule, path, twin, id=rule) for rule, (path, _, twin) in CASES.items() if twin],
)
def test_clean_twin_passes(rule: str, path: str, source: str) -> None:
    assert rule not in found(path, source)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("banned-name", "shared/orders/handlers.py"),
        ("shelf", "shared/orders/handlers.py"),
        ("shelf", "shared/pricing/engine/cart.py"),
        ("shelf", "shared/kernel/money.py"),
        ("commit-place", "shared/storage/unit_of_work.py"),
        ("steady", "shared/kernel/clock.py"),
        ("connect", "desktop/ui/binding.py"),
        ("library-place", "desktop/ui/forms.py"),
        ("timer-place", "desktop/ui/scanner.py"),
        ("frozen", "desktop/ui/forms.py"),
    ],
)
def test_rule_knows_its_own_room(rule: str, path: str) -> None:
    source = (
        f"{HEAD}from PySide6.QtCore import QTimer\nfrom PySide6.QtWidgets import QWidget\n"
        "signal.connect(method)\nconnection.commit()\nnow = datetime.now(UTC)\n"
        "class FieldRow(QWidget): ...\n"
    )

    assert rule not in found(path, source)


def test_every_rule_has_a_planted_sin() -> None:
    rules = {
        finding.rule
        for path, sins, _ in CASES.values()
        for sin in sins
        for finding in findings([Module(path, sin)])
    }

    assert set(CASES) <= rules
    assert len(CASES) == len(RULES)


def test_an_exception_that_is_no_longer_needed_must_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house_rules, "EXCEPTIONS", frozenset({("frozen", "shared/a.py")}))
    monkeypatch.setattr(house_rules, "MOST_EXCEPTIONS", 1)

    assert broken([Finding("shared/a.py", 1, "frozen", "")]) == []
    assert broken([]) == ["shared/a.py: frozen: cured, strike it off"]


def test_the_list_of_exceptions_may_only_shrink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house_rules, "EXCEPTIONS", frozenset({("frozen", "shared/a.py")}))
    monkeypatch.setattr(house_rules, "MOST_EXCEPTIONS", 0)

    assert broken([Finding("shared/a.py", 1, "frozen", "")]) == [
        "house_rules.py: the list of exceptions may only shrink"
    ]


def test_our_code_keeps_the_house_rules() -> None:
    assert broken(findings(modules())) == []
