"""Hours of training leave the memory of the window as it is."""

import pytest

from tests.gui.conftest import *  # noqa: F403  # the fixtures that watch for leaks
from tests.gui.driving import Driver
from tests.soak.growth import growth, show_all_panels
from tests.soak.resident import growth_after
from tests.soak.runs import resident_over_nets, resident_over_runs
from tests.soak.trainings import resident_over_trainings

MOST = 20.0  # MB


def test_some_thousand_updates_take_no_memory(own_driver: Driver) -> None:
    show_all_panels(own_driver.window)
    assert growth(own_driver.window, 1_600, warm_up=600) < MOST / 2


@pytest.mark.soak
def test_two_hundred_thousand_updates_take_no_memory(own_driver: Driver) -> None:
    show_all_panels(own_driver.window)
    halves = [growth(own_driver.window, 100_000, warm_up=10_000) for _ in range(2)]
    assert min(halves) < MOST / 2, "what leaks grows in both; what settles once, in one"


def test_a_few_runs_and_resets_take_no_memory(own_driver: Driver) -> None:
    own_driver.make_smaller()
    assert growth_after(resident_over_runs(own_driver.window, 6), few=2) < MOST


@pytest.mark.soak
def test_a_hundred_runs_and_resets_take_no_memory(own_driver: Driver) -> None:
    own_driver.choose("new.lenet")
    show_all_panels(own_driver.window)
    assert growth_after(resident_over_runs(own_driver.window, 100)) < MOST


@pytest.mark.soak
def test_fifty_nets_of_different_sizes_leave_no_memory_in_the_window(own_driver: Driver) -> None:
    show_all_panels(own_driver.window)
    assert growth_after(resident_over_nets(own_driver.window, 50)) < MOST


@pytest.mark.soak
def test_fifty_nets_of_different_sizes_leave_no_memory_in_the_engine() -> None:
    assert growth_after(resident_over_trainings(50)) < MOST
