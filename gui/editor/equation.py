"""How the equation of a block is written with small letters below and above the line."""

import html
import re


def equation_html(equation: str) -> str:
    """Turn the `_ij` of an equation into a subscript, and its `^x` into a superscript."""
    text = re.sub(r"\^(\w)", r"<sup>\1</sup>", html.escape(equation))
    return re.sub(r"_(\w+)", r"<sub>\1</sub>", text)
