"""The training row: it says the state and how far the run is, and does not move meanwhile."""

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QProgressBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from gui.background.jobs import Job, Jobs
from gui.state import RunProgress
from gui.theme import HIGH_CONTRAST, apply_theme
from gui.widgets.labels import ElidedLabel
from gui.window.run_bar import PREPARATION_TIP, RunBar
from gui.workspace.job_bar import JobBar
from tests.approved import assert_approved
from tests.gui.finding import child, in_words, named


@pytest.fixture
def primary() -> QAction:
    return QAction("&Train")


@pytest.fixture
def bar(primary: QAction, jobs: Jobs, qtbot: QtBot) -> RunBar:
    host, others = QWidget(), (Jobs(primary), Jobs(primary))
    step, more, menu = QAction("Batch", primary), QMenu(host), QMenu(host)
    bar = RunBar(primary, step, more, host, menu, jobs, *others)
    qtbot.addWidget(bar)
    bar.resize(1280, 60)
    bar.show()
    return bar


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.close()


def text(bar: RunBar, name: str) -> str:
    return named(bar, QLabel, name).text()


RUN = RunProgress(3, 20, 0.125, 1000.0, 5.0, 35.0)
TOLD: list[tuple[str, object]] = [
    ("show_state", "Training"),
    ("show_progress", RunProgress(7, 20, 0.35, 5580.4, 9.2, 17.4)),
    ("show_progress", RunProgress(1, 2000, 0.0004, 0.43, 59.7, 3725.0)),
    ("show_idle", "3 images × 20 epochs"),
    ("show_progress", RUN),
    ("show_state", "Paused"),
    ("show_state", "Stopped"),
    ("show_idle", "Train goes on."),
    ("show_state", "Ready"),
    ("show_state", "Training"),
    ("show_progress", RunProgress(3, 20, 0.125, 1000.0, 2.4, None)),
    ("show_state", ("Stopped", "Train goes on with epoch 3 of 20.")),
    ("show_state", "Training"),
    ("show_speed", "slow"),
    ("show_progress", RunProgress(1, 20, 0.1, 3.0, 140.0, 1264.0)),
    ("show_speed", "full"),
]


def test_what_it_says_of_a_run_while_it_trains_rests_and_is_over(bar: RunBar) -> None:
    said = []
    for name, told in TOLD:
        getattr(bar, name)(*(told if isinstance(told, tuple) else (told,)))
        shown = [text(bar, part) for part in ("status", "figure.epoch", "progress_text")]
        filled = named(bar, QProgressBar, "progress")
        words = told if isinstance(told, str | tuple) else "…"
        said.append(f"{name} {words}: {' | '.join(shown)} | {filled.value()} of {filled.maximum()}")
        said.append(f"  {in_words(bar.detail.toolTip()) or '–'}".replace("\n", "\n  "))
    assert_approved("run_bar.txt", "\n".join(said) + "\n")


def test_the_button_follows_its_action_and_keeps_its_place(bar: RunBar, primary: QAction) -> None:
    button = child(bar, QToolButton)
    before = button.geometry()
    for word in ("Pause", "Resume", "Train on", "88 more epochs", "Train"):
        primary.setText(f"&{word}")
        primary.setIconText(word)
        QApplication.processEvents()
        assert button.text() == word
        assert button.accessibleName() == word
        assert button.geometry() == before
        padding = 16  # px, with the border
        assert button.fontMetrics().horizontalAdvance(word) <= button.width() - padding
    primary.setEnabled(False)
    QApplication.processEvents()
    assert button.geometry() == before


def test_nothing_moves_when_a_job_is_shown(bar: RunBar, jobs: Jobs, qtbot: QtBot) -> None:
    shown, parts = child(bar, JobBar), (bar.progress, bar.detail, bar.status)

    def heights() -> list[int]:
        bar.adjustSize()
        tops = [part.mapTo(bar, part.rect().topLeft()).y() for part in parts]
        return [bar.sizeHint().height(), bar.minimumSizeHint().height(), *tops]

    def search(report: Callable[[float], None]) -> None:
        while True:
            report(0.5)  # until it is cancelled

    before = heights()
    jobs.start(Job("Search", search, lambda _result: None))
    qtbot.waitUntil(shown.isVisible)
    assert heights() == before
    cancel = child(shown, QToolButton)
    assert cancel.height() >= cancel.fontMetrics().height(), "its word fits"
    jobs.cancel()
    qtbot.waitUntil(lambda: not shown.isVisible())
    assert heights() == before


def test_no_job_makes_the_window_wider_than_it_is(bar: RunBar, jobs: Jobs, qtbot: QtBot) -> None:
    shown = child(bar, JobBar)
    title = f"Export {'a long name ' * 800}"
    done = list[object]()
    jobs.start(Job(title, lambda _report: time.sleep(0.5), done.append))
    qtbot.waitUntil(shown.isVisible)
    label = named(shown, ElidedLabel, "job.title")
    assert bar.width() == 1280
    assert "Export a long" in label.written(), "there is room for some of it"
    assert label.text() == title
    qtbot.waitUntil(lambda: bool(done))


def test_what_is_said_of_the_compiler_leaves_room_for_the_run(bar: RunBar) -> None:
    least = bar.minimumSizeHint().width()
    bar.show_progress(RUN)
    said = "Preparing the fast engine, once, about a minute: 3 of 88"
    bar.show_preparation(said)
    QApplication.processEvents()
    label = named(bar, ElidedLabel, "run.preparation")
    assert bar.minimumSizeHint().width() <= least + 8, "it may be as narrow as before"
    assert (label.text(), label.written()) == (said, said)
    assert label.toolTip() == f"{said}\n{PREPARATION_TIP}"
    bar.resize(1000, 60)
    QApplication.processEvents()
    assert label.written().endswith("of 88")
    assert bar.detail.width() >= label.width()
    bar.show_preparation("")
    QApplication.processEvents()
    assert not label.isVisible()


def test_train_has_the_accent_of_a_theme(bar: RunBar, qapp: QApplication) -> None:
    apply_theme(qapp, "high_contrast")
    QApplication.processEvents()
    image = bar.train.grab().toImage()
    accent = QColor(HIGH_CONTRAST.highlight)
    assert image.pixelColor(image.width() - 12, image.height() // 2) == accent


def test_tab_goes_from_train_through_the_bar(bar: RunBar, qtbot: QtBot) -> None:
    bar.activateWindow()
    qtbot.waitUntil(bar.isActiveWindow)
    bar.train.setFocus()
    names = []
    for _ in range(3):
        QTest.keyClick(bar.focusWidget(), Qt.Key.Key_Tab)
        names.append(bar.focusWidget().objectName())
    assert names == ["run.step", "run.gear", "run.menu"]
