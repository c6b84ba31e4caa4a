"""Export of plots: pictures of what they show, and tables of their points."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QFontMetricsF, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem

from gui.storage import picture_export
from gui.theme import GRID, LIGHT

if TYPE_CHECKING:
    from gui.widgets.plot import Plot

FORMATS = {".png": "PNG picture", ".svg": "SVG drawing", ".csv": "CSV table"}
_SVG = "http://www.w3.org/2000/svg"
_MATRIX = re.compile(r"matrix\((.*)\)")
_PAIR = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?),(-?[\d.]+(?:e[-+]?\d+)?)")
_FINE = {".png": 2.0, ".svg": 1.0}  # device px per px


class PlotExport(QObject):
    """The actions that write plots into a file; what became of it is said by a signal."""

    exported = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        name: str,
        plots: "Callable[[], Sequence[Plot]]",
        title: Callable[[], str],
        table: Callable[[], bytes],
        parent: QObject,
    ) -> None:
        """Make actions for plots that stand one below the other, as a file of this name.

        They are asked for when one is triggered, as are the title above them and the table.
        """
        super().__init__(parent)
        self._name, self._plots, self._title, self._table = name, plots, title, table
        self._project: Path | None = None
        self._folder = Path(QDir.homePath())
        self.actions: list[QAction] = []
        for ending, kind in FORMATS.items():
            action = QAction(f"Export as &{kind}…", self)
            action.setObjectName(f"action.export_{name}{ending.replace('.', '_')}")
            what = "Write the values of the curves" if ending == ".csv" else "Draw the curves"
            action.setToolTip(f"{what} into a file of this format")
            action.triggered.connect(partial(self._ask, ending))
            self.actions.append(action)

    def set_project(self, path: Path | None, folder: Path) -> None:
        """Say which file the plots belong to, so that exports are called like it, and where."""
        self._project, self._folder = path, folder

    def write(self, path: Path) -> bool:
        """Write a file, PNG, SVG or CSV by its ending; return whether it worked."""
        kind = path.suffix.lower()
        if kind == ".csv":
            data = self._table()
        else:
            plots, title = self._plots(), self._title()
            size = _size_of(plots)
            paint = partial(_paint, plots=plots, title=title)
            with ExitStack() as stack:
                for plot in plots:
                    stack.enter_context(plot.on_paper(_FINE.get(kind, 2.0)))
                if kind == ".svg":
                    data = _true_widths(picture_export.to_svg(size, paint, path.stem, title))
                else:
                    data = picture_export.to_png(size, paint)
        return picture_export.export(path, data, "Chart", self.exported, self.refused)

    def _ask(self, ending: str) -> None:
        stem = self._name if self._project is None else f"{self._project.stem}-{self._name}"
        endings = (ending, *(other for other in FORMATS if other != ending))
        parent = self._plots()[0]
        suggested = self._folder / f"{stem}{ending}"
        path = picture_export.ask_for_file(parent, "Export", suggested, endings)
        if path is not None and self.write(path):
            self._folder = path.parent


def offer_export(plot: "Plot", name: str, parent: QObject) -> PlotExport:
    """Let the menu of a plot write it into a file of this name."""
    export = PlotExport(name, lambda: [plot], plot.title, plot.table, parent)
    plot.addActions(export.actions)
    return export


def _size_of(plots: "Sequence[Plot]") -> QSize:
    height = sum(plot.height() for plot in plots) + 6 * GRID
    return QSize(max(plot.width() for plot in plots) + 2 * GRID, height)


def _paint(painter: QPainter, plots: "Sequence[Plot]", title: str) -> None:
    """Paint plots one below the other under a title."""
    size = _size_of(plots)
    painter.setFont(_bold(painter.font()))
    painter.setPen(QColor(LIGHT.text))
    line = QFontMetricsF(painter.font()).height()
    room = QRectF(GRID, GRID, size.width() - 2 * GRID, 2 * line)
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, title)
    top = 5.0 * GRID
    for plot in plots:
        target = QRectF(GRID, top, plot.width(), plot.height())
        _paint_plot(painter, plot, target)
        top += plot.height()


def _paint_plot(painter: QPainter, plot: "Plot", target: QRectF) -> None:
    """Paint a plot as it stands, without what is read, into a part of a picture."""
    items = [item for item in plot.scene().items() if hasattr(item, "setExportMode")]
    kept = [(item, item.cacheMode()) for item in items]
    for item in items:  # sharp points and numbers in place of pictures of them
        item.setExportMode(True, {"antialias": True, "resolutionScale": plot.ratio})
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    plot.scene().render(painter, target, plot.sceneRect())
    for item, mode in kept:
        item.setExportMode(False)
        item.setCacheMode(mode)


def _true_widths(svg: bytes) -> bytes:
    """Give lines that are not to be scaled the coordinates of the picture.

    Qt leaves it to the reader of the file not to scale their widths, and not every reader can.
    """
    ElementTree.register_namespace("", _SVG)
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
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _moved(transform: QTransform, pair: re.Match[str]) -> str:
    place = transform.map(QPointF(float(pair.group(1)), float(pair.group(2))))
    return f"{place.x():.6g},{place.y():.6g}"


def _written(transform: QTransform) -> str:
    across, down = (transform.m11(), transform.m12()), (transform.m21(), transform.m22())
    numbers = (*across, *down, transform.dx(), transform.dy())
    return f"matrix({','.join(repr(number) for number in numbers)})"


def _bold(font: QFont) -> QFont:
    changed = QFont(font)
    changed.setBold(True)
    return changed
