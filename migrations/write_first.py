"""Writes the first revision of both lineages from the declared tables; only before a release.

Run as `python -m migrations.write_first`. Once a release is out these files are frozen and
every further change is a revision written by hand.
"""

from migrations.apply import Lineage, versions_folder
from migrations.roles import APP_ROLE
from migrations.statements import to_text
from shared.runtime.metadata import TABLE_MODULES
from shared.storage.dialects import postgres_ddl
from shared.sync.replica import replica_ddl

NAME = "0001_first_tables.sql"


def texts() -> dict[Lineage, str]:
    """What the first SQL file of each lineage says for the tables declared now."""
    title = f"The tables of {len(TABLE_MODULES)} slices, written by migrations.write_first."
    return {
        Lineage.SERVER: to_text(title, postgres_ddl(APP_ROLE)),
        Lineage.DESKTOP: to_text(title, replica_ddl()),
    }


def write() -> None:
    """Write both files."""
    for lineage, text in texts().items():
        (versions_folder(lineage) / NAME).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
