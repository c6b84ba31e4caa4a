"""HTML and SVG as trees of elements, so that no text can be taken for markup."""

import base64
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
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
