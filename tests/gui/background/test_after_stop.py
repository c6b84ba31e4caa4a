"""Undo brings back all that had been learned when other weights took its place."""

import pytest

from gui.background.session import AfterStop
from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew."""
    return new_project


def test_it_is_done_after_all_have_heard_of_the_stop(driver: Driver) -> None:
    order, session = list[str](), driver.window.session
    after_stop = AfterStop(session, driver.window)
    session.state_changed.connect(order.append)
    driver.type_into("setting.epochs", "1000")
    driver.click("train")
    driver.wait_for("Training")
    after_stop.do(lambda: order.append("done"))
    driver.wait(lambda: "done" in order)
    assert order[-2:] == ["Stopped", "done"]
