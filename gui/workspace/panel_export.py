"""Export of panels: a picture of all that a panel shows, on white, and a table of its numbers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPicture, QRegion
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QGraphicsView,
    QScrollBar,
    QWidget,
)

from gui.storage.export_actions import ExportActions, ExportPicture, Table
from gui.theme import GRID, LIGHT, bolder, palette_for
from gui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from gui.widgets.plot import Plot

_OWN_PALETTE = Qt.WidgetAttribute.WA_SetPalette
_MOST = 4_000  # px that a panel grows by; what scrolls farther is drawn as it is seen
_TURNS = 4  # of growing: what grows may need more room again


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
            yield ExportPicture(
                _size_of(shown), partial(_paint_plots, plots=shown, title=words), words
            )

    return ExportActions(name, "Chart", drawing, table, owner)


def offer_export(plot: "Plot", name: str, owner: QWidget) -> ExportActions:
    """Let the menu of a plot write it into a file of this name."""
    export = plots_export(name, lambda: [plot], plot.title, plot.table, owner)
    plot.addActions(export.actions)
    return export


def _size_of(plots: "Sequence[Plot]") -> QSize:
    height = sum(plot.height() for plot in plots) + 6 * GRID
    return QSize(max(plot.width() for plot in plots) + 2 * GRID, height)


def _paint_plots(painter: QPainter, plots: "Sequence[Plot]", title: str) -> None:
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


def offer_panel_export(
    panel: QWidget, refresh: Callable[[], None], table: Table | None = None
) -> ExportActions:
    """Let the menu of a panel write all that it shows into files of its name.

    `refresh` draws it, at once. While the panel says why it is empty, nothing is written.
    """
    title = panel.accessibleName()
    name = panel.objectName().removeprefix("panel.")
    drawing = partial(_whole, panel, title, refresh)
    export = ExportActions(name, title, drawing, table, panel, lambda: why_empty(panel))
    offer_exports(panel, export)
    return export


def offer_exports(panel: QWidget, export: ExportActions) -> None:
    """Let a right-click on a panel, and the menu in its title, export it."""
    panel.addActions(export.actions)
    panel.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)


def why_empty(panel: QWidget) -> str:
    """Return the sentence that a panel shows in place of its content; empty if it has some."""
    directly = Qt.FindChildOption.FindDirectChildrenOnly
    found: EmptyState | None = panel.findChild(EmptyState, options=directly)
    return "" if found is None else found.sentence()


@contextmanager
def _whole(
    panel: QWidget, title: str, refresh: Callable[[], None], fine: float
) -> Iterator[ExportPicture]:
    """Have a panel on white, as large as all that it shows, while a picture is made."""
    size = panel.size()
    with ExitStack() as stack:
        stack.callback(refresh)
        stack.enter_context(_on_paper(panel, fine))
        stack.callback(panel.resize, size)
        refresh()
        _grow(panel)
        yield ExportPicture(panel.size(), partial(_paint, panel, panel.rect()), title)


@contextmanager
def _on_paper(panel: QWidget, fine: float) -> Iterator[None]:
    """Give a panel the colours of paper."""
    own = QPalette(panel.palette()) if panel.testAttribute(_OWN_PALETTE) else QPalette()
    panel.setPalette(palette_for(LIGHT))
    with ExitStack() as stack:
        stack.callback(panel.setPalette, own)
        for plot in _plots(panel):
            stack.enter_context(plot.on_paper(fine))
        yield


def _grow(panel: QWidget) -> None:
    """Make a panel so large that nothing in it scrolls, but for what scrolls very far."""
    for _ in range(_TURNS):
        across, down = (
            max([0, *(bar.maximum() for bar in bars if bar.maximum() <= _MOST)])
            for bars in _scroll_bars(panel)
        )
        if not across and not down:
            return
        panel.resize(panel.width() + across, panel.height() + down)
        QCoreApplication.sendPostedEvents()  # layouts follow later, else


def _scroll_bars(panel: QWidget) -> tuple[list[QScrollBar], list[QScrollBar]]:
    areas = [area for area in panel.findChildren(QAbstractScrollArea) if area.isVisible()]
    across = [area.horizontalScrollBar() for area in areas]
    return across, [area.verticalScrollBar() for area in areas]


def _plots(panel: QWidget) -> list[Any]:
    """Return the plots of a panel; where there are none, pyqtgraph need not be loaded."""
    return [view for view in panel.findChildren(QGraphicsView) if hasattr(view, "on_paper")]


def _paint(widget: QWidget, seen: QRect, painter: QPainter) -> None:
    """Paint what is seen of a widget and of what lies on it, each by itself.

    Where Qt paints all at once, the SVG file cuts things off at the wrong places: it does not count
    where in the panel they lie.
    """
    picture = QPicture()
    recorder = QPainter(picture)
    recorder.setClipRect(seen)
    QWidget.render(widget, recorder, QPoint(), QRegion(), QWidget.RenderFlag(0))
    recorder.end()
    painter.drawPicture(0, 0, picture)
    for child in widget.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            painter.save()
            painter.translate(child.pos())
            _paint(child, child.rect() & seen.translated(-child.pos()), painter)
            painter.restore()
