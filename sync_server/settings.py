"""The server's settings: typed, from the environment; no secret stands in code."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from shared.kernel.errors import Unavailable

DRIVER = "postgresql+psycopg"
MAX_TOKEN_MINUTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this server process runs.

    `database_url` logs in as somebody who may act as the owner role; `app_database_url`, where
    given, logs in as the application role itself. Both are None when the server brings its own
    PostgreSQL, which then lies in `data_folder`. From `bootstrap_rows` on, a device that starts
    gets its rows as a file; with fewer, the pages are there as soon as a file would be.
    `objects_url` is s3://bucket/prefix, where servers on several hosts share these files; without
    it they lie in `data_folder`. `objects_endpoint` and `objects_region` are for stores beside
    Amazon's. No secret stands here: the keys to the store are read from AWS_* where it is opened.
    """

    data_folder: Path
    database_url: str | None = None
    app_database_url: str | None = None
    pool_size: int = 10
    token_minutes: int = MAX_TOKEN_MINUTES
    bootstrap_rows: int = 20_000
    objects_url: str | None = None
    objects_endpoint: str | None = None
    objects_region: str | None = None
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read DATABASE_URL and PYCOMMERCE_*; raises Unavailable("setting_wrong")."""
        given = os.environ if environment is None else environment
        return cls(
            data_folder=Path(given.get("PYCOMMERCE_DATA") or default_data_folder(given)),
            database_url=_url(given.get("DATABASE_URL")),
            app_database_url=_url(given.get("PYCOMMERCE_APP_DATABASE_URL")),
            pool_size=_number(given, "PYCOMMERCE_POOL_SIZE", default=10, lowest=2, highest=200),
            token_minutes=_number(
                given, "PYCOMMERCE_TOKEN_MINUTES", default=10, lowest=1, highest=MAX_TOKEN_MINUTES
            ),
            bootstrap_rows=_number(
                given, "PYCOMMERCE_BOOTSTRAP_ROWS", default=20_000, lowest=1, highest=1_000_000_000
            ),
            objects_url=_bucket(given.get("PYCOMMERCE_OBJECTS")),
            objects_endpoint=_address(given.get("PYCOMMERCE_OBJECTS_ENDPOINT")),
            objects_region=given.get("PYCOMMERCE_OBJECTS_REGION") or None,
            log_level=given.get("PYCOMMERCE_LOG_LEVEL", "INFO").upper(),
        )


def objects_folder(settings: Settings) -> Path:
    """Where large files for devices lie on this machine."""
    return settings.data_folder / "objects"


def unfinished_folder(settings: Settings) -> Path:
    """Where blobs lie that have not come whole yet."""
    return settings.data_folder / "unfinished-blobs"


def default_data_folder(environment: Mapping[str, str]) -> Path:
    """Where this user's programs keep what they made, by platform."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData/Local") / "PyCommerce"
    if sys.platform == "darwin":
        return home / "Library/Application Support/PyCommerce"
    return Path(environment.get("XDG_DATA_HOME") or home / ".local/share") / "pycommerce"


def _url(given: str | None) -> str | None:
    """A URL for SQLAlchemy's driver, however the host writes it."""
    if not given:
        return None
    scheme, mark, rest = given.partition("://")
    if not mark or scheme.partition("+")[0] not in {"postgres", "postgresql"}:
        raise Unavailable("setting_wrong", setting="DATABASE_URL")
    return f"{DRIVER}://{rest}"


def _bucket(given: str | None) -> str | None:
    """A bucket with an optional prefix; keys do not belong into it."""
    if not given:
        return None
    parts = urlsplit(given)
    has_more = bool(parts.query or parts.fragment or {"@", ":"} & set(parts.netloc))
    if parts.scheme != "s3" or not parts.netloc or has_more:
        raise Unavailable("setting_wrong", setting="PYCOMMERCE_OBJECTS")
    return given


def _address(given: str | None) -> str | None:
    """Where a store answers that is not Amazon's."""
    if given and urlsplit(given).scheme not in {"http", "https"}:
        raise Unavailable("setting_wrong", setting="PYCOMMERCE_OBJECTS_ENDPOINT")
    return given or None


def _number(given: Mapping[str, str], name: str, *, default: int, lowest: int, highest: int) -> int:
    text = given.get(name)
    if not text:
        return default
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise Unavailable("setting_wrong", setting=name)
    return int(text)
