"""How a test reads a plot: the points of its curves, and its pixels."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

from gui.widgets.plot import Plot

Points = tuple[list[float], list[float]]


def curve_names(widget: QWidget) -> list[str]:
    """List the names of all curves in the plots of a widget."""
    plots = widget.findChildren(pg.PlotWidget)
    return [item.opts["name"] for plot in plots for item in plot.listDataItems()]


def points_of(widget: QWidget, name: str) -> Points:
    """Read the points of a drawn curve by its name; none if there is no such curve."""
    for plot in _plots(widget):
        for item in plot.listDataItems():
            if item.opts["name"] == name:
                x, y = item.getOriginalDataset()
                return ([], []) if x is None else (_listed(x), _listed(y))
    return [], []


def spot(plot: Plot, x: float, y: float) -> QPoint:
    """Say where a point should lie, in px of the widget, by the range that is in view alone."""
    box = plot.plot_area()
    (left, right), (low, high) = plot.view.viewRange()
    return QPoint(
        round(box.left() + (x - left) / (right - left) * box.width()),
        round(box.bottom() - (y - low) / (high - low) * box.height()),
    )


def is_near(image: QImage, at: QPoint, colour: str | QColor, room: int = 2) -> bool:
    """Return whether a colour, or nearly that, is found at a place or so many px beside it."""
    wanted = QColor(colour)
    around = range(-room, room + 1)
    return any(
        _difference(image.pixelColor(at + QPoint(dx, dy)), wanted) < 40
        for dx in around
        for dy in around
    )


def _difference(one: QColor, other: QColor) -> int:
    return (
        abs(one.red() - other.red())
        + abs(one.green() - other.green())
        + abs(one.blue() - other.blue())
    )


def _plots(widget: QWidget) -> list[pg.PlotWidget]:
    inside: list[pg.PlotWidget] = widget.findChildren(pg.PlotWidget)
    return [widget, *inside] if isinstance(widget, pg.PlotWidget) else inside


def _listed(values: NDArray[np.float64]) -> list[float]:
    return [float(value) for value in values]
