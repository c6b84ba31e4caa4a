"""The window of these tests."""

from tests.gui.new_project import driver as driver
