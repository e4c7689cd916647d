"""The packing slip of a parcel."""

from desktop.ui.i18n import format_date, format_qty, tr
from desktop.ui.paper_sheet import Sheet, SheetColumn, sheet_pdf
from shared.customers.commands import Address
from shared.fulfillment.queries import Delivery
from shared.organization.queries import PlaceOfStore


def packing_slip(delivery: Delivery, place: PlaceOfStore) -> bytes:
    """The slip as PDF: what was ordered, what is in the parcel and what is missing."""
    order = delivery.order
    is_short = any(line.short_qty for line in delivery.lines)
    notes = [tr("paper.slip.thanks")]
    if is_short:
        notes.insert(0, tr("paper.slip.short_note"))
    return sheet_pdf(
        Sheet(
            title=tr("paper.slip.title"),
            subtitle=" · ".join(
                (
                    tr("paper.slip.order", number=order.order_number),
                    tr("paper.slip.placed", at=format_date(order.placed_at)),
                )
            ),
            code=order.order_number,
            sender=place.location.address or (place.store.name,),
            address_title=tr("paper.slip.ship_to"),
            address=address_lines(order.ship_to, order.customer_name),
            columns=(
                SheetColumn(tr("paper.slip.line"), 0.46),
                SheetColumn(tr("paper.slip.sku"), 0.21),
                SheetColumn(tr("paper.slip.ordered"), 0.11, is_figure=True),
                SheetColumn(tr("paper.slip.packed"), 0.11, is_figure=True),
                SheetColumn(tr("paper.slip.missing"), 0.11, is_figure=True),
            ),
            rows=tuple(
                (
                    line.title,
                    line.sku or "",
                    format_qty(line.qty),
                    format_qty(line.packed_qty),
                    format_qty(line.short_qty) if line.short_qty else "",
                )
                for line in delivery.lines
            ),
            notes=tuple(notes),
        )
    )


def address_lines(address: Address | None, name: str) -> tuple[str, ...]:
    """An address as it is written on a parcel; only the name where there is no address."""
    if address is None:
        return (name,) if name else ()
    city = " ".join(part for part in (address.postcode, address.city) if part)
    lines = (
        address.name or name,
        address.company,
        address.line1,
        address.line2,
        city,
        address.region,
        address.country,
    )
    return tuple(line for line in lines if line)
