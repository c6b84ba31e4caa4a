"""The refresher: one panel a turn, the dear ones rarely, the hidden ones never."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.presenters.panels import RedrawScheduler


class Panel(QWidget):
    """A panel that is dirty again at once, or only once, and takes its time to draw."""

    def __init__(self, log: list[str], name: str, seconds: float = 0.0) -> None:
        super().__init__()
        self.log, self.name, self.seconds = log, name, seconds
        self.dirty, self.again = True, True

    def refresh(self) -> None:
        self.dirty = self.again
        self.log.append(self.name)
        time.sleep(self.seconds)


@pytest.fixture
def redraw(qapp: QApplication) -> Iterator[RedrawScheduler]:
    made = RedrawScheduler()
    yield made
    made.deleteLater()


def shown(qtbot: QtBot, redraw: RedrawScheduler, *panels: Panel) -> None:
    for panel in panels:
        qtbot.addWidget(panel)
        panel.show()
        redraw.add(panel)


@pytest.mark.timing
def test_a_dear_panel_is_drawn_rarely_while_training(qtbot: QtBot, redraw: RedrawScheduler) -> None:
    log: list[str] = []
    shown(qtbot, redraw, Panel(log, "dear", 0.005), Panel(log, "cheap"))
    redraw.set_busy(True)
    qtbot.waitUntil(lambda: log.count("dear") >= 2, timeout=10_000)
    started = time.perf_counter()
    cheap = log.count("cheap")
    qtbot.waitUntil(lambda: log.count("dear") >= 4, timeout=10_000)
    took = time.perf_counter() - started
    # Of 2 % of the time each of two panels has the half: 5 ms of drawing in every 500 ms.
    assert took >= 2 * 0.5 * 0.9
    assert log.count("cheap") - cheap > 4
