"""Sums in a line of text: their numbers are rounded so that they add up as they are written."""

import math
from collections.abc import Sequence

import numpy as np

from gui.widgets.cell_numbers import rounded_summands
from gui.widgets.equation_text import RAISED
from gui.widgets.number_words import short

_DIGITS, _SUM_DIGITS = 4, 7  # of the largest number in a table, and in a line
_USUAL = range(-3, 6)  # powers of ten of the largest that are written out


def written_numbers(values: Sequence[float], digits: int = _DIGITS) -> tuple[list[str], int]:
    """Write numbers so that they add up to their rounded sum, and the power of ten left out.

    The largest has so many significant digits.
    """
    if not all(map(math.isfinite, values)):
        return [short(value) for value in values], 0
    largest = max(map(abs, values), default=0.0)
    power = math.floor(math.log10(largest)) if largest else 0
    exponent = 0 if power in _USUAL else power
    decimals = max(0, digits - 1 - power + exponent)
    rounded = rounded_summands(np.array(values) / 10.0**exponent, decimals)
    pairs = zip(rounded.tolist(), values, strict=True)
    return [_text(value, decimals, exact=not whole) for value, whole in pairs], exponent


def written_sum(values: Sequence[float], left_out: int = 0, names: Sequence[str] = ()) -> str:
    """Write a sum with a sign between its numbers: `0.1250 − 0.3000 + 0.0417`.

    With `left_out`, the last number but one stands for so many. With `names`, each number has one
    behind it: `0.1250 red − 0.3000 green + 0.0417 blue`.
    """
    texts, exponent = written_numbers(values, _SUM_DIGITS)
    if names:
        texts = [f"{text} {name}".rstrip() for text, name in zip(texts, names, strict=True)]
    if left_out:
        texts[-2] = f"({left_out} more: {texts[-2]})"
    written = " + ".join(texts).replace("+ −", "− ")
    if not exponent:
        return written
    factor = f" · 10{str(exponent).translate(RAISED)}"
    return (f"({written})" if len(texts) > 1 else written) + factor


def running_sums(texts: Sequence[str]) -> list[str]:
    """Add up written numbers, with the decimals that they have."""
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    total, exact, found = 0.0, True, []
    for text in texts:
        number = text.replace("−", "-").replace(",", "").replace("not finite", "nan")
        total += float(number.replace("≈", ""))
        exact = exact and text == "0"
        found.append(_text(round(total, decimals), decimals, exact=exact))
    return found


def _text(value: float, decimals: int, *, exact: bool) -> str:
    """Write a rounded number; only what is exactly zero is `0`, as in the cells of a grid."""
    if not math.isfinite(value):
        return short(value)
    if value:
        return f"{value:,.{decimals}f}".replace("-", "−")
    return "0" if exact else "≈0"
