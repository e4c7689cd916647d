"""The server's command line: python -m sync_server serve | migrate | tenant | pair | ..."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import msgspec

from shared.kernel.clock import SystemClock
from shared.kernel.errors import CodedError, Rejected
from shared.kernel.ids import LocationId, RegisterId, StoreId, UserId, new_id
from shared.kernel.permissions import Role
from shared.organization.commands import AddLocation, AddRegister, AddUser, OpenStore, Workspace
from shared.organization.tables import LOCATION, REGISTER, LocationRow, RegisterRow
from shared.storage.reader import Reader
from shared.sync.recount import recount
from shared.sync.scopes import scopes_for
from sync_server import demo, feed, importing, tenancy
from sync_server.auth import pairing
from sync_server.bucket import object_store
from sync_server.collecting import collect_seldom
from sync_server.database import Database, owner_engine
from sync_server.errors import said
from sync_server.jobs.bootstrap import be_modest, build
from sync_server.jobs.compaction import WHOLE_DAYS, compact, forget_commands
from sync_server.observability import log_to_stderr
from sync_server.serving import database_of, database_ready, migrate, owner_url, serve
from sync_server.settings import Settings
from sync_server.work import run_in

Arguments = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One word of the command line: what it says of itself, what it takes, what it does.

    `run` gets settings that have a database.
    """

    summary: str
    declare: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Settings, Arguments], None]


def _declare_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")


def _serve(settings: Settings, given: Arguments) -> None:
    serve(settings, host=given.host, port=given.port)


def _declare_nothing(parser: argparse.ArgumentParser) -> None:
    del parser


def _migrate(settings: Settings, given: Arguments) -> None:
    del given
    count = migrate(owner_url(settings))
    print(f"The control schema and {count} tenants are up to date.")


def _declare_tenant(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="create | list | restored"
    )
    create = actions.add_parser("create", help="add a tenant, with a store to begin with")
    create.add_argument("name")
    create.add_argument("--store", help="name of the store; the tenant's name unless given")
    create.add_argument("--currency", default="EUR")
    create.add_argument("--country", default="DE")
    create.add_argument("--language", default="en")
    create.add_argument("--timezone", default="Europe/Berlin")
    create.add_argument("--net", action="store_true", help="prices are without tax")
    create.add_argument("--location", default="MAIN", help="code and name of the stock location")
    create.add_argument(
        "--register", action="append", default=[], help="code of a till; repeatable"
    )
    create.add_argument("--owner", default="Owner", help="name of the first user")
    create.add_argument("--empty", action="store_true", help="no store, no user")
    actions.add_parser("list", help="names and ids")
    restored = actions.add_parser("restored", help="say that a backup was restored")
    restored.add_argument("--tenant", required=True)


def _tenant(settings: Settings, given: Arguments) -> None:
    with closing(database_of(settings)) as database:
        match given.action:
            case "create":
                _show(_create_tenant(settings, database, given))
            case "restored":
                with database.control() as connection:
                    tenant = tenancy.tenant_named(connection, given.tenant)
                owner, now = owner_engine(owner_url(settings)), SystemClock().now()
                _show({"epoch": tenancy.start_new_epoch(owner, tenant, now=now)})
            case _:
                with database.control() as connection:
                    _show(tenancy.tenants(connection))


def _create_tenant(
    settings: Settings, database: Database, given: Arguments
) -> Mapping[str, object]:
    """Make the schema, then what every shop has, by the same commands as a back office sends."""
    owner = owner_engine(owner_url(settings))
    tenant = tenancy.create_tenant(owner, given.name, now=SystemClock().now())
    made: dict[str, object] = {"tenant_id": tenant.tenant_id, "name": tenant.name}
    if given.empty:
        return made
    store_id, location_id, user_id = StoreId(new_id()), LocationId(new_id()), UserId(new_id())
    registers = {code: RegisterId(new_id()) for code in given.register or ["K1"]}
    commands = [
        OpenStore(
            store_id=store_id,
            name=given.store or tenant.name,
            currency=given.currency,
            country=given.country,
            language=given.language,
            timezone=given.timezone,
            is_tax_inclusive=not given.net,
        ),
        AddLocation(
            location_id=location_id, store_id=store_id, name=given.location, code=given.location
        ),
        *(
            AddRegister(register_id=id_, location_id=location_id, name=code, code=code)
            for code, id_ in registers.items()
        ),
        AddUser(user_id=user_id, name=given.owner, role=Role.OWNER),
    ]
    with database.tenant_transaction(tenant.tenant_id) as unit:
        for command in commands:
            run_in(unit, command)
    return made | {
        "store_id": store_id,
        "location_id": location_id,
        "registers": registers,
        "owner_id": user_id,
    }


def _declare_pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", required=True, help="its name")
    parser.add_argument("--workspace", required=True, choices=[each.value for each in Workspace])
    parser.add_argument("--register", help="code of the till; a kiosk needs one")
    parser.add_argument("--location", help="code of the location; a till's own unless given")
    parser.add_argument(
        "--replace", action="store_true", help="shut out the device that the till has now"
    )


def _pair(settings: Settings, given: Arguments) -> None:
    with closing(database_of(settings)) as database:
        with database.control() as connection:
            tenant = tenancy.tenant_named(connection, given.tenant)
        with database.tenant_snapshot(tenant.tenant_id) as connection:
            place = _place(Reader(connection), tenant, given)
        with database.control() as connection:
            print(pairing.new_code(connection, place, now=SystemClock().now()))


