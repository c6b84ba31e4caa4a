"""Drive the real window as a person does: by clicks and keys, on parts found by their names."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QModelIndex, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from engine.files.project_file import open_project
from engine.files.weights_file import export_weights
from engine.model.project import Project
from gui.background.latest_task import LatestTask
from gui.feature_maps.panel import FeatureMapsPanel
from gui.loss.panel import LossPanel
from gui.main_window import MainWindow
from gui.widgets.sample_grid import SampleGrid
from gui.widgets.segments import Segments
from tests.gui.finding import child, named
from tests.gui.hands import type_into
from tests.gui.layout import layout_of
from tests.gui.plots import points_of
from tests.gui.reading import mosaics
from tests.gui.waiting import at_rest, puts_something_off, run_events, wait_until

T = TypeVar("T", bound=QObject)
QUIET = 4  # glances in a row that find nothing on its way
FEW_UNITS = 10  # of the first Dense, which has 100
A_WHILE = 200  # ms; some rounds of polling, looking and drawing
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


class Driver:
    """One open window, and what can be seen of it."""

    def __init__(self, window: QMainWindow, patch: pytest.MonkeyPatch) -> None:
        assert isinstance(window, MainWindow)
        self.window, self._patch = window, patch
        self.opened_for = ""  # the test that was the first to ask for a shared window
        self.states: list[str] = []  # all since the last start, for some pass quickly
        window.document.store.show(lambda s: s.run.phase, self.states.append)
        self._found: dict[tuple[type[QObject], str], QObject] = {}

    # --- finding -----------------------------------------------------------------------------

    def find(self, kind: type[T], name: str) -> T:
        """Find a part, with all shown on it that has come.

        To go through the whole window takes long for who asks while waiting.
        """
        self.window.document.store.flush()
        known = self._found.get((kind, name))
        if isinstance(known, kind) and _is_below(self.window, known) and known.objectName() == name:
            return known
        found = self.window.findChild(kind, name)
        assert found is not None, f"the window has no {kind.__name__} {name}"
        self._found[kind, name] = found
        return found

    def action(self, name: str) -> QAction:
        return self.find(QAction, f"action.{name}")

    def button(self, name: str) -> QToolButton:
        """Find the button that stands for an action."""
        action = self.action(name)
        buttons = [each for each in action.associatedObjects() if isinstance(each, QToolButton)]
        return next(button for button in buttons if button.defaultAction() is action)

    # --- doing -------------------------------------------------------------------------------

    def click(self, name: str, until: str = "") -> None:
        """Click the button of an action, such as `train`, or one by its name: `add.conv`.

        Then wait for a status word, if one is given.
        """
        if name in ("stop", "reset", "step_epoch"):  # which the menu beside Step has
            self.choose(name, until)
            return
        button = self.find(QAbstractButton, name) if "." in name else self.button(name)
        assert button.isEnabled(), f"{name}: {button.toolTip()}"
        if not button.isVisible() and name.startswith("add."):
            self.choose("add_block")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        if until:
            self.wait_for(until)

    def choose(self, name: str, until: str = "") -> None:
        """Choose an action from its menu; wait for a status word, if one is given."""
        action = self.action(name)
        assert action.isEnabled(), f"{name}: {action.toolTip()}"
        action.trigger()
        if until:
            self.wait_for(until)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
        """Press a key where the focus is."""
        widget = QApplication.focusWidget()
        assert widget is not None, "nothing has the focus"
        QTest.keyClick(widget, key, modifier)

    def type_into(self, name: str, text: str) -> None:
        """Replace what a field says, and press Enter."""
        field = self.find(QWidget, name)
        assert field.isEnabled(), f"{name}: {field.toolTip()}"
        type_into(field, text)

    def pick(self, name: str, text: str) -> None:
        """Choose an entry of a list that opens, or one of some segments."""
        segments = self.window.findChild(Segments, name)
        if segments is not None:
            words = [segments.tabText(tab) for tab in range(segments.count())]
            segments.setCurrentIndex(words.index(text))
            return
        box = self.find(QComboBox, name)
        assert box.isEnabled(), f"{name}: {box.toolTip()}"
        position = box.findText(text)
        assert position >= 0, f"{name} has no {text!r}"
        box.setFocus()
        while box.currentIndex() != position:
            step = Qt.Key.Key_Down if box.currentIndex() < position else Qt.Key.Key_Up
            QTest.keyClick(box, step)

    def select(self, row: int) -> None:
        """Click a block."""
        self._click_item(self.blocks, self.blocks.model().index(row, 0))

    def click_digit(self, row: int) -> None:
        """Click a test digit."""
        self._click_item(self.samples, self.samples.model().index(row, 0))

    def answer_dialog(self, which: str, *paths: Path | None) -> list[Path]:
        """Let the next file dialogs (`getOpenFileName`, `getSaveFileName`) give these paths.

        Return the paths that they propose.
        """
        answers, proposed = iter(paths), list[Path]()

        def ask(
            _parent: object, _title: str, path: str, filters: str, **_options: object
        ) -> tuple[str, str]:
            proposed.append(Path(path))
            answer = next(answers)
            return ("", "") if answer is None else (str(answer), filters.split(";;")[0])

        self._patch.setattr(QFileDialog, which, ask)
        return proposed

    def export(self, path: Path, *, verify: bool = False) -> QDialog:
        """Export to a file of the format that its ending names, as it is done by keys."""
        self.choose("export")
        dialog = self.find(QDialog, "export_dialog")
        field = named(dialog, QLineEdit, "export_dialog.path")
        type_into(field, str(path), enter=False)
        check = named(dialog, QCheckBox, "export_dialog.verify")
        if check.isChecked() != verify:
            QTest.keyClick(check, Qt.Key.Key_Space)
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.wait(named(dialog, QPushButton, "export_dialog.export").isEnabled)
        return dialog

    def open(self, path: Path) -> None:
        """Open a project in this window, which lets go what is open."""
        self.answer_dialog("getOpenFileName", path)
        self.choose("open")

    def drop(self, *paths: Path) -> None:
        """Drop files or folders on the window."""
        files = QMimeData()
        files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        copy, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        self.window.dropEvent(QDropEvent(QPointF(50, 50), copy, files, button, NO_MODIFIER))

    def weights(self, folder: Path) -> dict[str, NDArray[np.float32]]:
        """Write the weights to a file, and read them with numpy."""
        project, path = self.window.document.project(), folder / "exported.npz"
        export_weights(path, project.stack, project.weights, scaling=project.scaling)
        with np.load(path) as arrays:
            return {name: array for name, array in arrays.items() if name != "metadata"}

    def panels(self) -> Iterator[tuple[str, QWidget]]:
        """Bring one view after the other into sight, with what it makes when it is seen."""
        stage = self.window.stage
        for entry in stage.entries:
            stage.show_panel(entry.title)
            self.settle()
            yield entry.title, stage.place_of(entry.title)

    def come_to_front(self) -> None:
        """Be the active window: another one may have been in front, or may come there meanwhile.

        Such as a dialog of a job that ended after its test, or a menu that one has left. Qt forgets
        a window that came to the front under a menu, and the platform does not name it twice.
        """
        elsewhere = QWidget(self.window, Qt.WindowType.Window)

        def is_active() -> bool:
            if other := QApplication.activePopupWidget() or QApplication.activeModalWidget():
                other.close()
            if not self.window.isActiveWindow():
                elsewhere.show()
                elsewhere.hide()
            self.window.activateWindow()
            return self.window.isActiveWindow()

        self.wait(is_active)
        elsewhere.deleteLater()

    def stop(self) -> None:
        """End a run or a job that goes on."""
        self.window.jobs.cancel()
        if self.action("stop").isEnabled():
            self.choose("stop")
        self.wait(self.action("new").isEnabled)

    def make_smaller(self) -> None:
        """Give the first Dense of the notebook's network fewer units.

        Then a step, above all of Adam, a check and a file cost less. `train_alone` can do so too.
        """
        self.select(3)
        self.type_into("option.units", str(FEW_UNITS))
        self.wait_for("Ready")

    def note_layout(self) -> None:
        """Take the layout as it is now for the one that the window opened with."""
        self.first_layout = layout_of(self.window)

    # --- seeing ------------------------------------------------------------------------------

    @property
    def blocks(self) -> QListView:
        return self.find(QListView, "block_list")

    @property
    def samples(self) -> SampleGrid:
        return child(self.find(QWidget, "panel.predictions"), SampleGrid)

    @property
    def maps(self) -> FeatureMapsPanel:
        return self.find(FeatureMapsPanel, "panel.feature_maps")

    def rows(self) -> list[str]:
        """Read what the blocks are called."""
        return _texts(self.blocks, Qt.ItemDataRole.DisplayRole)

    def sentences(self) -> list[str]:
        """Read what is said of the blocks to who cannot see them."""
        return _texts(self.blocks, Qt.ItemDataRole.AccessibleTextRole)

    def captions(self) -> list[str]:
        """Read what stands under the test samples."""
        return _texts(self.samples, Qt.ItemDataRole.DisplayRole)

    def pinned(self) -> int | None:
        """Return which digit is framed as pinned."""
        return self.samples.samples.pinned

    def tiles(self, mosaic: int = 0) -> list[NDArray[np.float32]]:
        """Read the feature maps that are shown."""
        return list(mosaics(self.maps)[mosaic].grid.values())

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """Read the points of a drawn curve; none if a sentence is shown in their place."""
        panel = self.find(LossPanel, "panel.loss")
        return points_of(panel, name) if panel.shown_curves.isVisible() else ([], [])

    def batch_losses(self, folder: Path) -> list[tuple[float, float]]:
        """Export the curves as a table, and read the losses of all batches with their times."""
        path = folder / "curves.csv"
        self.answer_dialog("getSaveFileName", path)
        self.choose("export_loss_csv")
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        return [(float(r["epoch"]), float(r["batch_loss"])) for r in rows if r["batch_loss"]]

    def text(self, name: str) -> str:
        """Read a label."""
        return self.find(QLabel, name).text()

    def message(self) -> str:
        """Read the message bar; empty while it is not shown."""
        return self.text("message") if self.find(QWidget, "message_bar").isVisible() else ""

    def problem(self) -> str:
        """Read why the network cannot be trained."""
        label = self.find(QLabel, "problem")
        assert label.isVisible() == bool(label.text())
        return label.text()

    def progress(self) -> float:
        """Read the share of the run that is done."""
        bar = self.find(QProgressBar, "progress")
        return bar.value() / bar.maximum()

    def project(self, path: Path) -> Project:
        """Save the project, and read it with the engine."""
        self.answer_dialog("getSaveFileName", path)
        self.choose("save_as")
        return open_project(path)

    # --- waiting -----------------------------------------------------------------------------

    def wait(self, until: Callable[[], bool]) -> None:
        wait_until(until)
        self.window.document.store.flush()

    def wait_for(self, *states: str) -> None:
        """Wait for a status word."""
        self.wait(lambda: self.text("status") in states)

    def wait_for_panels(self) -> None:
        """Wait until predictions and feature maps are drawn and nothing newer is on its way."""
        self.wait_for_first_looks()
        self.settle()

    def wait_for_first_looks(self) -> None:
        """Show the feature maps; wait until they and predictions are drawn for the first time."""
        self.window.stage.show_panel("Maps")
        self.wait(lambda: bool(mosaics(self.maps)) and mosaics(self.maps)[0].isVisible())
        self.wait(self._all_is_predicted)
        self.wait(lambda: self.window.panels.redraw._drawing is None)

    def settle(self) -> None:
        """Wait until nothing new is on its way; while it trains, for a while only."""
        quiet = 0

        def is_quiet() -> bool:
            nonlocal quiet
            # To go through all objects takes some milliseconds: only the last glance does.
            is_last = quiet == QUIET - 1
            quiet = 0 if self._works() or (is_last and self._puts_off()) else quiet + 1
            return quiet == QUIET

        self.wait(lambda: self._trains() or is_quiet())
        if self._trains():
            run_events(A_WHILE)

    def _trains(self) -> bool:
        return self.text("status") == "Training"

    def _all_is_predicted(self) -> bool:
        model = self.samples.samples
        # The first digit that lacks a prediction ends it: this is asked very often.
        said = (model.said(int(sample)) for sample in model.shown)
        return len(model.shown) > 0 and all(each is not None for each in said)

    def _works(self) -> bool:
        """Return whether something is being worked out, or is there and not drawn yet."""
        window, redraw = self.window, self.window.panels.redraw
        return (
            not at_rest(window.session._inbox, window.session._outbox)
            or window.jobs.title != ""
            or any(turn.panel.dirty and turn.panel.isVisible() for turn in redraw._turns)
            or redraw._drawing is not None
        )

    def _puts_off(self) -> bool:
        """Return whether anything in the window works beside it, or waits for a timer."""
        tasks = [
            *self.window.findChildren(LatestTask),
            *self.window.settings.findChildren(LatestTask),
        ]
        return any(task.busy for task in tasks) or puts_something_off(self.window)

    def train(self, state: str = "Finished") -> None:
        """Click Train and wait for how it ends."""
        self.run("train", state)

    def run(self, name: str, state: str) -> None:
        """Click a button that trains, and wait until it has trained and come to a state."""
        self.states.clear()
        self.click(name)
        self.wait(lambda: {state, "Error"} & set(self.states[1:]) != set())
        assert self.text("status") == state, self.message()

    def _click_item(self, view: QAbstractItemView, index: QModelIndex) -> None:
        view.scrollTo(index)
        at: QPoint = view.visualRect(index).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, NO_MODIFIER, at)


def _is_below(window: QObject, part: QObject) -> bool:
    """Return whether a part is there, and in a window or one of its dialogs."""
    above: QObject | None = part if isValid(part) else None
    while above is not None and above is not window:
        above = above.parent()
    return above is window


def _texts(view: QAbstractItemView, role: Qt.ItemDataRole) -> list[str]:
    model = view.model()
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]
