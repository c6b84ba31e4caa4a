"""The second part of the tour: why the network says what it says."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from gui.tour.tour import TargetFrame, TourCard
from gui.why.panel import WhyPanel
from tests.gui.driving import Driver
from tests.gui.tour.walking import running

LEFT = Qt.MouseButton.LeftButton
STEPS = {  # and the method that is in front
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


@pytest.fixture
def driver(new_project: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """Return the module's window with a small network; end the tour after it."""
    monkeypatch.setattr("gui.tour.tour.LOOK_MILLISECONDS", 10)
    new_project.make_smaller()
    yield new_project
    if running(new_project):
        QTest.mouseClick(new_project.find(QToolButton, "tour.end"), LEFT)


def test_each_method_is_shown_framed_with_what_the_card_speaks_of(driver: Driver) -> None:
    driver.choose("tour_why")
    driver.wait(lambda: running(driver))
    why = driver.find(WhyPanel, "panel.why")
    for title, method in STEPS.items():
        driver.wait(lambda: "Getting ready" not in driver.text("tour.text"))
        driver.wait(lambda: driver.find(TargetFrame, "tour.frame").isVisible())
        assert driver.text("tour.title") == title
        assert why.method.currentText() == method
        assert why.isVisible()
        card, whole = driver.find(TourCard, "tour.card"), driver.window.rect()
        assert whole.contains(card.geometry()), title
        assert whole.contains(driver.find(TargetFrame, "tour.frame").geometry()), title
        card.setFocus()
        QTest.keyClick(card, Qt.Key.Key_Right)
    driver.wait(lambda: not running(driver))
    assert not driver.window.stage.filled
