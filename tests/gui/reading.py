"""What tests read of widgets: what is drawn in them, and where."""

from PySide6.QtCore import QPoint, QPointF, QRectF

from gui.feature_maps.panel import FeatureMapsPanel
from gui.predictions.panel import SampleCard
from gui.widgets.mosaic import Mosaic
from gui.widgets.output_bars import OutputBars
from gui.widgets.pinned_sample import PinnedSample
from gui.widgets.vector_bars import VectorBars


def mosaics(panel: FeatureMapsPanel) -> list[Mosaic]:
    """Return the mosaics, in the order of the blocks."""
    return [view for view in panel._views if isinstance(view, Mosaic)]


def vectors(panel: FeatureMapsPanel) -> list[VectorBars]:
    """Return the bars, in the order of the blocks."""
    return [view for view in panel._views if isinstance(view, VectorBars)]


def tile_rect(mosaic: Mosaic, tile: int) -> QRectF:
    """Return where a tile lies in its mosaic."""
    grid = mosaic.grid
    return grid.cells().tile(tile).translated(QPointF(grid.mapTo(mosaic, QPoint())))


def bar_rect(bars: VectorBars, number: int) -> QRectF:
    """Return where a bar lies in its widget."""
    return bars._bars.bar_rect(number).translated(bars._bars.pos())


def bar_names(bars: VectorBars) -> list[str]:
    """Return what is written below the bars; nothing where it does not fit."""
    return bars._bars.names if bars._bars.name_room() else []


def output_texts(bars: OutputBars) -> list[str]:
    """Return what is written in each row, its marks first."""
    return [f"{row.caption()}  {row.number()}" for row in bars.rows()]


def pinned_texts(pinned: PinnedSample) -> tuple[str, str]:
    """Return what the pinned image is called, and what is said of it."""
    return pinned._title.text(), pinned._said.text()


def card_texts(card: SampleCard) -> tuple[str, str, str, str]:
    """Return the name of the pinned image, its class, what is said of it, and the verdict."""
    name, _, true = card._name.text().partition(" · ")
    return name, true, card._answer.text(), card._verdict.text()
