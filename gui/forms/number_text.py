"""How the lists and the numbers of a form are written and read."""

import math
import re
from itertools import pairwise

from engine.array_types import format_shape

_SEPARATORS = re.compile(r"[\s,;xX×*]+")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_RANGE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_MOST = 1000


def parse_numbers(text: str) -> tuple[int, ...]:
    """Read whole numbers: `5x26x26`, `0, 1`, `-1`, and ranges such as `0-9`.

    Raises ValueError if the text is anything else.
    """
    plain = text.replace("−", "-").replace("–", "-").strip()
    plain = re.sub(r"(?<=[0-9])\s+-\s+(?=[0-9])", "-", plain)
    numbers: list[int] = []
    for word in _SEPARATORS.split(plain.strip(" ,;")):
        if span := _RANGE.fullmatch(word):
            first, last = int(span[1]), int(span[2])
            if last < first or last - first >= _MOST:
                raise ValueError(f"not a range: {word!r}")
            numbers.extend(range(first, last + 1))
        elif _NUMBER.fullmatch(word):
            numbers.append(int(word))
        else:
            raise ValueError(f"not a whole number: {word!r}")
    return tuple(numbers)


def format_numbers(numbers: tuple[int, ...], *, shape: bool) -> str:
    """Write whole numbers so that parse_numbers reads them: `5×26×26`, or `0, 1` or `0-9`."""
    if shape:
        return format_shape(numbers)
    if len(numbers) > 2 and all(b - a == 1 for a, b in pairwise(numbers)) and numbers[0] >= 0:
        return f"{numbers[0]}-{numbers[-1]}"
    return ", ".join(map(str, numbers))


def parse_number(text: str) -> float:
    """Read a number with a point or a comma.

    Raises ValueError if the text is anything else, or not finite.
    """
    number = float(text.replace(",", ".").replace("−", "-"))
    if not math.isfinite(number) or "_" in text:
        raise ValueError(f"not a number: {text!r}")
    return number


def format_number(number: float) -> str:
    """Write a number with the digits that it needs: `3`, `0.001`, `1e-8`."""
    text = f"{number:.10g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def next_step(number: float, up: bool) -> float:
    """Return the next of ..., 0.1, 0.2, 0.5, 1, 2, 5, ... above or below a positive number."""
    power = 10.0 ** math.floor(math.log10(number))
    rungs = [mantissa * power for mantissa in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)]
    slack = 1e-9 * number
    if up:
        step = next(rung for rung in rungs if rung > number + slack)
    else:
        step = next(rung for rung in reversed(rungs) if rung < number - slack)
    return float(f"{step:.3g}")
