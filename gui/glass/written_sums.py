"""Sums in a line of text: their numbers are rounded so that they add up as they are written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.explain.convolution import Step, Term
from engine.explain.indices import Index
from gui.widgets.cell_numbers import rounded_summands
from gui.widgets.number_words import RAISED, pretty, short

_DIGITS = 4  # of the largest number in a table
_USUAL = range(-3, 6)  # powers of ten of the largest that are written out
_MOST_NAMED = 3  # terms beside that in front that are written one by one


@dataclass(frozen=True)
class Summand:
    """A number of a written sum: its absolute value in text, with what it is of.

    `cell` is the place of a product under the window.
    """

    value: float
    text: str
    name: str = ""
    cell: Index | None = None

    @property
    def sign(self) -> str:
        """The sign that goes before it."""
        return "−" if self.text.startswith("−") else "+"

    @property
    def words(self) -> str:
        """The number without its sign, and what it is of."""
        return f"{self.text.removeprefix('−')} {self.name}".rstrip()


@dataclass(frozen=True)
class CellSum:
    """How a finished cell comes about, in numbers that add up as they are written."""

    summands: tuple[Summand, ...]
    total: str
    exponent: int

    @property
    def words(self) -> str:
        """The whole sum in a line: `0.79 − 0.08 − 0.01 bias = 0.70`."""
        line = " ".join(f"{each.sign} {each.words}" for each in self.summands)
        factor = power_of_ten(self.exponent)
        line = f"({line.removeprefix('+ ')}){factor}" if factor else line.removeprefix("+ ")
        return f"{line} = {self.total}{factor}"


def sum_of(step: Step, front: int, *, whole: bool) -> CellSum:
    """Write the products of a term, one by one or, not `whole`, by their signs; the other terms.

    The numbers have two decimals, or so many that the largest product has two digits.
    """
    term, others = step.terms[front], [t for n, t in enumerate(step.terms) if n != front]
    products = term.products
    parts: list[tuple[float, str, Index | None]] = []
    if whole:
        parts += [(float(products[cell]), "", cell) for cell in np.ndindex(products.shape)]
    else:
        for chosen in (products > 0, products < 0):
            count = np.count_nonzero(chosen)
            cells = f"from {count:,} cell{'' if count == 1 else 's'}"
            parts += [(float(products[chosen].sum()), cells, None)] if count else []
        parts = parts or [(float(products.sum()), "", None)]
    if len(others) <= _MOST_NAMED:
        parts += [(each.total, each.channel or pretty(each.sheet.name), None) for each in others]
    else:
        parts.append((sum(t.total for t in others), f"from {len(others)} other maps", None))
    if step.bias is not None:
        parts.append((step.bias, "bias", None))
    values = [value for value, _, _ in parts]
    shown = [value for value, _, cell in parts if cell is not None] or values
    decimals = min(max(2, 1 - _power(shown)), 4)
    power = _power(values)
    digits = decimals + 1 + power if power in _USUAL else 3
    texts, exponent = written_numbers(values, max(2, digits))
    summands = (Summand(part[0], text, *part[1:]) for part, text in zip(parts, texts, strict=True))
    return CellSum(tuple(summands), written_total(texts), exponent)


def all_of(step: Step) -> str:
    """Write every term on a line of its own, with the sum up to it."""
    lines = [short(step.value, 7)]
    lines += [] if step.bias is None else [f"bias {short(step.bias, 6)}"]
    running = step.running if step.bias is None else step.running[1:]
    for term, so_far in zip(step.terms, running, strict=True):
        lines.append(f"{name_of(term)} = {short(term.total, 6)}, so far {short(so_far, 6)}")
    return "\n".join(lines)


def name_of(term: Term) -> str:
    """Write a term as its equation does, and the colour of its channel if that is one.

    That a convolution is full, the equation says.
    """
    return f"{pretty(term.text.removesuffix(' (full)'))} {term.channel}".rstrip()


def brief_name(term: Term) -> str:
    """Write a term, of a colour of the image only its map and that."""
    return f"{pretty(term.sheet.name)} {term.channel}" if term.channel else name_of(term)


def power_of_ten(exponent: int) -> str:
    """Write the factor that numbers leave out; empty if there is none."""
    return f" ·10{str(exponent).translate(RAISED)}" if exponent else ""


def written_numbers(values: Sequence[float], digits: int = _DIGITS) -> tuple[list[str], int]:
    """Write numbers so that they add up to their rounded sum, and the power of ten left out.

    The largest has so many significant digits.
    """
    if not all(map(math.isfinite, values)):
        return [short(value) for value in values], 0
    power = _power(values)
    exponent = 0 if power in _USUAL else power
    decimals = max(0, digits - 1 - power + exponent)
    rounded = rounded_summands(np.array(values) / 10.0**exponent, decimals)
    pairs = zip(rounded.tolist(), values, strict=True)
    return [_text(value, decimals, exact=not whole) for value, whole in pairs], exponent


def written_total(texts: Sequence[str]) -> str:
    """Add up written numbers, with the decimals that they have."""
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    plain = str.maketrans("−", "-", ",")
    total = sum(float(text.replace("not finite", "nan").translate(plain)) for text in texts)
    return _text(round(total, decimals), decimals, exact=all(text == "0" for text in texts))


def _power(values: Sequence[float]) -> int:
    """Return the power of ten of the largest of some numbers."""
    largest = max(map(abs, values), default=0.0)
    return math.floor(math.log10(largest)) if largest and math.isfinite(largest) else 0


def _text(value: float, decimals: int, *, exact: bool) -> str:
    """Write a rounded number; only what is exactly zero is `0`, all else has its decimals."""
    if not math.isfinite(value):
        return short(value)
    return "0" if exact and not value else f"{value or 0.0:,.{decimals}f}".replace("-", "−")
