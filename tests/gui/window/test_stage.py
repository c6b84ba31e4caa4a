"""The places of the window: which view is seen, and what has a window of its own."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget

from gui.storage.preferences import Preferences
from gui.widgets.segments import Segments
from gui.window.stage import OwnWindow, Stage
from gui.window.views import NETWORK, SETTINGS
from tests.gui.conftest import window_of
from tests.gui.driving import Driver
from tests.gui.finding import child, named, not_none
from tests.gui.waiting import run_events

VIEWS = {
    "loss": "Loss",
    "feature_maps": "Maps",
    "predictions": "Test image",
    "kernels": "Kernels",
    "gradients": "Gradients",
    "confusion": "Confusion matrix",
    "draw": "Draw",
    "glass": "Step by step",
    "why": "Why",
    "data": "Data",
    "runs": "Runs",
    "drawing": "What it sees",
}


def seen(stage: Stage) -> set[str]:
    return {each.title for each in stage.entries if stage.is_in_view(each.title)}


def click_segment(driver: Driver, name: str, word: str) -> None:
    switch = driver.find(Segments, name)
    words = [switch.tabText(tab) for tab in range(switch.count())]
    place = switch.tabRect(words.index(word)).center()
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=place)


def test_a_view_is_chosen_by_click_by_arrows_and_by_its_action_and_the_settings_by_the_gear(
    driver: Driver,
) -> None:
    stage, kept = driver.window.stage, Preferences()
    for _ in range(2):  # F11 enlarges the view in use, and not the loss, which was made last
        stage.restore(kept)
        assert stage.in_use()[0] == stage.stage.current
        stage.remember(kept)
    click_segment(driver, "place.stage.switch", "Maps")
    assert seen(stage) == {"Network", "Maps", "Test image", "Loss"}
    switch = driver.find(Segments, "place.stage.switch")
    switch.setFocus()
    driver.press(Qt.Key.Key_Right)
    assert "Step by step" in seen(stage)
    for name, title in VIEWS.items():
        driver.choose(f"view.{name}")
        assert title in seen(stage)
        assert driver.find(QWidget, f"panel.{name}").isVisible()
    QTest.mouseClick(driver.find(QToolButton, "run.gear"), Qt.MouseButton.LeftButton)
    assert stage.is_in_view(SETTINGS)
    assert driver.find(QWidget, "setting.learning_rate").isVisible()
    driver.press(Qt.Key.Key_Escape)
    assert not stage.is_in_view(SETTINGS)


def test_in_a_window_of_its_own_a_view_has_the_keys_and_comes_back_when_that_is_closed(
    driver: Driver,
) -> None:
    stage = driver.window.stage
    stage.show_panel("Kernels")
    stage.put_into_window("Kernels")
    own = child(driver.window, OwnWindow)
    assert own.isVisible()
    assert own.windowTitle() == "Kernels"
    assert driver.find(QWidget, "panel.kernels").window() is own
    assert not stage.is_in_view("Kernels")
    own.close()
    driver.settle()
    assert stage.is_in_view("Kernels")
    assert driver.find(QWidget, "panel.kernels").window() is driver.window
    stage.put_into_window("Step by step")
    own = child(driver.window, OwnWindow)
    own.activateWindow()
    driver.wait(lambda: QApplication.activeWindow() is own)
    assert own.windowTitle() == "Step by step"
    QTest.keyClick(own, Qt.Key.Key_Space)
    driver.wait(lambda: driver.text("status") != "Ready")
    QTest.keyClick(own, Qt.Key.Key_F8)
    driver.wait(lambda: driver.text("status") == "Stopped")
    QTest.keyClick(own, Qt.Key.Key_F11)
    assert own.isFullScreen()
    assert not driver.window.isFullScreen()
    QTest.keyClick(own, Qt.Key.Key_Escape)
    assert own.isVisible()
    assert not own.isFullScreen()
    QTest.keyClick(own, Qt.Key.Key_Escape)
    driver.settle()
    assert stage.is_in_view("Step by step")
    stage.put_into_window(NETWORK)
    driver.window.network.find_block()
    driver.settle()
    driver.window.network.window().close()
    driver.settle()
    driver.window.network.find_block()
    assert driver.window.network.palette_.isVisible()
    assert driver.window.network.palette_.window() is driver.window


def test_what_has_no_room_on_the_switch_is_in_a_menu_beside_it(driver: Driver) -> None:
    stage = driver.window.stage
    place = stage.stage
    place.resize(300, place.height())
    switch = not_none(place.switch)
    rest = [
        each.word for n, each in enumerate(place.entries.values()) if not switch.isTabVisible(n)
    ]
    QTest.mouseClick(named(place, QToolButton, "place.more"), Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    entries = {action.text(): action for action in menu.actions()}
    assert "Kernels" in entries
    assert {"Kernels", "Data"} <= set(rest)
    entries["Kernels"].trigger()
    menu.close()
    assert place.current == "Kernels"
    titles = list(place.views)
    for offered in (titles, titles[:5], [*titles[:4], titles[5]], titles):
        place.offer(offered)
        driver.settle()
        seen_tabs = {titles[tab] for tab in range(switch.count()) if switch.tabRect(tab).width()}
        assert seen_tabs | set(place.hidden()) == {*offered, "Kernels"}


def test_sizes_and_views_are_those_of_the_last_window(driver: Driver, tmp_path: Path) -> None:
    with window_of(tmp_path / "home") as last:
        stage = last.window.stage
        stage.show_panel("Draw")
        stage.splitters[0].setSizes([300, 500, 400])
        sizes = stage.splitters[0].sizes()
        last.choose("full_screen")  # which is not remembered
        last.window.close()
        remembered = last.window._preferences.current
    again = driver.window.stage
    again.restore(remembered)
    assert again.is_in_view("Draw")
    assert not again.filled
    assert again.splitters[0].sizes() == sizes


def test_the_curve_of_the_loss_leads_back_in_time(driver: Driver) -> None:
    driver.type_into("setting.epochs", "4")
    driver.type_into("setting.limit", "20")
    driver.train()
    driver.settle()
    plot = driver.window.panels.loss.shown_curves.loss

    def drag(*epochs: float) -> None:
        places = [QPoint(round(plot.spot(at, 0).x()), plot.height() // 3) for at in epochs]
        QTest.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(plot.viewport(), place)
        QTest.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=places[-1])

    drag(3.0, 2.1)
    driver.wait(lambda: getattr(driver.window.view.state.checkpoint, "epoch", None) == 2)
    driver.settle()
    assert plot._time == 2
    assert driver.text("figure.epoch") == "2"
    assert plot is driver.window.panels.loss.shown_curves.loss  # the batches stay
    drag(2.0, 3.95)
    driver.wait(lambda: driver.window.view.state.checkpoint is None)
    driver.settle()
    assert plot._time is None
    assert driver.text("figure.epoch") == "4 / 4"


class LayoutRequests(QObject):
    """Counts how often any part of the program is laid out anew."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def of_the_next(self, milliseconds: int) -> int:
        self._count = 0
        not_none(QApplication.instance()).installEventFilter(self)
        run_events(milliseconds)
        not_none(QApplication.instance()).removeEventFilter(self)
        return self._count

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_a_window_at_rest_lays_nothing_out(driver: Driver) -> None:
    """Else it would lay out for ever, beside a training that needs the processor."""
    layouts = LayoutRequests()
    for _ in driver.panels():
        driver.wait(lambda: layouts.of_the_next(100) == 0)


def test_a_run_gives_way_for_a_while_to_a_view_that_comes_into_sight(no_runs: Driver) -> None:
    driver, session = no_runs, no_runs.window.session
    driver.window._first_look.setInterval(100)
    driver.window.stage.show_panel("Kernels")
    assert session._given_way == set(), "none goes on"
    driver.type_into("setting.epochs", "1000")
    driver.click("train", until="Training")
    driver.window.stage.show_panel("Maps")
    assert session._given_way == {"view"}
    driver.wait(lambda: not session._given_way)
    driver.stop()
