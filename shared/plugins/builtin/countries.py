"""Country names in files become ISO 3166 codes."""

from functools import cache

from babel import Locale

_ALIASES = {
    "eire": "IE",
    "england": "GB",
    "great britain": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "uk": "GB",
    "u.k.": "GB",
    "holland": "NL",
    "the netherlands": "NL",
    "usa": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "uae": "AE",
    "rsa": "ZA",
    "czech republic": "CZ",
    "korea": "KR",
    "republic of korea": "KR",
    "hong kong": "HK",
    "macau": "MO",
    "macedonia": "MK",
    "turkey": "TR",
    "russian federation": "RU",
    "burma": "MM",
    "swaziland": "SZ",
    "cape verde": "CV",
    "ivory coast": "CI",
    "vatican": "VA",
}
_LANGUAGES = ("ar", "de", "en")


def country_code(name: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country's code or English, German or Arabic name.

    None where there is no single one ("Channel Islands", "Unspecified").
    """
    return _codes().get(name.strip().casefold())


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            # Three digits are regions; these letters are no countries (European Union and such).
            if code.isalpha() and code not in {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}:
                codes[name.casefold()] = code
                codes[code.casefold()] = code
    return codes | _ALIASES
