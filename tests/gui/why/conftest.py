import pytest

from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a small network, and the panel as it is at first."""
    new_project.make_smaller()
    new_project.window.panels.why.target.setCurrentIndex(0)
    return new_project
