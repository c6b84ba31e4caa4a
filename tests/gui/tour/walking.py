"""How a test begins the tour, and sees whether it runs."""

from gui.tour.tour import TourCard
from tests.gui.driving import Driver


def start(driver: Driver) -> None:
    driver.choose("tour")
    driver.wait(lambda: running(driver))


def running(driver: Driver) -> bool:
    card = driver.window.findChild(TourCard)
    return card is not None and not card.isHidden()
