"""The explicit tables: command to handler, event to reactions. Nothing registers itself."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from shared.catalog.commands import (
    ChangePrice,
    CreateProduct,
    EditProduct,
    EditProducts,
    ImportProducts,
    SaveVariant,
    SetProductImage,
)
from shared.catalog.editing import edit_products
from shared.catalog.events import StockDeclared
from shared.catalog.handlers import (
    change_price,
    create_product,
    edit_product,
    save_variant,
    set_product_image,
)
from shared.catalog.importing import import_products
from shared.customers.commands import SaveCustomer
from shared.customers.handlers import save_customer
from shared.fulfillment.commands import (
    PackUnits,
    PickUnits,
    ReportShort,
    ShipFulfillment,
    StartPicking,
)
from shared.fulfillment.handlers import (
    call_off_fulfillment,
    open_fulfillment,
    pack_units,
    pick_units,
    report_short,
    ship_fulfillment,
    start_picking,
)
from shared.imports.commands import FinishImport, StartImport, UndoImport
from shared.imports.events import ImportUndone
from shared.imports.handlers import finish_import, restore_rows, start_import, undo_import
from shared.inbox.commands import AssignCase, SettleCase
from shared.inbox.handlers import assign_case, settle_case
from shared.inventory.commands import AdjustStock, CountStock
from shared.inventory.handlers import (
    adjust_stock,
    count_stock,
    take_back_imported_stock,
    take_declared_stock,
)
from shared.kernel.context import Context
from shared.kernel.errors import Bug, Rejected
from shared.kernel.messages import Command, Event
from shared.orders.commands import CancelOrder, ImportOrders, NoteOrder, PlaceOrder
from shared.orders.events import OrderCanceled, OrderPlaced
from shared.orders.handlers import cancel_order, note_order, place_order
from shared.orders.importing import import_orders, remove_imported_orders
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
from shared.payments.commands import RefundPayment, TakePayment
from shared.payments.handlers import refund_payment, take_payment
from shared.pos.commands import CloseShift, CompleteSale, MoveCash, OpenShift, RefundSale
from shared.pos.handlers import close_shift, complete_sale, move_cash, open_shift, refund_sale
from shared.pricing.commands import SetTaxRate
from shared.pricing.handlers import set_tax_rate
from shared.runtime.command_ids import malformed_id
from shared.storage.unit_of_work import UnitOfWork

C = TypeVar("C", bound=Command)
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
    CreateProduct: create_product,
    EditProduct: edit_product,
    EditProducts: edit_products,
    SaveVariant: save_variant,
    ChangePrice: change_price,
    SetProductImage: set_product_image,
    ImportProducts: import_products,
    SaveCustomer: save_customer,
    SetTaxRate: set_tax_rate,
    AdjustStock: adjust_stock,
    CountStock: count_stock,
    PlaceOrder: place_order,
    CancelOrder: cancel_order,
    NoteOrder: note_order,
    ImportOrders: import_orders,
    TakePayment: take_payment,
    RefundPayment: refund_payment,
    StartPicking: start_picking,
    PickUnits: pick_units,
    ReportShort: report_short,
    PackUnits: pack_units,
    ShipFulfillment: ship_fulfillment,
    OpenShift: open_shift,
    CompleteSale: complete_sale,
    RefundSale: refund_sale,
    MoveCash: move_cash,
    CloseShift: close_shift,
    AssignCase: assign_case,
    SettleCase: settle_case,
}

REACTIONS: Mapping[type[Event], tuple[Reaction, ...]] = {
    StockDeclared: (take_declared_stock,),
    OrderPlaced: (open_fulfillment,),
    OrderCanceled: (call_off_fulfillment,),
    ImportUndone: (remove_imported_orders, take_back_imported_stock, restore_rows),
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
    release, or Rejected("command_malformed") when the arguments do not fit or an id is no UUID.
    """
    kind = command_type(name)
    if version > kind.VERSION:
        raise Rejected("command_too_new", command=name, version=version)
    try:
        command = decoded(kind, version, args)
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError) as error:
        raise Rejected("command_malformed", command=name, detail=str(error)) from error
    place = malformed_id(command)
    if place is not None:
        raise Rejected("command_malformed", command=name, detail=f"{place} is no UUID")
    return command


def decoded(kind: type[C], version: int, args: bytes | msgspec.Raw) -> C:
    """A command from the JSON arguments of one of its versions, this one or an earlier.

    Raises msgspec.DecodeError where they do not fit; an upcast may raise LookupError for what it
    looked for and did not find.
    """
    if version == kind.VERSION:
        return msgspec.json.decode(args, type=kind)
    plain = msgspec.json.decode(args, type=dict[str, Any])
    for following in range(version + 1, kind.VERSION + 1):
        plain = kind.UPCASTS[following](plain)
    return msgspec.convert(plain, type=kind)
