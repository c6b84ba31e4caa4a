"""Ranges that axes show, and the round values that are marked on them, with their texts."""

import math

from gui.widgets.number_words import short

Range = tuple[float, float]
Ticks = list[tuple[float, str]]
_PADDING = 0.04  # of the range, so that no curve runs along the frame
_STEPS = (1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9, 10)
_BRIEF = 1e5  # from here on texts of ticks are written with powers of ten
_SURE = 5  # steps in a range: with a step rounded up to 1, 2 or 5, two ticks are inside


def linear(low: float, high: float) -> Range:
    """Show both ends with some room beyond."""
    high = high if high > low else low + 1.0
    room = _PADDING * (high - low)
    return low - room, high + room


def growing(low: float, high: float) -> Range:
    """Round the end up, so that the range stays while the values grow a bit."""
    if not high > low:
        return linear(low, low + 1.0)
    power = 10.0 ** math.floor(math.log10(high - low))
    width = next(step * power for step in _STEPS if step * power * (1 + 1e-9) >= high - low)
    return linear(low, low + width)


def logarithmic(low: float, high: float) -> Range:
    """Show both ends, rounded to a tenth of a decade outwards."""
    first, last = math.floor(10 * math.log10(low)), math.ceil(10 * math.log10(high))
    last = max(last, first + 3)  # at least a factor of two
    room = _PADDING * (last - first)
    return 10.0 ** ((first - room) / 10), 10.0 ** ((last + room) / 10)


def linear_ticks(low: float, high: float, most: int) -> Ticks:
    """Mark multiples of 1, 2 or 5 times a power of ten, about `most` at most."""
    least = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(least))
    step = next((factor * power for factor in (1, 2, 5) if factor * power >= least), 10 * power)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step), math.floor(high / step)
    values = [number * step for number in range(first, last + 1)]
    if decimals > 4 or any(abs(value) >= _BRIEF for value in values):
        return [(value, _brief(value, step)) for value in values]
    return [(value, f"{value:,.{decimals}f}".replace("-", "−")) for value in values]


def log_ticks(low: float, high: float, most: int) -> Ticks:
    """Mark powers of ten, not all where many; where few, 2 and 5 times them too.

    Where these are fewer than two, the range is marked as a linear one.
    """
    decades = math.log10(high / low)
    few = 3 * decades <= most + 2
    every = 0 if few else math.ceil(decades / max(1, most))
    for apart in range(every, 0, -1):
        found = _powers(low, high, apart, (1,))
        if len(found) > 1:
            return found
    found = _powers(low, high, 1, (1, 2, 5))
    count = min(most, _SURE)
    while len(found) < 2 and count <= _SURE:
        found, count = linear_ticks(low, high, count), count + 1
    return found


def _powers(low: float, high: float, every: int, factors: tuple[int, ...]) -> Ticks:
    """Mark powers of ten whose exponents are multiples of `every`, times some factors."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    values = [
        float(f"{factor}e{power}")
        for power in range(first, last + 1)
        if power % every == 0
        for factor in factors
    ]
    return [
        (value, short(value, 1) if value < _BRIEF else _brief(value, value))
        for value in values
        if low <= value <= high
    ]


def _brief(value: float, step: float) -> str:
    """Write a multiple of a step with a power of ten, no longer than it must be: `1.5e6`."""
    if value == 0:
        return "0"
    digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(step) + 1e-9)
    mantissa, power = f"{value:.{max(0, digits)}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return (mantissa if int(power) == 0 else f"{mantissa}e{int(power)}").replace("-", "−")
