"""Health, readiness, the page for people, and problems in three languages."""

import ast
import tomllib
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from migrations.apply import Lineage, head
from sync_server.errors import LANGUAGES, STATUS
from sync_server.tenancy import migrate_all, schema_of
from tests.support.databases import ServerDatabase
from tests.sync_server.devices import Site, refusal

pytestmark = pytest.mark.storage
ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT / "resources" / "translations"


def texts(language: str, area: str) -> dict[str, str]:
    """The texts of one area."""
    return tomllib.loads((TEXTS / language / f"{area}.toml").read_text(encoding="utf-8"))


def test_server_says_that_it_lives_and_is_ready(client: httpx.Client) -> None:
    for address in ("/health", "/ready"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_server_with_an_old_database_is_not_ready(
    client: httpx.Client, server_database: ServerDatabase
) -> None:
    change = sa.text("UPDATE pycommerce_control.alembic_version SET version_num = :revision")
    with server_database.owner.begin() as owner:
        owner.execute(change, {"revision": "0000"})

    answer = client.get("/ready")
    with server_database.owner.begin() as owner:
        owner.execute(change, {"revision": head(Lineage.CONTROL)})

    assert refusal(answer) == (503, "schema_outdated")
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize("mark", ["NULL", "'0001'"])
def test_server_with_an_old_tenant_is_not_ready_until_it_is_migrated(
    *, client: httpx.Client, server_database: ServerDatabase, site: Site, mark: str
) -> None:
    schema = schema_of(site.tenant_id)
    with server_database.owner.begin() as owner:
        owner.execute(sa.text(f"COMMENT ON SCHEMA {schema} IS {mark}"))

    answer = client.get("/ready", headers={"Accept-Language": "en"})
    migrate_all(server_database.owner, now=server_database.clock.now())

    assert refusal(answer) == (503, "tenants_outdated")
    assert "1 tenants' schemas" in answer.text
    assert client.get("/ready").status_code == 200


def test_readiness_asks_for_tenants_once_and_in_one_statement(
    client: httpx.Client, server_database: ServerDatabase, site: Site
) -> None:
    Site(server_database, client)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    for _time in range(2):
        assert client.get("/ready").status_code == 200
    sa.event.remove(sa.Engine, "before_cursor_execute", note)

    assert sum("obj_description" in sql for sql in asked) == 1


@pytest.mark.parametrize(
    ("accepted", "language", "direction"),
    [
        ("en", "en", "ltr"),
        ("de-AT,de;q=0.9", "de", "ltr"),
        ("ar", "ar", "rtl"),
        ("fr", "en", "ltr"),
    ],
)
def test_page_tells_what_this_is(
    *, client: httpx.Client, accepted: str, language: str, direction: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": accepted})

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}" dir="{direction}">' in answer.text
    assert texts(language, "server_page")["server_page.title"] in answer.text
    assert str(client.base_url).rstrip("/") in answer.text


def test_page_does_not_repeat_markup_from_the_request(client: httpx.Client) -> None:
    answer = client.get("/", headers={"Host": "x<script>alert(1)</script>"})

    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("method", "address", "expected"),
    [
        ("GET", "/nothing/here", (404, "address_unknown")),
        ("GET", "/sync/v1/push", (405, "method_unknown")),
        ("POST", "/sync/v1/pull", (405, "method_unknown")),
        ("GET", "/docs", (404, "address_unknown")),
    ],
)
def test_wrong_address_is_a_problem(
    *, client: httpx.Client, method: str, address: str, expected: tuple[int, str]
) -> None:
    assert refusal(client.request(method, address)) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_problem_is_told_in_the_callers_language(client: httpx.Client, language: str) -> None:
    answer = client.get("/sync/v1/pull", headers={"Accept-Language": language})

    told = texts(language, "errors_server")
    assert answer.json() == {
        "title": told["error.token_missing"],
        "cure": told["error.token_missing.cure"],
        "status": 401,
        "code": "token_missing",
    }


def test_crash_is_answered_without_its_insides(client: httpx.Client, app: FastAPI) -> None:
    async def crash() -> None:
        message = "the password is 1234"
        raise RuntimeError(message)

    app.add_api_route("/crash", crash)

    answer = client.get("/crash")

    assert refusal(answer) == (500, "internal")
    assert "1234" not in answer.text


def test_errors_of_the_server_have_texts_in_every_language() -> None:
    codes = {key.split(".")[1] for key in texts("en", "errors_server")}
    for language in LANGUAGES:
        found = texts(language, "errors_server")
        assert set(found) == {f"error.{c}{part}" for c in codes for part in ("", ".cure")}
        assert all(text.strip() for text in found.values())
        for key, text in texts("en", "errors_server").items():
            assert placeholders(found[key]) == placeholders(text), (language, key)


def test_every_code_that_the_server_raises_has_a_text() -> None:
    told: set[str] = set()
    for path in (TEXTS / "en").glob("errors_*.toml"):
        told |= set(tomllib.loads(path.read_text(encoding="utf-8")))
    raised = set(STATUS)
    for path in [*(ROOT / "sync_server").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")]:
        raised |= codes_in(path)

    assert {code for code in raised if f"error.{code}" not in told} == set()


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {part.split("}")[0] for part in text.split("{")[1:]}


def codes_in(path: Path) -> set[str]:
    """Every code that a file gives to Rejected or Unavailable in plain words."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in {"Rejected", "Unavailable"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }
