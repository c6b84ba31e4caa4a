"""Export of plots: pictures of what they show, and tables of their points."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPicture
from PySide6.QtWidgets import QWidget

from gui.storage.export_actions import ExportActions, ExportPicture, Table
from gui.theme import GRID, LIGHT, bolder

if TYPE_CHECKING:
    from gui.widgets.plot import Plot


def plots_export(
    name: str,
    plots: "Callable[[], Sequence[Plot]]",
    title: Callable[[], str],
    table: Table,
    owner: QWidget,
) -> ExportActions:
    """Make what exports plots that stand one below the other, under a title.

    They are asked for when something is exported, as are the title and the table.
    """

    @contextmanager
    def drawing(fine: float) -> Iterator[ExportPicture]:
        shown, words = plots(), title()
        with ExitStack() as stack:
            for plot in shown:
                stack.enter_context(plot.on_paper(fine))
            yield ExportPicture(_size_of(shown), partial(_paint, plots=shown, title=words), words)

    return ExportActions(name, "Chart", drawing, table, owner)


def offer_export(plot: "Plot", name: str, owner: QWidget) -> ExportActions:
    """Let the menu of a plot write it into a file of this name."""
    export = plots_export(name, lambda: [plot], plot.title, plot.table, owner)
    plot.addActions(export.actions)
    return export


def _size_of(plots: "Sequence[Plot]") -> QSize:
    height = sum(plot.height() for plot in plots) + 6 * GRID
    return QSize(max(plot.width() for plot in plots) + 2 * GRID, height)


def _paint(painter: QPainter, plots: "Sequence[Plot]", title: str) -> None:
    """Paint plots one below the other under a title, as they stand, without what is read.

    They are recorded and played: painted at once, the SVG file keeps the clip of what was painted
    before, and the names of the curves are cut off.
    """
    size = _size_of(plots)
    painter.setFont(bolder(painter.font()))
    painter.setPen(QColor(LIGHT.text))
    line = QFontMetricsF(painter.font()).height()
    room = QRectF(GRID, GRID, size.width() - 2 * GRID, 2 * line)
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, title)
    top = 5.0 * GRID
    for plot in plots:
        picture = QPicture()
        recorder = QPainter(picture)
        plot.scene().render(recorder, QRectF(plot.rect()), plot.sceneRect())
        recorder.end()
        painter.drawPicture(QPointF(GRID, top), picture)
        top += plot.height()
