"""Health, readiness, and a page that tells a person what this is."""

import html
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from migrations.apply import Lineage, tenants_behind
from migrations.apply import head as newest_revision
from shared.kernel.errors import Unavailable
from sync_server.database import Database, control_revision
from sync_server.errors import language_of
from sync_server.schema import TENANTS

_TEXTS = Path(__file__).resolve().parents[2] / "resources" / "translations"
_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PyCommerce</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.6 system-ui, sans-serif; }}
main {{ max-width: 40rem; margin: 12vh auto 0; padding: 0 1.5rem; }}
h1 {{ font-size: 1.6rem; line-height: 1.2; }}
code {{ font-size: .9em; padding: .15em .4em; border-radius: .3em; background: #8882; }}
code {{ direction: ltr; unicode-bidi: isolate; }}
li {{ margin: .5rem 0; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{what}</p>
<h2>{pair_title}</h2>
<ol>
<li>{pair_code}<br>
<code>python -m sync_server pair --tenant … --workspace kiosk --register K1</code></li>
<li>{pair_enter}<br>
<code>{address}</code></li>
</ol>
</main>
</body>
</html>
"""


@dataclass(slots=True)
class PlainEndpoints:
    """The addresses that need no device."""

    database: Database
    _has_current_tenants: bool = False
    """Schemas never go back, so who has found them all current need not look again."""

    def router(self) -> APIRouter:
        """The addresses at the root."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/health", self.health, methods=["GET"])
        router.add_api_route("/ready", self.ready, methods=["GET"])
        router.add_api_route("/", self.page, methods=["GET"])
        return router

    async def health(self) -> Response:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self) -> Response:
        """The database answers, all its schemas are ours, and it binds us to row-level security."""
        await run_in_threadpool(self._require_ready)
        return JSONResponse({"status": "ok"})

    async def page(self, request: Request) -> Response:
        """What this is, and how a device is paired."""
        language = language_of(request)
        texts = {name: html.escape(text) for name, text in _page_texts(language).items()}
        address = html.escape(str(request.base_url).rstrip("/"))
        direction = "rtl" if language == "ar" else "ltr"
        return HTMLResponse(
            _PAGE.format(language=language, direction=direction, address=address, **texts),
            headers={"Vary": "Accept-Language"},
        )

    def _require_ready(self) -> None:
        self.database.require_weak_role()
        with self.database.control() as connection:
            found, newest = control_revision(connection), newest_revision(Lineage.CONTROL)
            if found != newest:
                raise Unavailable("schema_outdated", found=found or "", known=newest)
            if not self._has_current_tenants:
                behind = tenants_behind(connection, tenants=TENANTS)
                if behind:
                    raise Unavailable("tenants_outdated", behind=behind)
                self._has_current_tenants = True


@cache
def _page_texts(language: str) -> Mapping[str, str]:
    """The texts of the page by the last part of their keys."""
    path = _TEXTS / language / "server_page.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return {key.rpartition(".")[2]: text for key, text in found.items()}
