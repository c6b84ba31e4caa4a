"""A window that was used is put back, for the next test."""

from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QMainWindow,
    QSlider,
    QTabWidget,
    QWidget,
)
from shiboken6 import delete

from gui.background.mailbox import ShownSamples
from gui.main_window import MainWindow
from gui.storage.preferences import ExportPreferences, Preferences
from tests.gui.driving import Driver
from tests.gui.layout import layout_of
from tests.gui.recorded_runs import forget_runs

# What is chosen in the panels at first, which a new project leaves as it is.
AT_FIRST = {
    "data.augmented": True,
    "data.class": 0,
    "data.part": 0,
    "draw.brush": 24,
    "feature_maps.fixed": False,
    "feature_maps.stage": 0,
    "glass.equation": 0,
    "glass.map": 0,
    "glass.speed": 1,
    "glass.turn": False,
    "gradients.shown": 0,
    "kernels.colours": 0,
    "kernels.shown": 0,
    "loss.log": False,
    "predictions.order": 0,
    "runs.compare.means": True,
    "runs.compare.metric": 0,
    "runs.speed": 1,
    "why.method": 0,
}


def start_over(driver: Driver) -> None:
    """Stop what runs, open a new project of the notebook's network, and pin the first digit.

    The panels stand as when the window opened; nothing is drawn, and nothing is enlarged.
    """
    window = driver.window
    driver.come_to_front()
    window.view.back_to_now()
    window.setUpdatesEnabled(False)
    driver.stop()
    driver.choose("new")
    _show_own_samples(driver)
    if driver.maps.chosen is not None:
        driver.maps._close_map()
    window.panels.draw.canvas.forget()
    window.stage.show_all()
    for title in ("Loss", "Test image", "Maps"):
        window.stage.show_panel(title)
    window.stage.drawer.hide()
    window.network.palette_.hide()
    window.panels.predictions.filters.show_all()
    driver.wait_for_panels()
    if layout_of(window) != driver.first_layout:
        driver.choose("reset_layout")
        window.stage.show_panel("Maps")
        window.resize(window.sizeHint())
        driver.wait_for_panels()
    if driver.pinned() != 0:
        driver.click_digit(0)
        driver.settle()
    window.setUpdatesEnabled(True)
    driver.window.run_bar.train.setFocus()
    driver.states.clear()


def put_away(driver: Driver) -> None:
    """Leave the window to the next module as it opened; what else it opened is closed."""
    start_over(driver)
    forget_runs(driver)
    for pages in driver.window.findChildren(QTabWidget):
        pages.setCurrentIndex(0)
    for name, choice in AT_FIRST.items():
        _choose(driver.window, name, choice)
    for other in QApplication.topLevelWidgets():
        if other.isVisible() and not isinstance(other, MainWindow):  # some tests share another one
            other.close()
    _forget_files(driver.window)


def _forget_files(window: MainWindow) -> None:
    """Let it remember no file, and make the dialogs anew that hold what was typed."""
    with window._preferences.changing() as remembered:
        remembered.export, remembered.recent, remembered.recent_data = ExportPreferences(), [], []
        remembered.runs_megabytes = Preferences().runs_megabytes
    dialogs: list[object] = [window.exports]
    if "runs" in vars(window.panels):
        dialogs.append(window.panels.runs.series)
    for owner in dialogs:
        made = vars(owner).pop("_dialog", None)
        if made is not None:
            delete(made)


def _choose(window: QMainWindow, name: str, choice: int) -> None:
    """Choose an entry, a position or whether something is ticked, if there is such a part yet."""
    part = window.findChild(QWidget, name)
    if isinstance(part, QComboBox) and part.currentIndex() != choice and part.count() > 0:
        part.setCurrentIndex(choice)
        part.activated.emit(choice)
    elif isinstance(part, QSlider):
        part.setValue(choice)
    elif isinstance(part, QAbstractButton) and part.isChecked() != choice:
        part.click()


def _show_own_samples(driver: Driver) -> None:
    """Show the test samples of the data again, where others were loaded: New leaves them."""
    session = driver.window.session
    if session.data is not None and session.samples is not session.data.test:
        assert session.data.test is not None
        session._inbox.put(samples=ShownSamples(session.data, session.data.test))
        session._set_samples(session.data.test)
