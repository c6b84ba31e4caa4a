"""How equations are written on the screen: their indices and powers as small letters."""

import html
import re

_LOWERED = str.maketrans("0123456789,ijnu", "₀₁₂₃₄₅₆₇₈₉,ᵢⱼₙᵤ")

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def pretty(text: str) -> str:
    """Lower what follows an underscore: `K_21` becomes K₂₁, `K_10,3` K₁₀,₃."""
    return re.sub(r"_([0-9ijnu]+(?:,[0-9ijnu]+)*)", lambda m: m[1].translate(_LOWERED), text)


_PARTS = re.compile(r"_(\w+(?:,\w+)*)|\^(\w)|(?<![A-Za-z&])([A-Za-z])(?![A-Za-z;])")


def equation_html(equation: str) -> str:
    """Typeset an equation: letters in italics, `_ij` as a subscript, `^x` as a superscript."""

    def typeset(found: re.Match[str]) -> str:
        below, above, letter = found.groups()
        if letter:
            return f"<i>{letter}</i>"
        return f"<sub><i>{below}</i></sub>" if below else f"<sup>{above}</sup>"

    return _PARTS.sub(typeset, html.escape(equation))
