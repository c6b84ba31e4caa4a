"""What the coach says in the real window, and projects on which it has something to say."""

from PySide6.QtWidgets import QLabel, QToolButton

from engine.blocks import Reshape
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from tests.gui.driving import Driver


def said(driver: Driver) -> str:
    return driver.find(QLabel, "coach").text()


def button(driver: Driver) -> str:
    """Read the button of the advice; empty: it has none."""
    found = driver.find(QToolButton, "coach.action")
    return found.text() if found.isVisible() else ""


def offered(driver: Driver) -> str:
    """Read what the button of the advice is called where its text may be cut; empty: none."""
    found = driver.find(QToolButton, "coach.action")
    return found.accessibleName() if found.isVisible() else ""


def wait_for(driver: Driver, beginning: str) -> None:
    driver.wait(lambda: said(driver).startswith(beginning))


def opened(driver: Driver, stack: Stack, **settings: object) -> Driver:
    project = Project(stack, Settings().with_changes(**settings))
    driver.window.document.replace_project(project, None)
    driver.wait_for("Ready")
    driver.settle()
    return driver


def flat(*blocks: object) -> Stack:
    return Stack().appended(Reshape(), *blocks)  # type: ignore[arg-type]


def ruined(driver: Driver, rate: float, too_high: float) -> int:
    """Train two good epochs, then one that ruins them; return which was the best."""
    driver.type_into("setting.epochs", "3")
    driver.type_into("setting.learning_rate", f"{rate:g}")
    for _ in range(2):
        driver.run("step_epoch", "Paused")
    driver.type_into("setting.learning_rate", f"{too_high:g}")
    driver.train()
    wait_for(driver, "The test accuracy fell from ")
    assert f"since the learning rate was raised from {rate:g} to {too_high:g}." in said(driver)
    best = driver.window.coach.log().best
    assert best is not None
    return best.number
