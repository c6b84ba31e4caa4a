"""Tables and lists of a report."""

from collections.abc import Collection, Sequence
from xml.etree.ElementTree import Element

from engine.exports.report.markup import Node, extend, tag


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
