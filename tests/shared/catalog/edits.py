"""Generated edits of many products: good ones, hopeless ones, and several of one product."""

from collections.abc import Sequence

from hypothesis import strategies as st

from shared.catalog.commands import (
    EditProducts,
    ProductEdit,
    ProductStatus,
    ProductValues,
    VariantEdit,
    VariantValues,
)
from shared.kernel.ids import ProductId, VariantId

_words = st.sampled_from(("", "  ", "Acme", " Ünï ", "Mug", "x" * 256))
_amounts = st.sampled_from((-1, 0, 1, 999, 2**53))
_tags = st.lists(st.sampled_from(("a", "b", "c", "ä")), max_size=3).map(tuple)
_product_values = st.builds(
    ProductValues,
    title=st.none() | _words,
    vendor=st.none() | _words,
    product_type=st.none() | _words,
    status=st.none() | st.sampled_from(ProductStatus),
)
_variant_values = st.builds(
    VariantValues,
    price_amount=st.none() | _amounts,
    compare_at_amount=st.none() | _amounts,
    tax_code=st.none() | st.sampled_from(("standard", "reduced", "gone")),
)


def edits_of(
    product_ids: Sequence[ProductId], variant_ids: Sequence[VariantId]
) -> st.SearchStrategy[EditProducts]:
    """Commands about these products and variants, of which some need not exist."""
    products = st.builds(
        ProductEdit,
        product_id=st.sampled_from(product_ids),
        to=_product_values,
        tags_added=_tags,
        tags_removed=_tags,
        expected=st.none() | _product_values,
    )
    variants = st.builds(
        VariantEdit,
        variant_id=st.sampled_from(variant_ids),
        to=_variant_values,
        expected=st.none() | _variant_values,
    )
    return st.builds(
        EditProducts,
        products=st.lists(products, max_size=6).map(tuple),
        variants=st.lists(variants, max_size=6).map(tuple),
    )
