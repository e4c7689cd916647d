"""Words that name the products of a big shop, chosen by number: every run has the same ones."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

LOOKS = (
    "Amber Antique Arched Autumn Banded Bevelled Bold Braided Breton Bright Brushed Carved Checked "
    "Chunky Classic Coastal Compact Crinkled Curved Cosy Deep Delicate Diamond Dotted Double "
    "Embossed Everyday Faceted Fine Fluted Folding Fringed Garden Glazed Hammered Handmade "
    "Heritage Herringbone Honeycomb Insulated Knotted Layered Light Marbled Matte Meadow Mini "
    "Mottled Nordic Oversized Padded Patterned Pleated Polished Quilted Raised Reversible Ribbed "
    "Rustic Scalloped Slim Soft Speckled Stacking Striped Tall Textured Tiered Travel Twisted "
    "Upright Velvet Vintage Washed Waxed Weathered Wide Winter Woven"
).split()
STUFFS = (
    "Acacia Alpaca Aluminium Ash Bamboo Beech Birch Brass Canvas Cashmere Ceramic Cherry Copper "
    "Cork Cotton Denim Enamel Felt Flax Glass Granite Hemp Iron Jute Leather Linen Maple Marble "
    "Merino Mohair Oak Olive Paper Pine Porcelain Rattan Seagrass Silk Slate Steel Stone Suede "
    "Terracotta Walnut Willow Wool"
).split()
THINGS = (
    "Apron Armchair Bag Basin Basket Beanie Belt Bench Blanket Blind Board Bookend Bottle Bowl Box "
    "Bracelet Brush Bucket Cabinet Candle Cardigan Carafe Chair Clock Coaster Colander Cushion "
    "Dish Doormat Drawer Dress Duvet Earrings Easel Frame Glove Hammock Hanger Hook Jacket Jar Jug "
    "Kettle Knife Ladle Lamp Lantern Mirror Mitten Mug Napkin Necklace Notebook Ottoman Pan Pillow "
    "Pitcher Planter Plate Platter Pot Pouf Quilt Rack Ring Rug Runner Satchel Saucepan Scarf "
    "Shelf Shirt Skillet Slipper Sofa Spoon Stool Sweater Table Tankard Teapot Throw Tile Towel "
    "Tray Trivet Trousers Tumbler Umbrella Vase Wallet Watch Wreath"
).split()
MAKERS = tuple(
    f"{first} {second}"
    for first in "Alder Birk Carrow Dunmore Elm Fenwick Gale Harrow Inch Kestrel Lark Moor".split()
    for second in "Atelier Brothers Crafts Daughters Goods House Makers Studio Works Yard".split()
)
COLOURS = "Ivory Slate Moss Rust Navy Sand Plum Sage Ochre Ink Blush Teal Chalk Fig".split()
SIZES = ("S", "M", "L", "XL")

_NAMES = len(LOOKS) * len(STUFFS) * len(THINGS)
# A prime that divides none of the lists' lengths: stepping by it meets each name once.
_STEP = 48_271


def words_of(number: int) -> tuple[str, str, str]:
    """Look, stuff and thing of a product; no two of the first 300,000 have the same three."""
    place = number * _STEP % _NAMES
    place, thing = divmod(place, len(THINGS))
    look, stuff = divmod(place, len(STUFFS))
    return LOOKS[look], STUFFS[stuff], THINGS[thing]


def chosen(among: Sequence[T], *reasons: object) -> T:
    """One of several, by hash: it looks like chance and is the same in every run."""
    return among[number_of(*reasons) % len(among)]


def number_of(*reasons: object) -> int:
    """A number of 64 bits out of its reasons."""
    text = "/".join(map(str, reasons)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def ean13(number: int) -> str:
    """A valid EAN-13 that no other number below 10,000,000,000 has."""
    digits = f"40{number * 7919 % 10**10:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def typed_words(count: int) -> list[str]:
    """What people type to find products: words of names, beginnings of them, two together."""
    texts: list[str] = []
    for turn in range(count):
        look, stuff, thing = words_of(number_of("typed", turn) % 100_000)
        texts.append(
            (
                thing.lower(),
                f"{stuff.lower()} {thing.lower()}",
                look.lower()[:4],
                f"{look.lower()} {thing.lower()[:3]}",
            )[turn % 4]
        )
    return texts
