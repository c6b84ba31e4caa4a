"""MainWindow: puts the document, the session, the editor and the panels together."""

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QMainWindow,
    QScrollArea,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from engine.data.dataset import Dataset
from engine.templates import TEMPLATES
from engine.training import EpochDone
from gui.alerts import MessageBar
from gui.document import Document
from gui.editor.network_panel import NetworkPanel
from gui.editor.settings_form import TrainingSettings
from gui.editor.stack_drawing import StackDrawing
from gui.files import FileActions
from gui.mailbox import LoadedData, News
from gui.menus import Menus
from gui.panels.feature_maps import FeatureMapsPanel
from gui.panels.loss import LossPanel
from gui.panels.predictions import PredictionsPanel
from gui.refresh import Refresher
from gui.run_bar import RunBar
from gui.session import Session

PREPARING = "Getting the engine ready; on the first start this takes some seconds."
NETWORK_WIDTH = 320
NO_NETWORK = "Feature maps will be here when all blocks fit. Red text says what to mend."
NO_DATA = "Feature maps will be here when there is data.\nChoose some in the training settings."


class MainWindow(QMainWindow):
    """The window: the network on the left, what it does on the right, the run above both.

    `defect_found` may be emitted in any thread, with a sentence that says what failed.
    """

    defect_found = Signal(str)

    def __init__(self, project: Path | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.document = Document(TEMPLATES["notebook"](), self)
        self.session = Session(self.document, self)
        self.messages = MessageBar()
        self.files = FileActions(self.document, self.messages, self)
        self.loss = LossPanel()
        self.feature_maps = FeatureMapsPanel()
        self.predictions = PredictionsPanel()
        self._data_problem = ""
        self._shown = False
        self.refresher = Refresher(self)
        for panel in (self.loss, self.feature_maps, self.predictions):
            self.refresher.add(panel)
        self.network = NetworkPanel(self.document)
        self.settings = TrainingSettings(self.document)
        self.drawing = StackDrawing(self.document)
        self.menus = Menus(self, self.document, self.session, self.files, self.network.actions_)
        self.menus.add_export(self.drawing.export_action)
        self.run_bar = RunBar(self.menus.run_actions, self.menus.train, self.settings.strip)
        self._arrange()
        self._connect()
        self.setAcceptDrops(True)
        if project is not None:
            self.files.open_path(project)
        self._show_title()
        self._show_hint()
        self.network.block_list.setFocus()
        self.session.start()

    def sizeHint(self) -> QSize:
        """Fit the smallest screen that the window is made for."""
        return QSize(1280, 800)

    @Slot(str)
    def report_defect(self, text: str) -> None:
        """Say that the program itself failed; the work stays in the window."""
        self.messages.show_error(f"{text} Your network is still here: save it under another name.")

    # --- building ----------------------------------------------------------------------------

    def _arrange(self) -> None:
        # The docks have a main window of their own, so that the run bar and the messages above
        # them can be as high as their text needs.
        self.docks = QMainWindow()
        self.docks.setWindowFlags(Qt.WindowType.Widget)
        self.docks.setDockNestingEnabled(True)
        center = QWidget()
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.run_bar)
        column.addWidget(self.messages)
        column.addWidget(self.docks, 1)
        self.setCentralWidget(center)
        self.setMenuBar(self.menus.bar)
        network = self._dock("Network", self.network)
        maps = self._dock("Feature maps", self.feature_maps)
        predictions = self._dock("Predictions", self.predictions)
        loss = self._dock("Loss", self.loss)
        settings = self._dock("Training settings", _scrolling(self.settings.more))
        drawing = self._dock("Drawing", self.drawing)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self.docks.addDockWidget(left, network)
        self.docks.addDockWidget(right, maps)
        self.docks.splitDockWidget(maps, loss, across)
        self.docks.splitDockWidget(maps, predictions, down)
        self.docks.splitDockWidget(loss, settings, down)
        self.docks.tabifyDockWidget(settings, drawing)
        settings.raise_()
        for tabs in self.docks.findChildren(QTabBar):
            tabs.setAccessibleName("Panels that share one place")
        self.resize(self.sizeHint())
        self.docks.resize(self.size())
        self.docks.resizeDocks([network, maps, loss], [NETWORK_WIDTH, 500, 440], across)
        self.docks.resizeDocks([maps, predictions], [340, 330], down)
        self.docks.resizeDocks([loss, settings], [400, 260], down)

    def _dock(self, title: str, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self.docks)
        dock.setObjectName(f"dock.{title.lower().replace(' ', '_')}")
        dock.setWidget(panel)
        self.menus.add_panel(dock)
        return dock

    def _connect(self) -> None:
        self.document.path_changed.connect(self._show_title)
        self.document.modified_changed.connect(self._show_title)
        self.document.report_changed.connect(self._on_report)
        self.document.project_replaced.connect(self._forget_run)
        self.session.preparing_changed.connect(self._show_hint)
        self.session.state_changed.connect(self._on_state)
        self.session.epoch_done.connect(self._on_epoch)
        self.session.news_arrived.connect(self._on_news)
        self.session.samples_changed.connect(self._on_samples)
        self.session.data_loaded.connect(self._on_data)
        self.session.was_reset.connect(self._on_reset)
        self.session.failed.connect(self.messages.show_error)
        self.network.actions_.refused.connect(self.messages.show_error)
        self.drawing.refused.connect(self.messages.show_error)
        self.drawing.exported.connect(self.messages.show_notice)
        self.files.samples_loaded.connect(self.session.show_samples)
        self.predictions.sample_pinned.connect(self._pin)
        self.defect_found.connect(self.report_defect)

    # --- what happens ------------------------------------------------------------------------

    @Slot(str)
    def _on_state(self, state: str) -> None:
        self.run_bar.show_state(state)
        self.refresher.set_busy(state == "Training")
        if state == "Training":
            self.messages.clear()
        elif state == "Ready":
            self._show_hint()

    @Slot()
    def _on_report(self) -> None:
        if self.document.report.problem is not None:  # there is no network to look into
            self.feature_maps.show_look(None, NO_NETWORK)
            self.predictions.set_outputs(None)
        self._show_hint()

    @Slot(object)
    def _on_data(self, data: LoadedData) -> None:
        if not data.problem:
            self.messages.take_back(self._data_problem)
        self._data_problem = data.problem
        self.network.cautions.set_samples(None if data.train is None else len(data.train))
        if data.test is None and self.document.report.problem is None:
            self.feature_maps.show_look(None, NO_DATA)
        self._show_hint()

    @Slot(object)
    def _on_epoch(self, event: EpochDone) -> None:
        self.loss.add_epoch(event)

    @Slot(object)
    def _on_news(self, news: News) -> None:
        if news.fresh_run:
            self.loss.start_run()
        if news.losses:
            self.loss.add_batches(np.array(news.positions), np.array(news.losses))
        if news.progress is not None:
            self.run_bar.show_progress(news.progress)
        if news.look is not None:
            self.feature_maps.show_look(news.look)
        if news.predictions is not None and news.predictions.samples is self.session.samples:
            self.predictions.set_outputs(news.predictions.outputs)

    @Slot(object)
    def _on_samples(self, samples: Dataset | None) -> None:
        self.predictions.set_samples(samples)
        self.predictions.set_pinned(self.session.pinned)

    @Slot(int)
    def _pin(self, sample: int) -> None:
        self.session.pin(sample)
        self.predictions.set_pinned(sample)

    @Slot()
    def _forget_run(self) -> None:
        self.loss.clear()
        self._show_hint()

    @Slot()
    def _on_reset(self) -> None:
        self.messages.clear()
        self._forget_run()

    @Slot()
    def _show_hint(self) -> None:
        """Say beside the progress bar what comes next, unless a run is going on."""
        if self.session.active:
            return
        problem = self.document.report.problem
        data = self.session.data
        if problem is not None and problem.slot_id is not None:
            number = self.document.stack.index(problem.slot_id) + 1
            self.run_bar.show_idle(f"Training waits until block {number} fits.")
        elif problem is not None:
            self.run_bar.show_idle(f"Training waits. {problem.text}")
        elif self.session.preparing:
            self.run_bar.show_idle(PREPARING)
        elif self.session.data_problem:
            self.run_bar.show_idle("Training waits until there is data.")
        elif data is not None and data.train is not None:
            samples = f"{len(data.train):,} training digits"
            again = f", after the {self.document.trained_epochs:,} done"
            self.run_bar.show_idle(
                f"Train goes through {samples} {self.document.settings.epochs:,} times"
                + (again if self.document.trained_epochs else "")
                + "."
            )

    @Slot()
    def _show_title(self) -> None:
        name = self.document.path.name if self.document.path else "Untitled network"
        self.setWindowTitle(f"{name}[*] – Layerscope")
        self.setWindowModified(self.document.modified)

    # --- events ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Space train or pause where no control wants it."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.menus.train.trigger()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Offer to recover lost work, once there is a window to ask in front of."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            QTimer.singleShot(0, self, self.files.offer_recovery)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files, after the program that they come from has been let go."""
        paths = [Path(url.toLocalFile() or url.toString()) for url in event.mimeData().urls()]
        event.acceptProposedAction()
        QTimer.singleShot(0, self, partial(self.files.open_dropped, paths))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work, then end the training thread."""
        if not self.files.may_leave():
            event.ignore()
            return
        self.session.close()
        self.files.autosave.close()
        event.accept()


def _scrolling(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(page)
    area.setAccessibleName(page.accessibleName())
    return area
