"""Errors on the wire: problem+json with a code, one table of statuses, texts in three languages."""

import logging
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.kernel.errors import CodedError, Rejected, Unavailable

_log = logging.getLogger(__name__)
_TEXTS = Path(__file__).resolve().parents[1] / "resources" / "translations"
LANGUAGES = ("en", "de", "ar")

STATUS: Mapping[str, int] = {
    "token_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "token_refused": 401,
    "clock_off": 401,
    "nonce_used": 401,
    "device_unknown": 401,
    "device_revoked": 403,
    "device_has_no_location": 403,
    "relay_elsewhere": 403,
    "relay_forged": 403,
    "permission_missing": 403,
    "address_unknown": 404,
    "method_unknown": 405,
    "bootstrap_gone": 404,
    "blob_unknown": 404,
    "blob_name_malformed": 404,
    "cursor_from_other_epoch": 409,
    "cursor_too_old": 409,
    "register_has_device": 409,
    "device_id_taken": 409,
    "device_placed_elsewhere": 409,
    "body_too_large": 413,
    "blob_too_large": 413,
    "push_too_large": 413,
    "encoding_unknown": 415,
    "blob_type_unknown": 415,
    "range_unknown": 416,
    "too_many_attempts": 429,
    "internal": 500,
}
"""HTTP status by code; any other rejection is 422 and any other obstacle 503."""
_UNPROCESSABLE = 422
_UNAVAILABLE = 503
_NOT_FOUND = 404
_RETRY_SECONDS = "2"


class Problem(msgspec.Struct, omit_defaults=True, kw_only=True):
    """An error as RFC 9457 has it, with our code and its parameters."""

    title: str
    status: int
    code: str
    cure: str = ""
    field: str | None = None
    params: Mapping[str, str | int] = {}


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""
    app.add_exception_handler(CodedError, _coded)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _crashed)


def status_of(error: CodedError) -> int:
    """The HTTP status that goes with an error."""
    default = _UNAVAILABLE if isinstance(error, Unavailable) else _UNPROCESSABLE
    return STATUS.get(error.code, default)


def problem(request: Request, error: CodedError) -> Response:
    """The answer for an error, in the caller's language where we speak it."""
    status = status_of(error)
    texts = _texts(language_of(request))
    body = Problem(
        title=_filled(texts.get(f"error.{error.code}", error.code), error.params),
        cure=_filled(texts.get(f"error.{error.code}.cure", ""), error.params),
        status=status,
        code=error.code,
        field=error.field,
        params=dict(error.params),
    )
    headers = {"Cache-Control": "no-store"}
    if status == STATUS["token_missing"]:
        headers["WWW-Authenticate"] = "Bearer"
    if status in {_UNAVAILABLE, STATUS["too_many_attempts"]}:
        headers["Retry-After"] = str(error.params.get("seconds", _RETRY_SECONDS))
    return Response(
        msgspec.json.encode(body), status, headers, media_type="application/problem+json"
    )


def said(error: CodedError, language: str = LANGUAGES[0]) -> str:
    """What an error says to a person, with its cure."""
    texts = _texts(language)
    parts = (f"error.{error.code}", f"error.{error.code}.cure")
    found = [_filled(texts[key], error.params) for key in parts if key in texts]
    return " ".join(found) or str(error)


def _coded(request: Request, error: Exception) -> Response:
    if not isinstance(error, CodedError):
        return _crashed(request, error)
    if isinstance(error, Unavailable):
        _log.warning("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    return problem(request, error)


def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    name = str(found[0]["loc"][-1]) if found else ""
    detail = str(found[0]["msg"]) if found else str(error)
    return problem(request, Rejected("body_malformed", field=name or None, detail=detail))


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else _NOT_FOUND
    code = "address_unknown" if status == _NOT_FOUND else "method_unknown"
    return problem(request, Rejected(code, path=request.url.path))


def _crashed(request: Request, error: Exception) -> Response:
    _log.error("%s %s crashed", request.method, request.url.path, exc_info=error)
    return problem(request, Unavailable("internal"))


def language_of(request: Request) -> str:
    """The first of our languages that the caller accepts, else English."""
    for part in request.headers.get("accept-language", "").split(","):
        code = part.strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


@cache
def _texts(language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for path in sorted((_TEXTS / language).glob("errors_*.toml")):
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def _filled(text: str, params: Mapping[str, str | int]) -> str:
    for name, value in params.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
