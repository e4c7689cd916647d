"""The release after this one: today's source with a few additions, as the rules allow them."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import msgspec

from shared.sync.cursor import Cursor
from shared.sync.protocol.pull import DEFAULT_LIMIT, PullPage
from shared.sync.protocol.push import PushReply, PushRequest
from tests.contracts.later_release import Ask
from tests.support.reference_server import ReferenceServer

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
_ROOMS = ("shared", "migrations", "desktop", "tests")
_COLUMNS = (
    ("shared/catalog/tables.py", "VariantRow", 'shelf: str = ""'),
    ("shared/customers/tables.py", "CustomerRow", "marks: tuple[str, ...] = ()"),
    ("shared/orders/tables.py", "OrderRow", "gift_note: str | None = None"),
)
_TABLE = '''

@dataclass(frozen=True, slots=True)
class GiftCardRow(Row):
    """Money on a card."""

    card_id: CustomerId
    balance_amount: int


GIFT_CARD = define(
    GiftCardRow, "gift_card", key=("card_id",), scope=lambda _row: "tenant"
)
'''
_REVISION = '''"""Shelves, marks, notes for gifts, and gift cards."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in (
        "ALTER TABLE variant ADD COLUMN shelf TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE customer ADD COLUMN marks TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE sales_order ADD COLUMN gift_note TEXT",
        "CREATE TABLE gift_card (card_id TEXT NOT NULL, balance_amount INTEGER NOT NULL,"
        " PRIMARY KEY (card_id)) STRICT",
    ):
        op.execute(statement)
'''


def make_tree(target: Path) -> None:
    """Write the later release's source into a folder."""
    for room in _ROOMS:
        shutil.copytree(ROOT / room, target / room, ignore=shutil.ignore_patterns("__pycache__"))
    for path, row, column in _COLUMNS:
        file = target / path
        file.write_text(_with_column(file.read_text("utf-8"), row, column), "utf-8")
    customers = target / "shared/customers/tables.py"
    customers.write_text(customers.read_text("utf-8") + _TABLE, "utf-8")
    revision = target / "migrations/desktop/versions/0002_next.py"
    revision.write_text(_REVISION, "utf-8")


def _with_column(source: str, row: str, column: str) -> str:
    """A module in which a row type has one more column, and its table says that it came later."""
    lines, tree = source.splitlines(), ast.parse(source)
    name = column.partition(":")[0]
    added: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == row:
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            added[fields[-1].end_lineno or 0] = f"    {column}"
        if isinstance(node, ast.Call) and ast.unparse(node).startswith(f"define({row},"):
            added[(node.end_lineno or 0) - 1] = f'    later=frozenset({{"{name}"}}),'
    for number in sorted(added, reverse=True):
        lines.insert(number, added[number])
    return "\n".join(lines) + "\n"


class LaterServer:
    """The calls that a device of this release makes of a server of the later one."""

    def __init__(self, tree: Path, folder: Path) -> None:
        make_tree(tree)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contracts.later_release", str(folder)],
            cwd=tree,
            env=os.environ | {"PYTHONPATH": str(tree)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def ask(self, what: str, kind: type[T], **given: object) -> T:
        """Have something done there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = msgspec.json.encode(Ask(what, cast("dict[str, Any]", given)))
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=kind)

    def as_server(self) -> ReferenceServer:
        """For a device, which only pushes, pulls and asks for the head."""
        return cast("ReferenceServer", self)

    @property
    def head(self) -> Cursor:
        """The last commit."""
        return Cursor.parse(self.ask("head", str))

    def pull(self, device_id: str, cursor: Cursor, *, limit: int = DEFAULT_LIMIT) -> PullPage:
        """A page."""
        return self.ask("pull", PullPage, device_id=device_id, cursor=str(cursor), limit=limit)

    def push(self, device_id: str, request: PushRequest) -> PushReply:
        """A push."""
        body = msgspec.json.encode(request).decode()
        return self.ask("push", PushReply, device_id=device_id, request=body)