def _place(reader: Reader, tenant: tenancy.Tenant, given: Arguments) -> pairing.Place:
    """Where the new device will stand. Raises Rejected for unknown codes."""
    workspace, location_id, register_id = Workspace(given.workspace), None, None
    if given.location is not None:
        found = reader.find(LocationRow, LOCATION.c.code == given.location)
        if not found:
            raise Rejected("stock_location_not_found", field="location", id=given.location)
        location_id = found[0].location_id
    if given.register is not None:
        tills = reader.find(RegisterRow, REGISTER.c.code == given.register)
        if not tills:
            raise Rejected("register_not_found", field="register", id=given.register)
        register_id, location_id = tills[0].register_id, location_id or tills[0].location_id
    if workspace is Workspace.KIOSK and register_id is None:
        raise Rejected("register_missing", field="register")
    if workspace is Workspace.FULFILLMENT and location_id is None:
        raise Rejected("location_missing", field="location")
    return pairing.Place(
        tenant_id=tenant.tenant_id,
        workspace=workspace,
        location_id=location_id,
        register_id=register_id,
        does_replace=given.replace,
    )


def _declare_digest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", required=True, help="its name")


def _digest(settings: Settings, given: Arguments) -> None:
    """Print counts and digests computed from the rows themselves, to hold against a device's.

    Ends the program with 1 when what the server keeps is not what the rows come to.
    """
    with closing(database_of(settings)) as database:
        with database.control() as connection:
            tenant = tenancy.tenant_named(connection, given.tenant)
        with database.tenant_snapshot(tenant.tenant_id) as connection:
            counted, kept = recount(connection), feed.digests(connection)
            cursor = str(feed.head_of(connection))
    is_kept_right = counted == tuple(each for each in kept if each.row_count)
    _show(
        {
            "tenant_id": tenant.tenant_id,
            "cursor": cursor,
            "is_kept_right": is_kept_right,
            "digests": counted,
        }
    )
    if not is_kept_right:
        sys.exit(1)


def _declare_compact(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", help="its name; all of them unless given")
    parser.add_argument(
        "--days", type=int, default=WHOLE_DAYS, help="of the log that stay whole (%(default)s)"
    )


def _compact(settings: Settings, given: Arguments) -> None:
    """Make the old part of the change logs short."""
    be_modest()
    owner, now = owner_engine(owner_url(settings)), SystemClock().now()
    with closing(database_of(settings)) as database, database.control() as connection:
        if given.tenant is not None:
            meant = [tenancy.tenant_named(connection, given.tenant)]
        else:
            meant = tenancy.tenants(connection)
    removed: dict[str, int | None] = {}
    for each in meant:
        try:
            removed[each.name] = compact(owner, each, now=now, days=given.days)
            forget_commands(owner, each, now=now)
        except CodedError as error:
            # The others' logs grow too: one tenant's trouble must not stop them.
            print(f"{each.name}: {said(error)}", file=sys.stderr)
            removed[each.name] = None
    _show({"removed_rows": removed})


def _declare_bootstrap(parser: argparse.ArgumentParser) -> None:
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--tenant", help="its name")
    whose.add_argument("--tenant-id")
    parser.add_argument(
        "--scope", action="append", help="repeatable; those of a back office unless given"
    )


def _bootstrap(settings: Settings, given: Arguments) -> None:
    """Make the file that devices with these scopes start from."""
    be_modest()
    objects, clock = object_store(settings), SystemClock()
    with closing(database_of(settings)) as database:
        with database.control() as connection:
            if given.tenant is not None:
                tenant = tenancy.tenant_named(connection, given.tenant)
            else:
                tenant = tenancy.tenant_by_id(connection, given.tenant_id)
        scopes = tuple(given.scope or scopes_for(Workspace.MERCHANT, None, None))
        made = build(database, objects, clock, tenant_id=tenant.tenant_id, scopes=scopes)
    _show({"file": made})


SUBCOMMANDS: Mapping[str, Subcommand] = {
    "serve": Subcommand("answer requests", _declare_serve, _serve),
    "migrate": Subcommand("bring the database to this release", _declare_nothing, _migrate),
    "tenant": Subcommand("add and list tenants", _declare_tenant, _tenant),
    "pair": Subcommand("print a pairing code, good for 15 minutes", _declare_pair, _pair),
    "import": Subcommand("take a file over", importing.declare, importing.run),
    "demo": Subcommand("serve a shop to try things out in", demo.declare, demo.run),
    "bootstrap": Subcommand(
        "make the file that new devices start from", _declare_bootstrap, _bootstrap
    ),
    "compact": Subcommand("make old logs short", _declare_compact, _compact),
    "digest": Subcommand("print counts and digests of a tenant's rows", _declare_digest, _digest),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; 1 when it could not be done."""
    parser = argparse.ArgumentParser(prog="sync_server", description="The PyCommerce sync server.")
    words = parser.add_subparsers(dest="word", required=True, metavar=" | ".join(SUBCOMMANDS))
    for word, subcommand in SUBCOMMANDS.items():
        subcommand.declare(words.add_parser(word, help=subcommand.summary))
    given = parser.parse_args(argv)
    try:
        settings = Settings.from_environment()
        log_to_stderr(settings.log_level)
        collect_seldom()
        with database_ready(settings) as ready:
            SUBCOMMANDS[given.word].run(ready, given)
    except CodedError as error:
        if getattr(given, "json", False):
            _show({"error": {"code": error.code, "reason": said(error), "params": error.params}})
        print(said(error), file=sys.stderr)
        return 1
    return 0


def _show(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


if __name__ == "__main__":
    sys.exit(main())
