"""The packing slip of a parcel."""

from desktop.ui.paper_sheet import Sheet, SheetColumn, sheet_pdf
from desktop.ui.paper_words import PaperWords
from shared.customers.commands import Address
from shared.fulfillment.queries import Delivery, PickRow
from shared.organization.queries import PlaceOfStore


def packing_slip(delivery: Delivery, place: PlaceOfStore) -> bytes:
    """The slip as PDF: what was ordered, what is in the parcel and what is missing.

    It is for the customer: in the store's language, whatever the picker reads.
    """
    order = delivery.order
    words = PaperWords(place.store.language, place.store.timezone)
    text = words.text
    is_short = any(line.short_qty for line in delivery.lines)
    notes = [text("paper.slip.thanks")]
    if is_short:
        notes.insert(0, text("paper.slip.short_note"))
    return sheet_pdf(
        Sheet(
            title=text("paper.slip.title"),
            subtitle=" · ".join(
                (
                    text("paper.slip.order", number=order.order_number),
                    text("paper.slip.placed", at=words.day(order.placed_at)),
                )
            ),
            code=order.order_number,
            language=words.language,
            sender=place.location.address or (place.store.name,),
            address_title=text("paper.slip.ship_to"),
            address=address_lines(order.ship_to, order.customer_name),
            columns=(
                SheetColumn(text("paper.slip.line"), 0.46),
                SheetColumn(text("paper.slip.sku"), 0.21),
                SheetColumn(text("paper.slip.ordered"), 0.11, is_figure=True),
                SheetColumn(text("paper.slip.packed"), 0.11, is_figure=True),
                SheetColumn(text("paper.slip.missing"), 0.11, is_figure=True),
            ),
            rows=tuple(_row(words, line) for line in delivery.lines),
            notes=tuple(notes),
        )
    )


def _row(words: PaperWords, line: PickRow) -> tuple[str, ...]:
    """What stands of one line in the table."""
    return (
        line.title,
        line.sku or "",
        _qty(words, line, line.qty),
        _qty(words, line, line.packed_qty),
        _qty(words, line, line.short_qty) if line.short_qty else "",
    )


def _qty(words: PaperWords, line: PickRow, qty: int) -> str:
    """A quantity, with its unit where it is not pieces."""
    unit = f"\u202f{line.unit_code}" if line.is_weighed else ""
    return f"{words.quantity(qty, line.qty_exponent)}{unit}"


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
