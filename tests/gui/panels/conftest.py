"""The window of the panels: one for all tests, with a new project in it."""

import pytest

from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project
