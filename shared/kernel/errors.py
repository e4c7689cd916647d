"""The three families of errors: Rejected, Unavailable, Bug."""

from collections.abc import Mapping
from typing import Any


class PyCommerceError(Exception):
    """Root of all errors that the product raises on purpose."""


class CodedError(PyCommerceError):
    """An error with a code; its text and cure stand in the translations under `error.<code>`."""

    def __init__(self, code: str, *, field: str | None = None, **params: str | int) -> None:
        self.code = code
        self.field = field
        self.params: Mapping[str, str | int] = params
        detail = ", ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{code}({detail})" if detail else code)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by code and parameters, so that worker threads and processes can hand it on."""
        state = {"field": self.field, "params": dict(self.params)}
        return _rebuild, (type(self), self.code, state)


def _rebuild(kind: type[CodedError], code: str, state: dict[str, Any]) -> CodedError:
    return kind(code, field=state["field"], **state["params"])


class Rejected(CodedError):
    """A person asked for something that cannot be done as asked, and can put it right.

    `field` names the input that is wrong, where there is one.
    """


class Unavailable(CodedError):
    """The environment is in the way: no network, disk full, database locked. Nothing changed."""


class Bug(PyCommerceError):
    """Our own mistake; reported, never shown as the person's fault."""
