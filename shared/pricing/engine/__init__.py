"""The pricing engine: a cart in, its price and the proof of every cent out; pure."""

from shared.pricing.engine.cart import (
    CartInput,
    DiscountKind,
    LineDiscount,
    LineKind,
    OrderDiscount,
    PricedLineInput,
    TaxRate,
    TaxRounding,
)
from shared.pricing.engine.pipeline import price_cart
from shared.pricing.engine.priced import PricedCart, PricedLine, TaxGroup
from shared.pricing.engine.refunds import PaidLine, RefundPart, refund_amounts, refund_of_amount
from shared.pricing.engine.trace import (
    PriceTrace,
    ReplayedCart,
    ReplayedLine,
    TraceStep,
    explain,
    replay,
)

__all__ = [
    "CartInput",
    "DiscountKind",
    "LineDiscount",
    "LineKind",
    "OrderDiscount",
    "PaidLine",
    "PriceTrace",
    "PricedCart",
    "PricedLine",
    "PricedLineInput",
    "RefundPart",
    "ReplayedCart",
    "ReplayedLine",
    "TaxGroup",
    "TaxRate",
    "TaxRounding",
    "TraceStep",
    "explain",
    "price_cart",
    "refund_amounts",
    "refund_of_amount",
    "replay",
]
