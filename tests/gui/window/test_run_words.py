"""What the bar of the window says of a run."""

from tests.gui.driving import Driver
from tests.gui.loss.test_panel import epoch

LOSSES = {0.1234: "0.123", 6.7e-4: "6.7e−4", 1.23e-10: "1.2e−10", 0.0: "0"}


def test_a_loss_has_few_figures_however_small_it_is(driver: Driver) -> None:
    said = []
    for loss in LOSSES:
        driver.window.session.epoch_done.emit(epoch(1, loss))
        said.append(driver.text("figure.loss"))
    assert said == list(LOSSES.values())
