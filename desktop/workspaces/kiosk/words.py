"""The words of paper: always the store's language and time, whatever the cashier reads."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import dates, numbers

from desktop.ui import i18n
from shared.organization.tables import StoreRow


class PaperWords:
    """Texts and figures as `shared.pos.layout` asks for them."""

    def __init__(self, store: StoreRow) -> None:
        code = store.language if store.language in i18n.LANGUAGES else "en"
        self._language = i18n.load(code)
        self._zone = ZoneInfo(store.timezone)

    def text(self, key: str, **params: str | int) -> str:
        """The text of a key."""
        return self._language.texts[key].format_map(params)

    def money(self, amount: int, currency: str) -> str:
        """An amount of minor units with its currency."""
        digits = i18n.minor_digits(currency)
        return numbers.format_currency(
            Decimal(amount).scaleb(-digits), currency, locale=self._language.locale
        )

    def quantity(self, qty: int, exponent: int) -> str:
        """A quantity of 10**-exponent units."""
        return numbers.format_decimal(Decimal(qty).scaleb(-exponent), locale=self._language.locale)

    def percent(self, ppm: int) -> str:
        """A rate in parts per million."""
        return numbers.format_percent(
            Decimal(ppm).scaleb(-6),
            format="#,##0.####%",
            locale=self._language.locale,
            decimal_quantization=False,
        )

    def moment(self, at: datetime) -> str:
        """A date and time in the store's zone."""
        return dates.format_datetime(
            at.astimezone(self._zone), format="short", locale=self._language.locale
        )
