"""A window that was used is put back, for the next test."""

from tests.gui.driving import Driver
from tests.gui.layout import layout_of


def start_over(driver: Driver) -> None:
    """Stop what runs, open a new project of the notebook's network, and pin the first digit.

    The panels stand as when the window opened; nothing is drawn, and no map is enlarged.
    """
    window = driver.window
    driver.come_to_front()
    window.view.back_to_now()
    driver.stop()
    driver.choose("new")
    _show_own_samples(driver)
    if driver.maps.chosen is not None:
        driver.maps._close_map()
    window.panels.draw.panel.canvas.forget()
    for title in ("Loss", "Predictions", "Training settings", "Feature maps"):
        window.docks.show_panel(title)
    window.panels.predictions.panel.filters.show_all()
    driver.wait_for_panels()
    if layout_of(window) != driver.first_layout:
        driver.choose("reset_layout")
        window.resize(window.sizeHint())
        driver.wait_for_panels()
    if driver.pinned() != 0:
        driver.click_digit(0)
        driver.settle()
    driver.blocks.setFocus()
    driver.states.clear()


def _show_own_samples(driver: Driver) -> None:
    """Show the test samples of the data again, where others were loaded: New leaves them."""
    session = driver.window.session
    if session.data is not None and session.samples is not session.data.test:
        session._inbox.put(samples=session.data.test)
        session._set_samples(session.data.test)
