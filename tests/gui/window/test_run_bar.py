"""The training row: it says the state and how far the run is, and does not move meanwhile."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.background.jobs import Job, Jobs
from gui.background.mailbox import RunProgress
from gui.forms.settings_form import Strip
from gui.widgets.elision import ElidedLabel
from gui.window.run_bar import PREPARATION_TIP, JobBar, RunBar
from tests.gui.finding import child, named


@pytest.fixture
def primary(qtbot: QtBot) -> QAction:
    return QAction("&Train")


@pytest.fixture
def bar(primary: QAction, jobs: Jobs, qtbot: QtBot) -> RunBar:
    bar = RunBar([primary], primary, QWidget(), Strip([]), jobs, Jobs(primary), Jobs(primary))
    qtbot.addWidget(bar)
    bar.resize(1000, 60)
    bar.show()
    return bar


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.close()


def text(bar: RunBar, name: str) -> str:
    label = bar.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def test_no_job_makes_the_window_wider_than_it_is(bar: RunBar, jobs: Jobs, qtbot: QtBot) -> None:
    shown = child(bar, JobBar)
    title = f"Export {'a long name ' * 800}"
    done = list[object]()
    jobs.start(Job(title, lambda _report: time.sleep(0.5), done.append))
    qtbot.waitUntil(shown.isVisible)
    label = named(shown, ElidedLabel, "job.title")
    assert bar.width() == 1000
    assert "Export a long" in label.written(), "there is room for some of it"
    assert label.text() == title
    qtbot.waitUntil(lambda: bool(done))


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
