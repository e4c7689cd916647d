"""The command line: tenants, pairing codes, digests, and plain words when something is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from migrations.roles import act_as_owner
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.organization.queries import active_users, registers, the_store
from shared.storage.reader import Reader
from sync_server import embedded
from sync_server.__main__ import main
from sync_server.schema import PAIRING_CODES, SCOPE_DIGEST, TENANTS
from sync_server.settings import Settings
from sync_server.tenancy import schema_of
from tests.support.databases import ServerDatabase
from tests.sync_server.processes import run

pytestmark = pytest.mark.storage


@pytest.fixture
def name(server_database: ServerDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A name for a tenant, which is removed at the end; the environment names the database."""
    monkeypatch.setenv("DATABASE_URL", server_database.url)
    monkeypatch.setenv("PYCOMMERCE_LOG_LEVEL", "WARNING")
    made = f"Corner Shop {new_id()}"
    yield made
    with server_database.owner.begin() as connection:
        act_as_owner(connection)
        is_ours = TENANTS.c.name == made
        found = connection.execute(sa.select(TENANTS).where(is_ours)).first()
        if found is not None:
            connection.exec_driver_sql(f"DROP SCHEMA {schema_of(found.tenant_id)} CASCADE")
            mine = PAIRING_CODES.c.tenant_id == found.tenant_id
            connection.execute(sa.delete(PAIRING_CODES).where(mine))
            connection.execute(sa.delete(TENANTS).where(is_ours))


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a good run printed."""
    code = main(argv)
    printed = capsys.readouterr()
    assert code == 0, printed.err
    return printed.out


def complaint(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a bad run said."""
    assert main(argv) == 1
    return capsys.readouterr().err.strip()


def test_new_tenant_has_a_shop_to_begin_with(
    server_database: ServerDatabase, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = json.loads(
        said(capsys, "tenant", "create", name, "--register", "K1", "--register", "K2")
    )

    with server_database.database.tenant_snapshot(shown["tenant_id"]) as connection:
        reader = Reader(connection)
        assert the_store(reader).store_id == shown["store_id"]
        assert {row.code: row.register_id for row in registers(reader)} == shown["registers"]
        assert [row.user_id for row in active_users(reader)] == [shown["owner_id"]]


def test_tenant_name_is_taken_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "tenant", "create", name, "--empty")

    words = complaint(capsys, "tenant", "create", name, "--empty")

    assert words == f"There is already a tenant called {name}. Choose another name."


def test_tenants_are_listed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "tenant", "create", name, "--empty")

    assert name in {each["name"] for each in json.loads(said(capsys, "tenant", "list"))}


def test_pairing_code_is_printed_alone(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "tenant", "create", name)

    code = said(capsys, "pair", "--tenant", name, "--workspace", "kiosk", "--register", "K1")

    assert len(code.strip()) == 11
    assert code.strip()[5] == "-"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--workspace", "kiosk"], "A kiosk needs a register."),
        (["--workspace", "fulfillment"], "A fulfillment station needs a location."),
        (["--workspace", "kiosk", "--register", "K7"], ""),
        (["--workspace", "merchant", "--location", "X"], ""),
    ],
)
def test_code_for_a_place_that_is_not_there_is_not_made(
    *, name: str, capsys: pytest.CaptureFixture[str], argv: list[str], code: str
) -> None:
    said(capsys, "tenant", "create", name)

    assert code in complaint(capsys, "pair", "--tenant", name, *argv)


def test_digest_is_that_of_the_rows(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "tenant", "create", name)

    shown = json.loads(said(capsys, "digest", "--tenant", name))

    assert shown["cursor"] == "1.1"
    assert shown["is_kept_right"] is True
    assert {each["table"]: each["row_count"] for each in shown["digests"]} == {
        "register": 1,
        "staff_user": 1,
        "stock_location": 1,
        "store": 1,
    }


def test_digest_fails_where_what_is_kept_is_wrong(
    server_database: ServerDatabase, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant_id = json.loads(said(capsys, "tenant", "create", name))["tenant_id"]
    with server_database.database.tenant_session(tenant_id) as connection:
        connection.execute(sa.update(SCOPE_DIGEST).values(row_count=SCOPE_DIGEST.c.row_count + 1))

    with pytest.raises(SystemExit) as ended:
        main(["digest", "--tenant", name])

    assert ended.value.code == 1
    assert json.loads(capsys.readouterr().out)["is_kept_right"] is False


def test_unknown_tenant_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert complaint(capsys, "digest", "--tenant", name).startswith(f"There is no tenant {name}.")


def test_restored_tenant_gets_a_new_epoch(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "tenant", "create", name)

    shown = json.loads(said(capsys, "tenant", "restored", "--tenant", name))

    assert shown["epoch"] > 1
    cursor = json.loads(said(capsys, "digest", "--tenant", name))["cursor"]
    assert cursor == f"{shown['epoch']}.1"


def test_migrate_may_run_again(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "tenant", "create", name)

    assert "up to date" in said(capsys, "migrate")


def test_a_failed_import_says_so_to_programs_and_to_people(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "tenant", "create", name)
    file = tmp_path / "nothing.csv"
    file.write_text("a,b\n1,2\n", "utf-8")

    code = main(["import", str(file), "--format", "shopify", "--tenant", name, "--json"])

    printed = capsys.readouterr()
    error = json.loads(printed.out)["error"]
    assert code == 1
    assert error["code"].startswith("import_")
    assert error["reason"] == printed.err.strip()


def test_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://x")

    assert "DATABASE_URL" in complaint(capsys, "migrate")


@pytest.mark.slow
def test_without_a_database_the_server_brings_its_own(
    reachable_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PYCOMMERCE_DATA", str(reachable_folder))
    with embedded.running(reachable_folder / "postgres", durable=False):
        said(capsys, "tenant", "create", "Mine", "--empty")

        assert [each["name"] for each in json.loads(said(capsys, "tenant", "list"))] == ["Mine"]


@pytest.mark.slow
def test_help_names_every_word(migrated_url: str) -> None:
    helped = run(migrated_url, "--help")

    assert helped.returncode == 0
    assert all(word in helped.stdout for word in ("serve", "migrate", "tenant", "pair", "digest"))


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgres://a:b@c/d", "postgresql+psycopg://a:b@c/d"),
        ("postgresql://a@c/d", "postgresql+psycopg://a@c/d"),
        ("postgresql+psycopg://a@c/d", "postgresql+psycopg://a@c/d"),
        ("", None),
    ],
)
def test_database_url_is_taken_as_hosts_write_it(given: str, url: str | None) -> None:
    assert Settings.from_environment({"DATABASE_URL": given}).database_url == url


def test_clock_of_the_command_line_is_the_machines() -> None:
    assert SystemClock().now().utcoffset() is not None
