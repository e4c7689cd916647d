"""The explicit tables: command to handler, event to reactions. Nothing registers itself."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from shared.customers.commands import SaveCustomer
from shared.customers.handlers import save_customer
from shared.imports.commands import FinishImport, StartImport, UndoImport
from shared.imports.events import ImportUndone
from shared.imports.handlers import finish_import, restore_rows, start_import, undo_import
from shared.inbox.commands import AssignCase, SettleCase
from shared.inbox.handlers import assign_case, settle_case
from shared.kernel.context import Context
from shared.kernel.errors import Bug, Rejected
from shared.kernel.messages import Command, Event
from shared.organization.commands import (
    AddLocation,
    AddRegister,
    AddUser,
    OpenStore,
    RegisterDevice,
    RevokeDevice,
)
from shared.organization.handlers import (
    add_location,
    add_register,
    add_user,
    open_store,
    register_device,
    revoke_device,
)
from shared.storage.unit_of_work import UnitOfWork

Handler = Callable[[Any, UnitOfWork, Context], None]
Reaction = Callable[[Any, UnitOfWork, Context], None]

COMMANDS: Mapping[type[Command], Handler] = {
    OpenStore: open_store,
    AddLocation: add_location,
    AddRegister: add_register,
    AddUser: add_user,
    RegisterDevice: register_device,
    RevokeDevice: revoke_device,
    StartImport: start_import,
    FinishImport: finish_import,
    UndoImport: undo_import,
    SaveCustomer: save_customer,
    AssignCase: assign_case,
    SettleCase: settle_case,
}

REACTIONS: Mapping[type[Event], tuple[Reaction, ...]] = {
    ImportUndone: (restore_rows,),
}

_BY_NAME: Mapping[str, type[Command]] = {command.NAME: command for command in COMMANDS}


def handler_of(command_type: type[Command]) -> Handler:
    """The handler of a command type. Raises Bug when it has none."""
    try:
        return COMMANDS[command_type]
    except KeyError as error:
        message = f"{command_type.__name__} has no handler"
        raise Bug(message) from error


def reactions_to(event_type: type[Event]) -> tuple[Reaction, ...]:
    """What follows an event, in order."""
    return REACTIONS.get(event_type, ())


def command_type(name: str) -> type[Command]:
    """The command type of that name. Raises Rejected("command_unknown")."""
    try:
        return _BY_NAME[name]
    except KeyError as error:
        raise Rejected("command_unknown", command=name) from error


def read_command(name: str, version: int, args: bytes | msgspec.Raw) -> Command:
    """A command from its name, version and JSON arguments.

    Raises Rejected("command_unknown"), Rejected("command_too_new") for a version of a later
    release, or Rejected("command_malformed") when the arguments do not fit.
    """
    kind = command_type(name)
    if version > kind.VERSION:
        raise Rejected("command_too_new", command=name, version=version)
    try:
        return msgspec.json.decode(args, type=kind)
    except msgspec.ValidationError as error:
        raise Rejected("command_malformed", command=name, detail=str(error)) from error
