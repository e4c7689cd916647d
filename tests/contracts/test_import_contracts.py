"""The import contracts of pyproject.toml hold, and each of them catches a planted import."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("desktop", "migrations", "shared", "sync_server")

RINGS = "No cycles between neighbours"  # its report names the neighbours, not each module

# contract: (file, import) pairs; each of them breaks it.
PLANTED = {
    "Desktop and server are strangers; both stand on migrations and shared": [
        ("desktop/settings.py", "import sync_server.settings"),
        ("sync_server/settings.py", "import desktop.settings"),
        ("shared/kernel/planted_up.py", "import migrations"),
    ],
    "Floors of shared": [
        ("shared/kernel/planted.py", "import shared.storage.base"),
        ("shared/catalog/planted.py", "import shared.orders.planted"),
        ("shared/orders/planted.py", "import shared.runtime.planted"),
        ("shared/rogue/__init__.py", ""),
    ],
    "Shelves of a slice": [
        ("shared/orders/commands.py", "import shared.orders.handlers"),
        ("shared/customers/queries.py", "import shared.customers.handlers"),
    ],
    "Floors of desktop": [
        ("desktop/ui/planted.py", "import desktop.workspaces.shell"),
        ("desktop/hardware/planted.py", "import desktop.ui.planted"),
    ],
    "Workspaces are strangers; the shell and the desk stand below them": [
        ("desktop/workspaces/kiosk/planted.py", "import desktop.workspaces.merchant.planted"),
    ],
    "Inside a screen: view, view model, rows": [
        ("desktop/workspaces/kiosk/planted_screen/rows.py", "from . import view_model"),
        ("desktop/workspaces/kiosk/planted_screen/view_model.py", "from . import view"),
    ],
    "Floors of sync_server": [
        ("sync_server/settings.py", "import sync_server.api"),
        ("sync_server/rogue.py", ""),
    ],
    "The business knows no screen and no network": [
        ("shared/kernel/planted_qt.py", "import PySide6.QtCore"),
        ("shared/kernel/planted_web.py", "from fastapi import FastAPI"),
    ],
    "The server knows no Qt": [("sync_server/planted_qt.py", "import PySide6.QtCore")],
    "The client knows no server library": [("desktop/ui/planted_web.py", "import fastapi")],
    RINGS: [
        ("shared/kernel/planted_ring_a.py", "import shared.kernel.planted_ring_b"),
        ("shared/kernel/planted_ring_b.py", "import shared.kernel.planted_ring_a"),
    ],
}

STAND_INS = (
    "desktop/ui/planted.py",
    "desktop/workspaces/merchant/planted.py",
    "desktop/workspaces/shell.py",
    "shared/orders/planted.py",
    "shared/runtime/planted.py",
)


def lint(folder: Path) -> str:
    """The report of lint-imports on the packages of a folder."""
    program = "from importlinter.cli import lint_imports_command as run; run()"
    environment = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-logo", "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages in a folder of their own, to plant imports in, with all that is imported."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path in STAND_INS:
        plant(tmp_path, path, "")
    return tmp_path


def plant(folder: Path, path: str, line: str) -> None:
    """Add an import to a file, which may be new, as may be its packages."""
    target = folder / path
    for package in (target.parent, *target.parent.parents):
        if package == folder:
            break
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
    with target.open("a") as handle:
        handle.write(f"\n{line}\n")


def verdicts(report: str) -> dict[str, str]:
    """KEPT or BROKEN by contract."""
    return dict(re.findall(r"^(.+) (KEPT|BROKEN)", report, re.MULTILINE))


def test_our_code_keeps_the_import_contracts() -> None:
    report = lint(ROOT)

    assert set(verdicts(report).values()) == {"KEPT"}, report


def test_every_contract_has_a_planted_import() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {each["name"] for each in settings["tool"]["importlinter"]["contracts"]}

    assert contracts == set(PLANTED)


def test_each_planted_import_breaks_its_contract(copy: Path) -> None:
    for pairs in PLANTED.values():
        for path, line in pairs:
            plant(copy, path, line)

    report = lint(copy)

    assert verdicts(report) == dict.fromkeys(PLANTED, "BROKEN")
    for contract, pairs in PLANTED.items():
        for path, line in [] if contract == RINGS else pairs:
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            assert module in report, f"{module}: {line} was not caught"
