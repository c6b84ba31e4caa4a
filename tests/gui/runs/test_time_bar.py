"""The controls of the time machine."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from gui.runs.time_bar import EpochSlider, TimeBar
from tests.approved import assert_approved
from tests.gui.finding import named
from tests.gui.runs.made_rows import run
from tests.gui.waiting import wait_until

Commands = list[tuple[str, int]]


@pytest.fixture
def bar(qtbot: QtBot) -> TimeBar:
    bar = TimeBar()
    qtbot.addWidget(bar)
    bar.resize(600, 80)
    bar.show()
    return bar


def commands(bar: TimeBar) -> Commands:
    heard: Commands = []
    bar.checkpoint_wanted.connect(lambda run, epoch: heard.append((run.id, epoch)))
    return heard


def click(bar: TimeBar, name: str) -> None:
    QTest.mouseClick(named(bar, QToolButton, name), Qt.MouseButton.LeftButton)


def test_back_next_and_play_go_from_kept_epoch_to_kept_epoch(bar: TimeBar) -> None:
    """Play ends with another run; its button is as wide while it plays."""
    heard = commands(bar)
    bar.show_run(run())
    for name in ("runs.back", "runs.back", "runs.next"):
        click(bar, name)
    assert heard == [("a", 4), ("a", 2), ("a", 4)]
    bar.show_shown(run(), "epoch 2")
    assert bar.slider.epoch == 4, "which was asked for later"
    bar.show_wished((run(), 2))
    assert bar.slider.epoch == 2
    bar.slider.setValue(4)
    heard.clear()
    speed = named(bar, QComboBox, "runs.speed")
    speed.setCurrentText("very fast")
    click(bar, "runs.play")
    wait_until(lambda: not bar.controls.playing)
    assert heard == [("a", epoch) for epoch in (0, 1, 2, 4, 8)]
    speed.setCurrentIndex(0)
    play = named(bar, QToolButton, "runs.play")
    before = play.width()
    for text in ("❚❚ Pause", "▶ Play", "❚❚ Pause"):
        click(bar, "runs.play")
        QApplication.processEvents()
        assert (play.text(), play.width()) == (text, before)
    bar.show_run(run(epochs=9))
    assert bar.controls.playing
    bar.show_run(run("b"))
    assert not bar.controls.playing


def tip(bar: TimeBar, name: str) -> str:
    return QTextDocumentFragment.fromHtml(named(bar, QWidget, name).toolTip()).toPlainText()


def test_what_can_and_what_cannot_be_used_says_why(bar: TimeBar) -> None:
    said = list[str]()

    def note(title: str) -> None:
        said.append(f"# {title}")
        for name in ("back", "play", "next", "bookmark", "epoch"):
            sign = "" if named(bar, QWidget, f"runs.{name}").isEnabled() else "not now: "
            said.append(f"{name}: {sign}{tip(bar, f'runs.{name}')}")

    for title, shown in {
        "no run": None,
        "a run that has kept none yet": run(kept=(), state="training"),
        "a run without weights": run(kept=()),
        "the last epoch": run(),
    }.items():
        bar.show_run(shown)
        note(title)
    bar.slider.setValue(0)
    note("the first epoch")
    assert_approved("time_bar.txt", "\n".join(said) + "\n")


KEPT = (0, 1, 2, 4, 8, 16, 20)
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def heard() -> list[int]:
    """The epochs that the slider has asked for."""
    return []


@pytest.fixture
def slider(qtbot: QtBot, heard: list[int]) -> EpochSlider:
    slider = EpochSlider(heard.append)
    qtbot.addWidget(slider)
    slider.resize(400, 40)
    slider.show_epochs(KEPT, 16, (4,), 20)
    slider.show()
    return slider


def at(slider: EpochSlider, place: int) -> QPoint:
    return QPoint(round(slider.across(place)), slider.height() // 2 - 4)


def test_it_has_a_step_for_each_kept_epoch_and_asks_again_for_where_it_stands(
    slider: EpochSlider, heard: list[int]
) -> None:
    slider.show_epochs((0, 1, 2), 1, (), 2)
    slider.show_epochs(KEPT, 16, (4,), 20)
    assert heard == [], "showing epochs asks for none"
    key = Qt.Key
    QTest.keyClick(slider, key.Key_End)
    assert heard == [20]
    for each in (key.Key_Left, key.Key_Left, key.Key_Right, key.Key_Home, key.Key_PageUp):
        QTest.keyClick(slider, each)
    assert heard[1:] == [16, 8, 16, 0, 16]


def test_a_click_goes_there_and_a_drag_from_epoch_to_epoch(
    slider: EpochSlider, heard: list[int]
) -> None:
    for place in (6, 4, 1):
        QTest.mouseClick(slider, LEFT, NO_KEY, at(slider, place))
    assert list(dict.fromkeys(heard)) == [20, 8, 1]
    QTest.mousePress(slider, LEFT, NO_KEY, at(slider, 6))
    for place in (5, 4, 3):
        QTest.mouseMove(slider, at(slider, place))
        QApplication.processEvents()
    QTest.mouseRelease(slider, LEFT, NO_KEY, at(slider, 3))
    assert heard[-3:] == [16, 8, 4]
