"""Code 128 as bars: the symbology that every hand scanner reads, in its set B."""

from shared.kernel.errors import Bug

_START_B, _STOP = 104, 106
_FIRST, _LAST = 32, 126
_MODULUS = 103
# Widths of bar, space, bar, space, bar, space for the values 0 to 105, then the stop sign.
_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112"
).split()


def bar_widths(text: str) -> tuple[int, ...]:
    """Widths in modules, a bar first, then space and bar in turn.

    The quiet zones of ten modules on either side are not part of it. Raises Bug for signs beyond
    printable ASCII.
    """
    if not text or not all(_FIRST <= ord(sign) <= _LAST for sign in text):
        message = f"Code 128 set B cannot say {text!r}"
        raise Bug(message)
    values = [ord(sign) - _FIRST for sign in text]
    check = (_START_B + sum(at * value for at, value in enumerate(values, 1))) % _MODULUS
    signs = (_START_B, *values, check, _STOP)
    return tuple(int(width) for sign in signs for width in _WIDTHS[sign])
