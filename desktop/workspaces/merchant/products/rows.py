"""Rows and columns of the product list."""

from dataclasses import dataclass

from desktop.ui.columns import Align, Column, Kind, fixed, stretch
from desktop.workspaces.merchant.words import PRODUCT_BADGES


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product in the list; `price` is written for people, a range where variants differ."""

    id: str
    title: str
    vendor: str
    product_type: str
    status: str
    variants: str
    price: str
    on_hand_qty: int


COLUMNS = (
    Column(key="id", title_key="", kind=Kind.IMAGE),
    Column(
        key="title",
        title_key="merchant.product.title",
        width=stretch(4, 24),
        strong=True,
        detail="variants",
        sort="title",
    ),
    Column(
        key="status",
        title_key="merchant.product.status",
        kind=Kind.BADGE,
        badges=PRODUCT_BADGES,
        width=fixed(12),
        sort="status",
        yields=1,
    ),
    Column(key="on_hand_qty", title_key="merchant.stock.on_hand", kind=Kind.QTY, width=fixed(10)),
    Column(
        key="product_type",
        title_key="merchant.product.type",
        width=stretch(1, 12),
        muted=True,
        sort="product_type",
        yields=2,
    ),
    Column(
        key="vendor",
        title_key="merchant.product.vendor",
        width=stretch(1, 12),
        muted=True,
        sort="vendor",
        yields=3,
    ),
    Column(
        key="price",
        title_key="merchant.product.price",
        kind=Kind.CODE,
        align=Align.END,
        width=fixed(18),
    ),
)
