"""How numbers are written: `tests/said/numbers.txt` has each way with its values."""

import html
import re
from collections.abc import Callable
from functools import partial

from gui.widgets.number_words import (
    brief,
    epoch,
    equation_html,
    infinite,
    output_text,
    percent,
    short,
    tight,
)
from tests.approved import assert_approved

NAN, INFINITE = float("nan"), float("inf")
FOUR_DIGITS = (
    *(0.0, 1.0, 0.0123, 12.3456, 1234.5, 123456.0, 0.99996, -2.5, 7.6123e-4, 7.6123e-5),
    *(-1.2e-5, 3.0e9, NAN, INFINITE),
)
WAYS: dict[str, tuple[Callable[[float], str], tuple[float, ...]]] = {
    "short": (short, FOUR_DIGITS),
    "short, 3 digits": (partial(short, digits=3), (0.98765, 12345)),
    "brief": (brief, (0.0, 0.25, -0.0123, 6.7e-4, -1.23e-10, 12345.0, 1e100, NAN)),
    "percent": (percent, (1.0, 0.995, 0.9999, 0.0, 0.29, NAN)),
    "output": (output_text, (0.994, 7.0, -1.0, INFINITE, NAN)),
    "tight, 2 decimals": (
        partial(tight, decimals=2),
        (0.0, -0.0, 0.004, -0.004, 0.006, -0.09, 1.254),
    ),
    "infinite": (infinite, (NAN, INFINITE, -INFINITE, 0.0, 1e300)),
    "epoch": (epoch, (0.0, 2.349, 1234.0)),
}


def test_numbers_are_written_as_people_read_them() -> None:
    lines = []
    for name, (write, values) in WAYS.items():
        lines += [f"{name}:", *(f"  {value!r} is “{write(value)}”" for value in values)]
    assert_approved("numbers.txt", "\n".join(lines) + "\n")


def test_an_equation_is_read_as_it_was_written() -> None:
    written = "∂E/∂x = ∂E/∂y · f'(x);  f'(x) = 1 if x > 0 & \"on\", else a < 0"
    seen = re.sub("<[^>]*>", "", equation_html(written))
    assert html.unescape(seen) == written
    assert equation_html("f'(x)") == "<i>f</i>'(<i>x</i>)"
