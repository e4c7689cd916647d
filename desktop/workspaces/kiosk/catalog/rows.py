"""Search hits and tiles as they are shown."""

from dataclasses import dataclass

from desktop.ui import i18n
from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.kiosk.sale.rows import own_way
from shared.catalog.queries import SellableRow
from shared.kernel.quantity import unit_of
from shared.pos.queries import TillHit


@dataclass(frozen=True, slots=True)
class HitRow:
    """A variant that can be sold; `price_amount` in minor units of `currency`."""

    id: str
    name: str
    sku: str
    stock_text: str
    price_amount: int
    currency: str
    variant: SellableRow


HIT_COLUMNS = (
    Column(
        key="name", title_key="kiosk.find.name", width=stretch(1, 16), strong=True, detail="sku"
    ),
    Column(key="stock_text", title_key="kiosk.find.stock", kind=Kind.CODE, width=fixed(9)),
    Column(key="price_amount", title_key="kiosk.find.price", kind=Kind.MONEY, width=fixed(10)),
)


def hit_row(hit: TillHit, currency: str) -> HitRow:
    """A search hit."""
    variant = hit.variant
    exponent = unit_of(variant.unit_code).exponent
    unit = variant.unit_code if exponent else ""
    stock = "" if hit.available_qty is None else i18n.format_qty(hit.available_qty, exponent, unit)
    return HitRow(
        id=variant.variant_id,
        name=own_way(variant.name),
        sku=variant.sku or "",
        stock_text=stock,
        price_amount=variant.price_amount,
        currency=currency,
        variant=variant,
    )


@dataclass(frozen=True, slots=True)
class TileRow:
    """A variant on a tile; texts are ready to paint, `picture` is its small JPEG or nothing."""

    id: str
    name: str
    price_text: str
    picture: bytes | None
    variant: SellableRow


def tile_row(variant: SellableRow, currency: str, picture: bytes | None) -> TileRow:
    """A tile of a variant."""
    return TileRow(
        id=variant.variant_id,
        name=own_way(variant.name),
        price_text=i18n.format_money(variant.price_amount, currency),
        picture=picture,
        variant=variant,
    )


@dataclass(frozen=True, slots=True)
class TileGroup:
    """A set of tiles that can be chosen; `text` is ready to show."""

    id: str
    text: str
    icon: str = ""
