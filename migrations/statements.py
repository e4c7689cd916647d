"""Frozen SQL files: how they are written, and how a migration runs one."""

from collections.abc import Iterable
from pathlib import Path

from alembic import op

_END = ";\n\n"
"""Ends every statement: a semicolon and an empty line, which no statement has inside."""


def to_text(title: str, statements: Iterable[str]) -> str:
    """The text of a SQL file that `run_file` understands."""
    return f"-- {title}\n\n" + "".join(f"{statement}{_END}" for statement in statements)


def from_text(text: str) -> list[str]:
    """The single statements of a SQL file, without comment lines."""
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    parts = ("\n".join(lines) + "\n\n").split(_END)
    return [part.strip() for part in parts if part.strip()]


def run_file(path: Path) -> None:
    """Run a SQL file in the migration that is under way; one round trip where that is possible."""
    statements = from_text(path.read_text(encoding="utf-8"))
    connection = op.get_bind()
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            cursor.execute(";\n".join(statements))
        else:
            for statement in statements:
                cursor.execute(statement)
    finally:
        cursor.close()
