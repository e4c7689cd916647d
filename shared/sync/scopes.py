"""Which rows a device holds: a few large scopes."""

from collections.abc import Iterable

from shared.kernel.ids import LocationId, RegisterId
from shared.organization.commands import Workspace

TENANT = "tenant"
FINANCE = "finance"


def scopes_for(
    workspace: Workspace, location_id: LocationId | None, register_id: RegisterId | None
) -> tuple[str, ...]:
    """The scope set of a device by what it is used for.

    The back office holds everything; `location:*` stands for every location of the tenant.
    """
    if workspace is Workspace.MERCHANT:
        return (TENANT, FINANCE, "location:*", "register:*")
    scopes = [TENANT]
    if location_id is not None:
        scopes.append(f"location:{location_id}")
    if register_id is not None:
        scopes.append(f"register:{register_id}")
    return tuple(scopes)


def holds(scopes: Iterable[str], scope: str) -> bool:
    """Whether a scope set covers a row's scope."""
    return any(
        scope == held or (held.endswith("*") and scope.startswith(held[:-1])) for held in scopes
    )
