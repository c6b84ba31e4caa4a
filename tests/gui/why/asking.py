"""How a test asks the panel Why, and works out what it should find."""

import csv
import io
from collections.abc import Callable

import numpy as np

from engine.array_types import Array
from engine.model.network import Network
from engine.model.project import Project
from engine.model.weights import Weights
from gui.why.page import Page
from gui.why.panel import WhyPanel
from gui.widgets.number_grid import NumberGrid
from tests.gui.driving import Driver
from tests.gui.finding import not_none


def why(driver: Driver) -> WhyPanel:
    return driver.find(WhyPanel, "panel.why")


def ask(driver: Driver, method: str) -> Page:
    """Bring the panel to the front, choose a method, and wait for what it finds."""
    driver.choose("view.why")
    driver.pick("why.method", method)
    driver.settle()
    return why(driver).page


def double(project: Project) -> Network:
    """Return the network of a project in numbers of twice the digits."""
    network = project.network()
    weights: Weights = {layer.slot.id: {} for layer in network.layers}
    for key, array in network.arrays.items():
        weights[key.slot_id][key.name] = array.astype(np.float64)
    return Network(network.report, weights)


def score_of(driver: Driver, target: int) -> Callable[[Array], float]:
    """Return what works the score of a class out for inputs (channels, h, w): before a Sigmoid."""
    network = double(driver.window.view.project())
    return lambda inputs: float(network.activations(inputs[np.newaxis])[-2].reshape(-1)[target])


def inputs_of(driver: Driver) -> Array:
    return not_none(driver.window.view.state.pinned_sample).inputs(np.float64)


def answer(driver: Driver) -> int:
    return int(not_none(why(driver)._answer).target)


def shown(driver: Driver, name: str) -> Array:
    return driver.find(NumberGrid, f"why.{name}").values()


def rows(panel: WhyPanel) -> list[list[str]]:
    return list(csv.reader(io.StringIO(panel.as_csv().decode())))[1:]
