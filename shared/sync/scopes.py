"""Which rows a device holds: a few large scopes."""

from collections.abc import Iterable

from shared.kernel.ids import LocationId, RegisterId
from shared.organization.commands import Workspace

TENANT = "tenant"
FINANCE = "finance"
_REGISTER = "register:"


def scopes_for(
    workspace: Workspace, location_id: LocationId | None, register_id: RegisterId | None
) -> tuple[str, ...]:
    """The scope set of a device by what it is used for.

    The back office holds everything; `location:*` stands for every location of the tenant.
    """
    if workspace is Workspace.MERCHANT:
        return (TENANT, FINANCE, "location:*", f"{_REGISTER}*")
    scopes = [TENANT]
    if location_id is not None:
        scopes.append(f"location:{location_id}")
    if register_id is not None:
        scopes.append(f"{_REGISTER}{register_id}")
    return tuple(scopes)


def holds(scopes: Iterable[str], scope: str) -> bool:
    """Whether a scope set covers a row's scope."""
    return any(
        scope == held or (held.endswith("*") and scope.startswith(held[:-1])) for held in scopes
    )


def shareable(scopes: Iterable[str]) -> tuple[str, ...]:
    """Those that devices beside this one hold as well: all but a till's own.

    What many devices hold is worth a file that all of them start from. A till's own scope is for a
    few rows, never for such as grow with every sale.
    """
    return tuple(
        scope for scope in scopes if scope.endswith("*") or not scope.startswith(_REGISTER)
    )
