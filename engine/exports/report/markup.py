"""HTML and SVG as trees of elements, so that no text can be taken for markup."""

import base64
import io
import json
import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.text.letters import printable_lines

# The ends of the colours that the window has for what has a sign.
_RED, _BLUE = np.array([192, 2, 6], np.uint8), np.array([33, 81, 219], np.uint8)
_GAP = 1  # px between kernels
_ROWS, _COLUMNS = 32, 32  # kernels that a picture shows at most
Node = Element | str


def sample_picture(image: NDArray[np.uint8]) -> bytes:
    """Draw an image (channels, height, width)."""
    return _png(image[0] if len(image) == 1 else np.moveaxis(image, 0, -1))


def kernels_picture(kernels: Array) -> tuple[bytes, int, int]:
    """Draw kernels (maps, channels, k, k), a px for each weight; return the picture and its size.

    There is a row for each map and a column for each channel, or many maps in a row where there is
    one channel. At most 32 rows and columns are drawn.
    """
    tiles = shown_kernels(kernels)
    rows, columns, k = tiles.shape[:3]
    shape = rows * (k + _GAP) - _GAP, columns * (k + _GAP) - _GAP
    colours = np.zeros((*shape, 4), np.uint8)
    largest = float(np.abs(kernels).max()) or 1.0
    strength = np.nan_to_num(np.abs(tiles) / largest)
    signs = np.where(tiles[..., np.newaxis] < 0, _BLUE, _RED)
    alpha = np.clip(255 * strength, 0, 255).round().astype(np.uint8)
    drawn = np.concatenate([signs, alpha[..., np.newaxis]], axis=-1)
    for row in range(rows):
        for column in range(columns):
            top, left = row * (k + _GAP), column * (k + _GAP)
            colours[top : top + k, left : left + k] = drawn[row, column]
    return _png(colours), shape[1], shape[0]


def shown_kernels(kernels: Array) -> Array:
    """Return the kernels that are drawn, as (rows, columns, k, k); NaN where there is none."""
    maps, channels, k, _ = kernels.shape
    if channels > 1:
        return kernels[:_ROWS, :_COLUMNS]
    columns = min(_COLUMNS // 2, maps)
    rows = min(_ROWS, math.ceil(maps / columns))
    tiles = np.full((rows * columns, k, k), np.nan)
    count = min(maps, rows * columns)
    tiles[:count] = kernels[:count, 0]
    return tiles.reshape(rows, columns, k, k)


def _png(pixels: NDArray[Any]) -> bytes:
    from PIL import Image  # takes 20 ms

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def tag(name: str, /, *content: Node, **attributes: object) -> Element:
    """Make an element; in the names of attributes a `_` stands for `-`, at the end for nothing."""
    made = Element(name)
    for key, value in attributes.items():
        text = f"{value:g}" if isinstance(value, float) else str(value)
        made.set(key.rstrip("_").replace("_", "-"), printable_lines(text))
    return extend(made, content)


def extend(parent: Element, content: Iterable[Node]) -> Element:
    """Put elements and texts into an element, behind what it holds already."""
    for node in content:
        if isinstance(node, Element):
            parent.append(node)
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + printable_lines(node)
        else:
            parent.text = (parent.text or "") + printable_lines(node)
    return parent


def data_uri(png: bytes) -> str:
    """Write a picture so that it can stand in the page itself."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def json_script(identifier: str, values: object) -> Element:
    """Make an element of values for programs, which nothing runs and nobody sees."""
    text = json.dumps(values, allow_nan=False).replace("<", "\\u003c")
    return tag("script", text, type="application/json", id=identifier)


def document(root: Element) -> bytes:
    """Write a page whole."""
    text = ElementTree.tostring(root, encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{text}\n".encode("utf-8", "replace")


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[Node]],
    *,
    numbers: Collection[int] = (),
    row_head: int = 0,
) -> Element:
    """Make a table; the columns of `numbers` are aligned to the right, `row_head` names a row."""
    kinds = ["number" if column in numbers else "text" for column in range(len(heads))]
    head = tag("tr", *(_head(text, kind, "col") for text, kind in zip(heads, kinds, strict=True)))
    body = tag("tbody")
    for row in rows:
        cells = tag("tr")
        for column, (content, kind) in enumerate(zip(row, kinds, strict=True)):
            if column == row_head:
                cells.append(_head(content, kind, "row"))
            else:
                cells.append(tag("td", content, class_=kind))
        body.append(cells)
    return tag("div", tag("table", tag("thead", head), body), class_="wide")


def pairs(listed: Sequence[tuple[str, Node]]) -> Element:
    """List names and values."""
    return tag(
        "dl",
        *(tag("div", tag("dt", name), tag("dd", value)) for name, value in listed),
        class_="pairs",
    )


def details(summary: str, content: Sequence[Node], *, unfolded: bool) -> Element:
    """Make a part that can be folded; one that is folded is not printed."""
    made = extend(tag("details", tag("summary", summary)), content)
    if unfolded:
        made.set("open", "open")
    return made


def _head(content: Node, kind: str, scope: str) -> Element:
    return tag("th", content, class_=kind, scope=scope)
