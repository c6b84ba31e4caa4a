"""What tests of curves draw, and how they read it."""

import numpy as np
from PySide6.QtWidgets import QApplication

from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot

BATCH = Curve("loss batch", "train", "batches", pale=True)
CURVES = (
    BATCH,
    Curve("loss smoothed", "train", "smoothed", smooth=True),
    Curve("loss train", "train", "train", marked=True, line=False),
    Curve("loss test", "test", "test", marked=True),
)


def draw(plot: CurvePlot, name: str, x: list[float], y: list[float]) -> None:
    plot.extend(name, np.array(x), np.array(y))
    plot.draw()
    QApplication.processEvents()


def said(plot: CurvePlot) -> str:
    reading = plot.reading()
    return "" if reading is None else reading.sentence()
