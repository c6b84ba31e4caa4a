"""The tour in the real window, both parts, by keys and mouse, and where it cannot go."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QToolButton, QWidget

from gui.tour.greeting import TOUR
from gui.tour.tour import TargetFrame, TourCard
from gui.why.panel import WhyPanel
from gui.widgets.number_grid import NumberGrid
from tests.gui.driving import Driver
from tests.gui.tour.walking import running, start
from tests.gui.waiting import run_events

LEFT = Qt.MouseButton.LeftButton
LOOK = 10  # ms between two looks of the tour at where everything is
TITLES = [
    *("The network", "An image to look at", "Kernels", "A kernel on the image"),
    *("Multiply and add up", "Cell by cell", "Flip the kernel", "Maps"),
    *("Forward, to the loss", "Backward", "The update", "The loss again"),
    *("For real", "Watch it learn", "Back in time"),
]
UNDER_GLASS = (4, 5, 6, 7, 9, 10, 11, 12)  # steps that need the room of an enlarged panel


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.tour.tour.LOOK_MILLISECONDS", LOOK)


@pytest.fixture
def driver(new_project: Driver) -> Iterator[Driver]:
    """Return the module's window with the notebook's network opened anew; end the tour after it."""
    yield new_project
    if running(new_project):
        QTest.mouseClick(new_project.find(QToolButton, "tour.end"), LEFT)
    assert not new_project.window.stage.filled
    new_project.pick("run.speed", "Full")


def card(driver: Driver) -> TourCard:
    return driver.find(TourCard, "tour.card")


def title(driver: Driver) -> str:
    return driver.text("tour.title")


def words(driver: Driver) -> str:
    return driver.text("tour.text")


def wait_until_shown(driver: Driver) -> None:
    """Wait until what the card speaks of is there and framed."""
    driver.wait(lambda: "Getting ready" not in words(driver))
    driver.wait(lambda: driver.find(TargetFrame, "tour.frame").isVisible())
    driver.settle()
    run_events(2 * LOOK)  # card and frame follow what has moved last
    check_place(driver)


def check_place(driver: Driver) -> None:
    """The card is inside the window, all its text can be read, and it is beside what is framed."""
    whole, area = driver.window.rect(), card(driver).geometry()
    assert whole.contains(area), title(driver)
    text = driver.find(QLabel, "tour.text")
    assert text.height() >= text.heightForWidth(text.width())
    frame = driver.find(TargetFrame, "tour.frame")
    assert whole.contains(frame.geometry())
    assert not frame.geometry().intersects(area), title(driver)
    assert frame.geometry().adjusted(-16, -16, 16, 16).intersects(area), title(driver)


def framed(driver: Driver, widget: QWidget) -> bool:
    whole = QRect(widget.mapTo(driver.window, QPoint(0, 0)), widget.size())
    shown = whole.intersected(driver.window.rect())
    return driver.find(TargetFrame, "tour.frame").geometry().contains(shown)


def press(driver: Driver, key: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget() or card(driver), key)


def go_to(driver: Driver, wanted: str) -> None:
    while title(driver) != wanted:
        driver.click("tour.next")
    wait_until_shown(driver)


def project_of(driver: Driver) -> tuple[object, ...]:
    document = driver.window.document
    return document.stack, document.settings, document.modified, document.trained


def check_kernel_on_the_image(driver: Driver) -> list[QWidget]:
    """Under glass the kernel lies where the image has most to say; the coach is silent."""
    driver.window.coach.bar.show_advice(TOUR)
    assert not driver.window.coach.bar.isVisible()
    sheet = driver.find(NumberGrid, "glass.sheet")
    assert driver.find(QComboBox, "glass.equation").currentIndex() == 0
    (window,) = sheet._frames
    kernel = np.abs(driver.find(NumberGrid, "glass.factors").values())
    windows = np.lib.stride_tricks.sliding_window_view(sheet.values(), (3, 3))
    most = (windows * kernel).sum(axis=(2, 3)).max()
    assert (windows[window.top, window.left] * kernel).sum() == pytest.approx(most)
    return [sheet]


def check_step(driver: Driver) -> list[QWidget]:
    """Return what a step speaks of, and must be framed."""
    match title(driver):
        case "The network":
            return [driver.blocks]
        case "An image to look at":
            assert driver.pinned() is not None, "in place of the drawing"
            return [driver.samples]
        case "Kernels":
            said = "5 kernels: for each map that comes in, a small table of 3×3 weights"
            assert said in words(driver)
            panel = driver.find(QWidget, "panel.kernels")
            direct = Qt.FindChildOption.FindDirectChildrenOnly
            parts = panel.findChildren(QWidget, options=direct)
            return [part for part in parts if part.isVisible()]
        case "A kernel on the image":
            return check_kernel_on_the_image(driver)
        case "Multiply and add up":
            return [driver.window.panels.glass.convolution.picture]
        case "Flip the kernel":
            return [driver.find(QToolButton, "glass.turn")]
        case "Forward, to the loss":
            assert driver.find(QLabel, "glass.frame").isVisible()
        case "Backward":
            assert driver.find(QComboBox, "glass.equation").currentText().startswith("∂E/∂K")
        case "The update":
            assert driver.text("glass.frame").startswith("Update: ")
            assert "W ← W − η ∂E/∂W" in words(driver)
        case "The loss again":
            assert driver.text("glass.frame") == "The loss again"
        case "For real":
            return [driver.button("step_batch")]
        case "Watch it learn":
            assert driver.maps.isVisible()
            return [driver.button("train")]
        case "Back in time":
            return [driver.find(QWidget, "panel.loss")]
    return []


def test_it_is_walked_through_by_keys_and_each_step_frames_what_it_speaks_of(
    driver: Driver,
) -> None:
    driver.window.resize(1280, 800)
    driver.window.view.pin_drawing(np.full((1, 28, 28), 200, np.uint8))
    before = project_of(driver)
    start(driver)
    assert driver.pinned() is None
    seen = []
    while running(driver):
        wait_until_shown(driver)
        seen.append(title(driver))
        assert driver.window.stage.filled == (len(seen) in UNDER_GLASS)
        assert driver.text("tour.count") == f"{len(seen)} of {len(TITLES)}"
        assert all(framed(driver, part) for part in check_step(driver)), title(driver)
        press(driver, Qt.Key.Key_Right)
        assert len(seen) <= len(TITLES)
    assert seen == TITLES
    assert not driver.find(TargetFrame, "tour.frame").isVisible()
    assert not driver.window.stage.filled
    assert project_of(driver) == before


def test_it_goes_back_starts_over_and_is_ended_at_any_time(driver: Driver) -> None:
    height = driver.blocks.height()
    start(driver)
    assert not driver.find(QPushButton, "tour.back").isVisible()
    go_to(driver, "Kernels")
    driver.click("tour.back")
    assert title(driver) == "An image to look at"
    press(driver, Qt.Key.Key_Left)
    assert title(driver) == "The network"
    go_to(driver, "Kernels")
    start(driver)  # which begins anew
    assert title(driver) == "The network"
    assert len(driver.window.findChildren(TourCard)) == 1
    for way in ("escape", "escape elsewhere", "button"):
        if way == "escape":
            press(driver, Qt.Key.Key_Escape)
        elif way == "escape elsewhere":
            start(driver)
            driver.blocks.setFocus()
            press(driver, Qt.Key.Key_Escape)
        else:
            start(driver)
            go_to(driver, "A kernel on the image")
            driver.click("tour.end")
            assert not driver.window.stage.filled
            driver.wait(lambda: driver.blocks.height() == height)
        assert not running(driver), way
        assert not driver.find(TargetFrame, "tour.frame").isVisible()
        assert driver.blocks.hasFocus(), "no key may change a setting"
    driver.click("step_batch")  # all is as before
    driver.wait_for("Paused")


def test_a_step_of_training_goes_on_and_nobody_is_asked_for_one_meanwhile(driver: Driver) -> None:
    driver.make_smaller()
    driver.type_into("setting.epochs", "500")
    start(driver)
    go_to(driver, "For real")
    assert not driver.window.document.trained
    driver.click("step_batch")
    driver.wait(lambda: title(driver) == "Watch it learn")
    assert driver.window.document.trained
    wait_until_shown(driver)
    driver.window.session.set_speed("slow")
    driver.click("train", until="Training")
    driver.click("tour.back")
    assert title(driver) == "The loss again"
    driver.click("tour.next")
    assert title(driver) == "Watch it learn"
    driver.click("train", until="Paused")
    driver.click("tour.next")
    assert title(driver) == "Back in time"
    driver.wait(lambda: driver.window.panels.runs.panel.list.runs.rowCount() > 0)
    driver.click("tour.next")
    assert not running(driver)


def test_it_waits_for_a_conv_a_network_that_fits_and_data(driver: Driver, tmp_path: Path) -> None:
    driver.select(0)
    driver.choose("delete")
    start(driver)
    assert "has no Conv block" in words(driver)
    assert not driver.find(QPushButton, "tour.next").isVisible()
    driver.click("tour.help")
    driver.wait(lambda: title(driver) == "The network")
    assert driver.find(QPushButton, "tour.next").isVisible()
    go_to(driver, "Kernels")
    driver.select(0)
    driver.type_into("option.kernel_size", "29")
    assert "needs a network that fits" in words(driver)
    driver.choose("undo")
    assert title(driver) == "Kernels"
    go_to(driver, "Backward")
    driver.window.edits.change_setting("dataset", str(tmp_path / "nothing"))
    driver.wait(lambda: "The tour needs images." in words(driver))


METHODS = {  # and the method that is in front
    "Why this answer?": "Occlusion",
    "Cover it": "Occlusion",
    "Its slope": "Gradient",
    "Which maps speak for it": "Grad-CAM",
    "Does it add up?": "Integrated gradients",
    "Was it learned?": "Integrated gradients",
    "Fool it": "Attack: fool it",
    "Let it dream": "Dream",
    "Near and far": "Layer map",
    "Where it stands": "Loss landscape",
}


def test_each_method_is_shown_framed_with_what_the_card_speaks_of(driver: Driver) -> None:
    driver.make_smaller()
    driver.choose("tour_why")
    driver.wait(lambda: running(driver))
    why = driver.find(WhyPanel, "panel.why")
    for title, method in METHODS.items():
        wait_until_shown(driver)
        assert driver.text("tour.title") == title
        assert why.method.currentText() == method
        assert why.isVisible()
        card(driver).setFocus()
        QTest.keyClick(card(driver), Qt.Key.Key_Right)
    driver.wait(lambda: not running(driver))
    assert not driver.window.stage.filled
