"""What the till asks: what sells best."""

from datetime import timedelta

from shared.kernel.clock import business_day
from shared.pos.queries import best_sellers
from shared.storage.reader import Reader
from tests.shared.pos.sales import sale
from tests.support.shop import Shop, empty_sqlite, sale_line


def test_best_sellers_stay_where_they_are_until_the_day_is_over() -> None:
    shop = Shop(empty_sqlite())
    tea, mug = shop.product("Tea"), shop.product("Mug")
    shift_id = shop.open_shift()
    first_day = business_day(shop.clock.now(), "Europe/Berlin")
    next_day = first_day + timedelta(days=1)
    reader = Reader(shop.connection)

    for variant_id in (mug, tea, mug):
        shop.do(sale(shift_id, sale_line(variant_id)))

    assert best_sellers(reader, first_day, first_day) == ()
    assert best_sellers(reader, first_day, next_day) == (mug, tea)
    assert best_sellers(reader, next_day, next_day + timedelta(days=1)) == ()
