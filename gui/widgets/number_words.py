"""How numbers are written for people: few digits, thousands separated, a real minus sign."""

import html
import math
import re

_LOWERED = str.maketrans("0123456789,ijnu", "₀₁₂₃₄₅₆₇₈₉,ᵢⱼₙᵤ")
_PARTS = re.compile(r"_(\w+(?:,\w+)*)|\^(\w)|(?<![A-Za-z&])([A-Za-z])(?![A-Za-z;])")
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

_UNITS = ("B", "kB", "MB", "GB", "TB")


def pretty(text: str) -> str:
    """Lower what follows an underscore: `K_21` becomes K₂₁, `K_10,3` K₁₀,₃."""
    return re.sub(r"_([0-9ijnu]+(?:,[0-9ijnu]+)*)", lambda m: m[1].translate(_LOWERED), text)


def equation_html(equation: str) -> str:
    """Typeset an equation: letters in italics, `_ij` as a subscript, `^x` as a superscript."""

    def typeset(found: re.Match[str]) -> str:
        below, above, letter = found.groups()
        if letter:
            return f"<i>{letter}</i>"
        return f"<sub><i>{below}</i></sub>" if below else f"<sup>{above}</sup>"

    return _PARTS.sub(typeset, html.escape(equation, quote=False))


def short(value: float, digits: int = 4) -> str:
    """Write a number with so many significant digits: `0.01230`, `1,234`, `−1.2e-5`."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    exponent = int(power)
    if -4 <= exponent < 7:
        decimals = digits - 1 - exponent
        text = f"{round(value, decimals):,.{max(0, decimals)}f}"
    else:
        text = f"{mantissa.rstrip('0').rstrip('.')}e{exponent}"
    return text.replace("-", "−")


def brief(value: float) -> str:
    """Write a value with two digits; a small or large one with its power of ten: `6.7e−4`."""
    if value == 0 or 0.01 <= abs(value) < 10_000 or not math.isfinite(value):
        return short(value, 2)
    mantissa, power = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(power)}".replace("-", "−")


def tight(value: float, decimals: int) -> str:
    """Write a number with so many decimals, without the zero in front: `−.09`, `1.25`.

    Only zero is `0`: what rounds to it has its decimals, `.00`.
    """
    if not value:
        return "0"
    text = f"{value:z.{decimals}f}"
    return (text.replace("0.", ".", 1) if abs(float(text)) < 1 else text).replace("-", "−")


def infinite(value: float) -> str:
    """Write a value that is no finite number in brief: `NaN`, `∞`, `−∞`; else give nothing."""
    if math.isnan(value):
        return "NaN"
    return ("∞" if value > 0 else "−∞") if math.isinf(value) else ""


def percent(share: float) -> str:
    """Write a share of one in percent with one decimal; 100 only if it is exactly that.

    An accuracy, which runs are compared by, has two: `engine.text.words.percent`.
    """
    if not math.isfinite(share):
        return "not finite"
    if share >= 1:
        return "100 %"
    return f"{min(100 * share, 99.9):.1f} %"


def output_text(output: float) -> str:
    """Write an output of the network as it is: `0.56`. It need not be a probability."""
    return infinite(output) or f"{output:,.2f}".replace("-", "−")


def epoch(position: float) -> str:
    """Write a time in epochs: `epoch 2`, `epoch 2.35`."""
    return f"epoch {position:,.0f}" if position == round(position) else f"epoch {position:,.2f}"


def bytes_text(size: float) -> str:
    """Write a number of bytes with three digits at most: `13.7 kB`."""
    unit = 0
    while size >= 999.5 and unit + 1 < len(_UNITS):
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"
