"""The window of the tests of a room: one for each module, with a new project in it."""

import pytest

from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew."""
    return new_project
