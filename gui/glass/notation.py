"""Notation: how equations are written on the screen."""

import re

_LOWERED = str.maketrans("0123456789,ijnu", "₀₁₂₃₄₅₆₇₈₉,ᵢⱼₙᵤ")

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def pretty(text: str) -> str:
    """Lower what follows an underscore: `K_21` becomes K₂₁, `K_10,3` K₁₀,₃."""
    return re.sub(r"_([0-9ijnu]+(?:,[0-9ijnu]+)*)", lambda m: m[1].translate(_LOWERED), text)
