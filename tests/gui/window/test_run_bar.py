"""The training row: it says the state and how far the run is, and does not move meanwhile."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.background.jobs import Job, Jobs
from gui.background.mailbox import RunProgress
from gui.document.document import Document
from gui.document.edits import Edits
from gui.forms.settings_form import Strip, TrainingSettings
from gui.widgets.elision import ElidedLabel
from gui.window.run_bar import PREPARATION_TIP, TIME_TIP, JobBar, RunBar, TrainButton
from tests.gui.finding import child, named
from tests.gui.showing import activated, on_screen


@pytest.fixture
def primary(qtbot: QtBot) -> QAction:
    return QAction("&Train")


@pytest.fixture
def bar(primary: QAction, jobs: Jobs, qtbot: QtBot) -> RunBar:
    bar = RunBar([primary], primary, QWidget(), Strip([]), jobs, Jobs(primary), Jobs(primary))
    return on_screen(qtbot, bar, 1000, 60)


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.close()


def test_it_says_how_far_the_run_is_and_what_comes_next(bar: RunBar) -> None:
    def text() -> str:
        return named(bar, QLabel, "progress_text").text()

    running = RunProgress(3, 20, 0.125, 1000.0, 5.0, 35.0)
    bar.show_state("Training")
    bar.show_progress(RunProgress(7, 20, 0.35, 5580.4, 9.2, 17.4))
    assert text() == "epoch 7 of 20 · 0:09, about 0:17 left · 5,580 samples/s"
    assert (bar.progress.value(), bar.progress.maximum()) == (350, 1000)
    bar.show_progress(RunProgress(1, 2000, 0.0004, 0.6, 59.7, 3725.0))
    assert text() == "epoch 1 of 2,000 · 1:00, about 1:02:05 left · 1 samples/s"
    bar.show_progress(running)
    bar.show_state("Paused")
    assert ", about 0:35 left" in text()
    bar.show_speed("slow")
    assert text() == "epoch 3 of 20 · 0:05 · 1,000 samples/s", "nobody waits for the end"
    bar.show_speed("full")
    assert ", about 0:35 left" in text()
    bar.show_state("Stopped")
    assert text() == "epoch 3 of 20 · 0:05 · 1,000 samples/s"
    bar.show_state("Stopped", "Train goes on with epoch 3 of 20.")
    said = "epoch 3 of 20 · 0:05 · 1,000 samples/s · Train goes on with epoch 3 of 20."
    assert text() == said
    assert bar.detail.toolTip() == f"Train goes on with epoch 3 of 20.\n{TIME_TIP}"
    bar.show_state("Training")
    assert "goes on" not in text()
    assert bar.detail.toolTip() == TIME_TIP
    bar.show_idle("3 images × 20 epochs")
    bar.show_state("Ready")
    assert (text(), bar.progress.value()) == ("3 images × 20 epochs", 0)


def test_button_and_status_have_room_for_all_their_words(bar: RunBar, primary: QAction) -> None:
    button = child(bar, TrainButton)
    before = button.geometry()
    for word in ("Pause", "Resume", "Train on", "88 more epochs", "Train"):
        primary.setText(f"&{word}")
        primary.setIconText(word)
        QApplication.processEvents()
        assert button.text() == button.accessibleName() == word
        assert button.geometry() == before
        padding = 16  # px, with the border
        assert button.fontMetrics().horizontalAdvance(word) <= button.width() - padding
    primary.setEnabled(False)
    QApplication.processEvents()
    assert button.geometry() == before
    for word in ("Ready", "Training", "Paused", "Stopped", "Finished", "Error"):
        bar.show_state(word)
        QApplication.processEvents()
        assert bar.status.text() == word
        assert bar.status.fontMetrics().horizontalAdvance(word) <= bar.status.width()


def test_nothing_moves_when_a_job_is_shown_whatever_it_is_called(
    bar: RunBar, jobs: Jobs, qtbot: QtBot
) -> None:
    shown, parts = child(bar, JobBar), (bar.progress, bar.detail, bar.status)

    def heights() -> list[int]:
        bar.adjustSize()
        tops = [part.mapTo(bar, part.rect().topLeft()).y() for part in parts]
        bar.resize(1000, bar.height())
        return [bar.sizeHint().height(), bar.minimumSizeHint().height(), *tops]

    def search(report: Callable[[float], None]) -> None:
        while True:
            report(0.5)  # until it is cancelled

    before, title = heights(), f"Export {'a long name ' * 800}"
    jobs.start(Job(title, search, lambda _result: None))
    qtbot.waitUntil(shown.isVisible)
    assert heights() == before
    assert bar.width() == 1000
    label = named(shown, ElidedLabel, "job.title")
    assert "Export a long" in label.written(), "there is room for some of it"
    assert label.text() == title
    cancel = child(shown, QToolButton)
    assert cancel.height() >= cancel.fontMetrics().height(), "its word fits"
    jobs.cancel()
    qtbot.waitUntil(lambda: not shown.isVisible())
    assert heights() == before


def test_what_is_said_of_the_compiler_leaves_room_for_the_run(bar: RunBar) -> None:
    least = bar.minimumSizeHint().width()
    bar.show_progress(RunProgress(3, 20, 0.125, 1000.0, 5.0, 35.0))
    said = "Preparing the fast engine, once, about a minute: 3 of 88"
    bar.show_preparation(said)
    QApplication.processEvents()
    label = named(bar, ElidedLabel, "run.preparation")
    assert bar.minimumSizeHint().width() <= least + 8, "it may be as narrow as before"
    assert (label.text(), label.written()) == (said, said)
    assert label.toolTip() == f"{said}\n{PREPARATION_TIP}"
    bar.resize(640, 60)
    QApplication.processEvents()
    assert label.written().endswith("of 88")
    assert bar.detail.width() >= label.width()
    bar.show_preparation("")
    QApplication.processEvents()
    assert not label.isVisible()


@pytest.fixture
def whole(document: Document, edits: Edits, jobs: Jobs, qtbot: QtBot) -> RunBar:
    """Return a training row with the usual buttons and settings, at the width of 940 px."""
    settings = TrainingSettings(document, edits)
    actions = [QAction(word) for word in ("Reset", "Train", "Batch", "Epoch", "Stop")]
    others = Jobs(actions[0]), Jobs(actions[0])
    bar = RunBar(actions, actions[1], QWidget(), settings.strip, jobs, *others)
    bar.setProperty("actions", [*actions, settings])  # else nobody holds them
    qtbot.addWidget(settings.more)
    return on_screen(qtbot, bar, 940, 90)


def test_where_it_is_narrow_buttons_and_settings_share_two_rows(
    whole: RunBar, qtbot: QtBot
) -> None:
    names = ("learning_rate", "batch_size", "epochs", "loss")
    fields = [named(whole, QWidget, f"setting.{name}") for name in names]
    tops = [field.mapTo(whole, field.rect().center()).y() for field in fields]
    train = whole.train.mapTo(whole, whole.train.rect().center()).y()
    assert tops[0] == pytest.approx(train, abs=1)
    assert tops[-1] > train + whole.train.height() / 2
    assert max(tops) - min(tops) < 2 * whole.train.height()
    label = next(label for label in whole.findChildren(QLabel) if label.buddy() is fields[-1])
    assert label.mapTo(whole, label.rect().topLeft()).x() < whole.train.width()  # from the left on
    activated(qtbot, whole)
    buttons = [button for button in whole.findChildren(QToolButton) if button.isVisible()]
    buttons[-1].setFocus()
    QTest.keyClick(buttons[-1], Qt.Key.Key_Tab)
    assert whole.focusWidget().objectName() == "setting.learning_rate"
