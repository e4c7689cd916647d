"""The words of paper: the language and time of whom it is for, whatever the staff reads."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import dates, numbers

from desktop.ui import i18n


class PaperWords:
    """Texts and figures in one language, as `shared.pos.layout` asks for them."""

    def __init__(self, language: str, timezone: str) -> None:
        """English stands in for a language that there are no texts of."""
        self._language = i18n.load(language if language in i18n.LANGUAGES else "en")
        self._zone = ZoneInfo(timezone)

    @property
    def language(self) -> i18n.Language:
        """The language with its direction."""
        return self._language

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

    def day(self, at: datetime) -> str:
        """A day in the zone of the paper."""
        local: date = at.astimezone(self._zone).date()
        return dates.format_date(local, locale=self._language.locale)
