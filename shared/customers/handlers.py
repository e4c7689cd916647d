"""Handlers of customers."""

from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.storage.unit_of_work import UnitOfWork


def save_customer(command: SaveCustomer, work: UnitOfWork, context: Context) -> None:
    """Add or replace a customer; a name or an e-mail address is needed."""
    name, email = command.name.strip(), command.email.strip()
    if not name and not email:
        raise Rejected("customer_unnamed", field="name")
    if email and ("@" not in email or " " in email):
        raise Rejected("email_malformed", field="email", email=email)
    known = work.get(CustomerRow, command.customer_id)
    row = CustomerRow(
        customer_id=command.customer_id,
        code=command.code,
        name=name,
        email=email,
        phone=command.phone.strip(),
        note=command.note,
        tags=command.tags,
        accepts_marketing=command.accepts_marketing,
        addresses=command.addresses,
        import_id=None if known is None else known.import_id,
        created_at=context.business_at if known is None else known.created_at,
    )
    if known is None:
        work.insert(row)
    else:
        work.put(row)
