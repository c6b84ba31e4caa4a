"""How equations are written on the screen: their indices and powers as small letters."""

import html
import re

_LOWERED = str.maketrans("0123456789,ijnu", "₀₁₂₃₄₅₆₇₈₉,ᵢⱼₙᵤ")

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def pretty(text: str) -> str:
    """Lower what follows an underscore: `K_21` becomes K₂₁, `K_10,3` K₁₀,₃."""
    return re.sub(r"_([0-9ijnu]+(?:,[0-9ijnu]+)*)", lambda m: m[1].translate(_LOWERED), text)


def equation_html(equation: str) -> str:
    """Turn the `_ij` of an equation into a subscript, and its `^x` into a superscript."""
    text = re.sub(r"\^(\w)", r"<sup>\1</sup>", html.escape(equation))
    return re.sub(r"_(\w+)", r"<sub>\1</sub>", text)
