"""What readers of SVG files need beyond what Qt writes: true widths of lines, sharp pixels."""

import re
import xml.etree.ElementTree as ElementTree
from functools import partial

from PySide6.QtCore import QPointF
from PySide6.QtGui import QTransform

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_MATRIX = re.compile(r"matrix\((.*)\)")
_PAIR = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?),(-?[\d.]+(?:e[-+]?\d+)?)")


def for_any_reader(svg: bytes) -> bytes:
    """Give lines that are not to be scaled the coordinates of the picture, and pixels edges.

    Qt leaves it to the reader of the file not to scale widths, and not every reader can; and what
    is a picture of values, one px each, would be blurred.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(svg)
    for group in root.iter(f"{{{_SVG}}}g"):
        found = _MATRIX.fullmatch(group.get("transform", ""))
        if found is None:
            continue
        a, b, c, d, e, f = (float(number) for number in found.group(1).split(","))
        transform = QTransform(a, b, c, d, e, f)
        back, can_invert = transform.inverted()
        for element in group:
            if element.get("vector-effect") == "non-scaling-stroke" and can_invert:
                for name in ("d", "points"):
                    if name in element.attrib:
                        element.set(
                            name, _PAIR.sub(partial(_moved, transform), element.attrib[name])
                        )
                element.set("transform", _written(back))
    for image in root.iter(f"{{{_SVG}}}image"):
        image.set("style", "image-rendering: pixelated")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _moved(transform: QTransform, pair: re.Match[str]) -> str:
    place = transform.map(QPointF(float(pair.group(1)), float(pair.group(2))))
    return f"{place.x():.6g},{place.y():.6g}"


def _written(transform: QTransform) -> str:
    across, down = (transform.m11(), transform.m12()), (transform.m21(), transform.m22())
    numbers = (*across, *down, transform.dx(), transform.dy())
    return f"matrix({','.join(repr(number) for number in numbers)})"
