"""The loss panel: how wrong the network is, batch by batch and epoch by epoch."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QDir, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.panels.loss_runs import KEPT, LossRun, table
from gui.storage import picture_export
from gui.theme import GRID, set_muted
from gui.widgets.buttons import text_button
from gui.widgets.curves import Curve, CurvePlot, Line
from gui.widgets.empty import EmptyState
from gui.widgets.labelled import plain_label
from gui.widgets.numbers import percent, short
from gui.widgets.series import Floats, Series, Smoother
from gui.widgets.still import Still

if TYPE_CHECKING:
    from engine.training.run import EpochDone

SMOOTHING = 0.25  # epochs
_CURVES = {
    "loss": (
        Curve("loss batch", "train", pale=True),
        Curve("loss smoothed", "train"),
        Curve("loss train", "train", Qt.PenStyle.DashLine, marked=True),
        Curve("loss test", "test", Qt.PenStyle.DashLine, marked=True),
    ),
    "accuracy": (
        Curve("accuracy train", "train", Qt.PenStyle.DotLine, axis="right", marked=True),
        Curve("accuracy test", "test", Qt.PenStyle.DotLine, axis="right", marked=True),
    ),
}
_EARLIER = (
    Curve("loss test", "test", Qt.PenStyle.DashLine, pale=True, marked=True, word="test loss"),
    Curve(
        "accuracy test",
        "test",
        Qt.PenStyle.DotLine,
        axis="right",
        pale=True,
        marked=True,
        word="test accuracy",
    ),
)
_UNFINISHED = "No epoch is finished yet"
_EMPTY = "The loss of every batch and epoch will be drawn here.\n"
_BEGIN = "Click Train to begin."
_FORMATS = {".png": "PNG picture", ".svg": "SVG drawing", ".csv": "CSV table"}
_MOST_WAITING = 100  # portions of batches
_PAPER = QSize(960, 600)  # px


class LossPanel(QWidget):
    """Curves of loss and accuracy that grow while the network learns, over those of earlier runs.

    The setters only store; `refresh` draws when `dirty`. What became of an export is for the owner
    to say.
    """

    exported = Signal(str)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.loss")
        self.setAccessibleName("Loss and accuracy")
        self.setMinimumSize(40 * GRID, 25 * GRID)
        self.dirty = False
        self._run = LossRun()
        self._earlier: list[LossRun] = []
        self._smoother = Smoother(SMOOTHING)
        self._words = _UNFINISHED
        self._waiting: list[tuple[Floats, Floats]] = []  # batches that are not yet in the curves
        self._last = 0.0  # epochs
        self._project: Path | None = None
        self._next = _BEGIN
        self._headline, self._best = _line("loss.headline"), _line("loss.best")
        set_muted(self._best)
        self._plot = CurvePlot(_CURVES, left="loss", bottom="epoch")
        self._plot.setObjectName("loss.curves")
        self._plot.setAccessibleName("Curves of loss and accuracy; arrows read them")
        self._plot.setToolTip(
            "Point at an epoch or a batch to read it. Solid: batches; dashed: means over an epoch; "
            "dotted: accuracy, on the right axis. The smoothed loss is the mean over about the "
            f"last {SMOOTHING:g} epochs, at first over fewer. A few extreme batch losses may lie "
            "outside."
        )
        self._make_controls()
        self._arrange()

    # --- what there is to show ---------------------------------------------------------------

    @Slot()
    def start_run(self) -> None:
        """Begin the curves of a new run: of the last one, test loss and accuracy stay."""
        self._waiting.clear()
        if len(self._run.epochs.rows()):
            self._run.forget_batches()
            self._earlier = [*self._earlier, self._run][-KEPT:]
            self._run = LossRun(self._run.number + 1)
        else:
            self._run = LossRun(self._run.number)
        self._begin()

    def add_batches(self, epochs: Floats, losses: Floats) -> None:
        """Append the losses of batches at times x in epochs, such as 2.35.

        After a stop amid an epoch, the next run begins that epoch again: the curve has a gap there.
        """
        if len(epochs):
            self._waiting.append((epochs, losses))
            self.dirty = True
            if len(self._waiting) > _MOST_WAITING:  # a hidden panel is not drawn
                self._take_in()

    def add_epoch(self, event: "EpochDone") -> None:
        """Append the means of a finished epoch."""
        self._run.add_epoch(event)
        x = np.array([float(event.epoch)])
        for name, value in (
            ("loss train", event.loss),
            ("loss test", event.test_loss),
            ("accuracy train", event.accuracy * 100),
            ("accuracy test", event.test_accuracy * 100),
        ):
            self._plot.extend(name, x, np.array([value]))
        self._words = (
            f"epoch {event.epoch}: loss {short(event.loss)}, test {short(event.test_loss)}, "
            f"test accuracy {percent(event.test_accuracy)}"
        )
        self.dirty = True

    @Slot()
    def clear(self) -> None:
        """Forget all curves, those of earlier runs too."""
        self._waiting.clear()
        self._earlier, self._run = [], LossRun()
        self._begin()

    def set_project(self, path: Path | None) -> None:
        """Say which file the curves belong to, so that exports are called like it."""
        self._project = path

    def set_obstacle(self, remedy: str) -> None:
        """Say what must be done before anything can be trained; empty: nothing."""
        self._next = remedy or _BEGIN
        self.dirty = True

    @Slot()
    def clear_earlier(self) -> None:
        """Forget the curves of earlier runs."""
        self._earlier = []
        self._show_earlier()
        self.refresh()

    # --- what is shown -----------------------------------------------------------------------

    def headline(self) -> str:
        """The last numbers, as shown above the curves."""
        return self._headline.text()

    def best(self) -> str:
        """Which epoch was the best, as shown above the curves."""
        return self._best.text()

    def refresh(self) -> None:
        """Draw the newest curves."""
        self.dirty = False
        self._take_in()
        there = bool(len(self._run.batches.rows()) or len(self._run.epochs.rows()))
        for action in self._exports:
            action.setEnabled(there or bool(self._earlier))
        if not there and not self._earlier:
            self._empty.show_sentence(_EMPTY + self._next)
            return
        best = self._run.best
        self._headline.setText(self._words)
        self._best.setText(
            f"○ lowest test loss {short(best[1])} in epoch {best[0]}" if best is not None else ""
        )
        self._plot.set_best(None if best is None else (float(best[0]), best[1]))
        self._plot.draw()
        self._empty.show_content()

    def export_path(self, path: Path) -> bool:
        """Write the curves to a file, PNG, SVG or CSV by its ending; return whether it worked."""
        self.refresh()
        paint = partial(self._plot.paint_to, size=_PAPER, title=self._title())
        match path.suffix.lower():
            case ".csv":
                data = table([*self._earlier, self._run])
            case ".svg":
                data = picture_export.to_svg(_PAPER, paint, path.stem, self._title())
            case _:
                data = picture_export.to_png(_PAPER, paint)
        return picture_export.export(path, data, "Curves", self.exported, self.refused)

    def _export(self, ending: str) -> None:
        stem = "loss" if self._project is None else f"{self._project.stem}-loss"
        folder = Path(QDir.homePath()) if self._project is None else self._project.parent
        suggested = folder / f"{stem}{ending}"
        endings = (ending, *(other for other in _FORMATS if other != ending))
        path = picture_export.ask_for_file(self, "Export curves", suggested, endings)
        if path is not None:
            self.export_path(path)

    def _title(self) -> str:
        return "; ".join(text for text in (self.headline(), self.best()) if text)

    # --- building ----------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self._log = _control("log", "log", "Logarithmic loss axis")
        self._log.setCheckable(True)
        self._log.toggled.connect(self._set_log)
        menu = QMenu(self)
        self._exports: list[QAction] = []
        for ending, name in _FORMATS.items():
            action = menu.addAction(f"&{name}…", partial(self._export, ending))
            action.setObjectName(f"action.export_curves{ending.replace('.', '_')}")
            action.setEnabled(False)
            self._exports.append(action)
        self._export_button = _control("export", "Export", "Export the curves as picture or table")
        self._export_button.setMenu(menu)
        self._export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        tip = "Clear the curves of earlier runs"
        self._clear_earlier = _control("clear_earlier", "✕ earlier", tip)
        self._clear_earlier.clicked.connect(self.clear_earlier)
        self._clear_earlier.hide()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        row.addWidget(Still(self._best), 1)
        for button in (self._clear_earlier, self._log, self._export_button):
            row.addWidget(button)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID // 2)
        column.addWidget(Still(self._headline))
        column.addLayout(row)
        column.addWidget(self._plot, 1)
        self._empty = EmptyState(content, _EMPTY + _BEGIN)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._empty)

    def _take_in(self) -> None:
        """Put the batches that came since the last drawing into the curves."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        epochs, losses = (np.concatenate(parts) for parts in zip(*waiting, strict=True))
        self._run.add_batches(epochs, losses)
        again = np.flatnonzero(np.diff(epochs, prepend=self._last) < 0)
        for times, values in zip(np.split(epochs, again), np.split(losses, again), strict=True):
            if len(times) and times[0] < self._last:
                gap = np.array([self._last]), np.array([np.nan])
                self._plot.extend("loss batch", *gap)
                self._plot.extend("loss smoothed", *gap)
                self._smoother.clear()
            if len(times):
                self._last = float(times[-1])
            self._plot.extend("loss batch", times, values)
            self._plot.extend("loss smoothed", times, self._smoother.smooth(times, values))

    def _begin(self) -> None:
        self._plot.clear()
        self._smoother.clear()
        self._words, self._last = _UNFINISHED, 0.0
        self._show_earlier()
        self.dirty = True

    def _show_earlier(self) -> None:
        lines = []
        for run in self._earlier:
            rows = run.epochs.rows()
            for curve, values in zip(_EARLIER, (rows[:, 2], rows[:, 4] * 100), strict=True):
                series = Series()
                series.extend(rows[:, 0], values)
                named = replace(curve, name=f"run {run.number}")
                lines.append(Line(named, *series.points()))
        self._plot.set_earlier(lines)
        self._clear_earlier.setVisible(bool(lines))

    @Slot(bool)
    def _set_log(self, log: bool) -> None:
        self._plot.set_log(log)
        self.refresh()


def _line(name: str) -> QLabel:
    label = plain_label()
    label.setObjectName(name)
    return label


def _control(name: str, text: str, tip: str) -> QToolButton:
    return text_button(f"loss.{name}", text, tip, spoken=tip, flat=True, takes_focus=True)
