"""HTML and SVG as trees of elements, so that no text can be taken for markup."""

import base64
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Iterable, Sequence
from xml.etree.ElementTree import Element

from engine.text.letters import printable_lines

Node = Element | str


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
