"""What the bar of the window says of a run."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QLabel

from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from gui.state import RunProgress
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.loss.test_panel import epoch

LOSSES = {0.1234: "0.123", 6.7e-4: "6.7e−4", 1.23e-10: "1.2e−10", 0.0: "0"}


def test_a_loss_has_few_figures_however_small_it_is(driver: Driver) -> None:
    session, said = driver.window.session, []
    for number, loss in enumerate(LOSSES, 1):
        session.epoch_done.emit(epoch(number, loss))
        progress = RunProgress(number, 4, number / 4, 1.0, 1.0, None)
        session.store.update(at_once=True, run=replace(session.run, progress=progress))
        said.append(driver.text("figure.loss"))
    assert said == list(LOSSES.values())


def test_an_epoch_that_comes_after_the_last_progress_is_shown_at_the_end(driver: Driver) -> None:
    session = driver.window.session
    run = replace(session.run, phase="Training", progress=RunProgress(1, 1, 1.0, 1.0, 1.0, None))
    session.store.update(at_once=True, run=run)
    session.epoch_done.emit(epoch(1, 0.25))
    session.store.update(at_once=True, run=replace(run, phase="Finished"))
    assert driver.text("figure.loss") == "0.250"


def test_an_opened_network_has_the_figures_of_the_run_that_it_comes_from(
    no_runs: Driver, tmp_path: Path
) -> None:
    driver, names = no_runs, ("epoch", "loss", "accuracy")
    driver.type_into("setting.limit", "20")

    def figures() -> list[str]:
        parts = [driver.find(QLabel, f"figure.{name}") for name in names]
        return [each.text() if each.isVisibleTo(driver.window) else "" for each in parts]

    assert figures() == ["", "", ""], "none is known"
    driver.type_into("setting.epochs", "2")
    driver.train()
    trained = figures()
    assert trained[0] == "2 / 2"
    assert all(trained)
    place = KernelPlace(driver.window.document.stack.slots[0].id, 0, 0)
    kernel = not_none(driver.window.document.kernel(place))
    KernelEdits(driver.window.document).edit_kernel(place, kernel + 1, "Paint")
    assert figures()[1:] == ["", ""], "the network is another"
    driver.choose("undo")
    assert figures()[1:] == trained[1:]
    driver.answer_dialog("getSaveFileName", tmp_path / "net.layerscope")
    driver.choose("save")
    driver.wait((tmp_path / "net.layerscope").exists)
    driver.choose("new")
    driver.settle()
    assert figures() == ["", "", ""]
    driver.open(tmp_path / "net.layerscope")
    driver.wait(lambda: figures() == ["2", *trained[1:]])
