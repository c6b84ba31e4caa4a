"""Under glass in the real window: it shows what the network really is, and never disturbs it."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton

from engine.array_types import Array
from engine.inspection.snapshot import Snapshot
from engine.machine.throttle import Throttle
from gui.draw.panel import DrawPanel
from gui.glass.panel import GlassPanel
from gui.widgets.number_grid import NumberGrid
from tests.correlation import correlate2d
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.driving import FEW_UNITS, Driver
from tests.gui.finding import in_words, not_none
from tests.gui.glass.specimens import check_few_values
from tests.gui.hands import stroke
from tests.gui.waiting import run_events

LEFT = Qt.MouseButton.LeftButton


def show_snapshot(driver: Driver, snapshot: Snapshot | None) -> None:
    """Let the window see another snapshot."""
    store = driver.window.document.store
    store.update(now=replace(store.state.now, snapshot=snapshot))
    store.flush()


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a small network, and the first view under glass."""
    glass(new_project).tabs.setCurrentIndex(0)
    new_project.make_smaller()
    return new_project


def glass(driver: Driver) -> GlassPanel:
    return driver.find(GlassPanel, "panel.glass")


def look(driver: Driver) -> None:
    """Bring the panel to the front, and wait for the first specimen."""
    driver.window.stage.show_panel("Step by step")
    driver.wait(lambda: bool(driver.text("glass.copy")) and result(driver).size > 1)
    driver.settle()


def result(driver: Driver) -> Array:
    return driver.find(NumberGrid, "glass.result").values()


def image(driver: Driver) -> Array:
    return driver.find(NumberGrid, "glass.sheet").values()


def sentence(driver: Driver) -> str:
    """Read what the panel says in place of a specimen."""
    labels = glass(driver).findChildren(QLabel, "empty")
    return next((label.text() for label in labels if label.isVisible()), "")


def forward(driver: Driver, folder: Path) -> Array:
    """Work out Y_1 of the first block from the exported weights and the digit that is shown."""
    arrays = driver.weights(folder)
    kernel, bias = arrays["0.conv.weight"][0, 0], arrays["0.conv.bias"][0]
    found: Array = correlate2d(image(driver), kernel) + bias
    return found


def shows(driver: Driver, truth: Array) -> bool:
    shown = result(driver)
    return shown.shape == truth.shape and np.allclose(shown, truth, rtol=0, atol=1e-6)


def test_a_project_of_other_classes_or_images_waits_for_one_of_its_own(driver: Driver) -> None:
    driver.choose("new.digits")
    driver.wait(lambda: len(driver.captions()) == 2000)
    driver.settle()
    look(driver)
    samples = not_none(driver.window.session.samples)
    seven = next(n for n in range(20) if samples.classes[samples.labels[n]] == 7)
    driver.click_digit(seven)
    driver.wait(lambda: np.array_equal(image(driver), samples.images[seven, 0] / 255))
    driver.choose("new")
    driver.wait(lambda: len(driver.captions()) == 409)
    driver.settle()
    fewer = not_none(driver.window.session.samples)
    driver.wait(lambda: np.array_equal(image(driver), fewer.images[0, 0] / 255))
    presenter = driver.window.panels.glass
    before = not_none(driver.window.view.state.seen.snapshot)
    in_colour = replace(before.sample, image=np.zeros((3, 28, 28), np.uint8))
    show_snapshot(driver, replace(before, sample=in_colour))  # of the data before, say
    assert not presenter._running
    show_snapshot(driver, before)
    assert result(driver).size > 1


def test_training_goes_on_behind_a_frozen_copy_till_a_new_one_has_the_weights_of_the_moment(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window gets weights once a second; a new copy waits for fresh ones instead."""
    worker = driver.window.session._worker
    monkeypatch.setattr(worker, "_weights_throttle", Throttle(least=1.0, share=0.005))
    look(driver)
    driver.type_into("setting.epochs", "500")
    fresh = driver.find(QToolButton, "glass.fresh")
    assert not fresh.isVisible()
    driver.click("train", until="Training")
    driver.wait(lambda: fresh.isVisible() and not driver.window.jobs.title)
    driver.wait(lambda: not glass(driver).dirty)  # the copy of the last edit has come
    before, presenter = result(driver), driver.window.panels.glass

    def older() -> bool:
        """Return whether the worker has told of steps that the window's weights do not have."""
        state = driver.window.document.project().state
        progress = driver.window.session.run.progress
        updates = 200 * progress.epochs * progress.fraction if progress is not None else 0
        return state is not None and round(updates) > state.updates

    # Some epochs later, and later than the window has got weights to copy: it does so at times.
    driver.wait(lambda: len(driver.curve("loss train")[0]) > 2 and older())
    np.testing.assert_array_equal(result(driver), before)
    kept = driver.window.document.project()
    QTest.mouseClick(fresh, LEFT)
    driver.wait(lambda: not presenter._awaits_weights and not driver.window.jobs.title)
    driver.wait(lambda: not np.array_equal(result(driver), before))
    state, former = not_none(not_none(presenter.panel.specimen).project.state), not_none(kept.state)
    assert state.updates > former.updates
    copied = result(driver)
    driver.click("train", until="Paused")
    truth = forward(driver, tmp_path)
    driver.wait(lambda: shows(driver, truth))
    assert not np.array_equal(result(driver), copied)


def test_looking_changes_nothing_in_a_run(driver: Driver, tmp_path: Path) -> None:
    driver.type_into("setting.epochs", "1")
    look(driver)
    driver.click("train")
    states = ("Finished", "Error")
    while driver.text("status") not in states:
        fresh = driver.find(QToolButton, "glass.fresh")
        if fresh.isVisible():
            QTest.mouseClick(fresh, LEFT)
        driver.click("glass.next")
        run_events(50)
    assert_same(driver.weights(tmp_path), train_alone(units=FEW_UNITS, epochs=1).weights)


def test_a_step_is_worked_out_for_who_looks_and_can_be_given_up(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    with monkeypatch.context() as patched:
        patched.setattr(driver.window.jobs, "start", started.append)
        driver.click_digit(2)
        driver.settle()
    assert not started
    look(driver)

    def for_ever(report: Callable[[float], None]) -> None:
        while True:
            report(0.5)
            time.sleep(0.01)

    with monkeypatch.context() as patched:
        patched.setattr("gui.glass.presenter._work_out_step", lambda *given: for_ever(given[-1]))
        driver.click_digit(3)
        driver.wait(lambda: driver.window.jobs.title == "Work out a training step")
    driver.window.jobs.cancel()
    driver.wait(lambda: sentence(driver).startswith("Choose “Refresh”"))
    driver.click("glass.fresh")
    driver.wait(lambda: not sentence(driver))


def test_the_blocks_that_fit_are_shown_and_without_any_or_a_conv_it_says_so(driver: Driver) -> None:
    """Their forward equation needs no loss; what needs it says until when it waits."""
    look(driver)
    truth, tabs = result(driver), glass(driver).tabs
    driver.select(5)
    driver.type_into("option.units", "3")  # for two classes
    driver.wait(lambda: "until" in driver.text("glass.copy"))
    assert shows(driver, truth)
    assert not driver.find(QComboBox, "glass.equation").isEnabled()
    assert [tabs.isTabEnabled(place) for place in range(3)] == [True, False, False]
    assert "No training step until" in in_words(tabs.tabToolTip(1))
    place = driver.text("glass.where")
    driver.click("glass.next")
    assert driver.text("glass.where") != place
    driver.choose("undo")
    driver.wait(
        lambda: tabs.isTabEnabled(1) and driver.find(QComboBox, "glass.equation").isEnabled()
    )
    assert driver.text("glass.copy") == "Snapshot of the initial weights"
    driver.select(0)
    driver.type_into("option.kernel_size", "29")
    driver.wait(lambda: "No training step until block 1 fits" in sentence(driver))
    driver.choose("undo")
    driver.wait(lambda: not sentence(driver))
    assert result(driver).shape == (26, 26)
    driver.choose("delete")
    driver.wait(lambda: sentence(driver).startswith("This network has no Conv block"))


def test_one_plays_goes_through_every_view_and_takes_an_image_that_it_gets_wrong(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_few_values(monkeypatch)
    look(driver)
    panel, presenter = glass(driver), driver.window.panels.glass
    following, tabs = driver.find(QToolButton, "glass.next"), panel.tabs
    driver.find(NumberGrid, "glass.result").setFocus()
    for plays in (True, False):
        QTest.keyClick(panel, Qt.Key.Key_Space)
        assert panel.transport.play.isChecked() == plays
    assert driver.text("status") == "Ready", "Space does not train here"
    tabs.setCurrentIndex(1)
    frames = len(presenter.step.strip._frames)
    assert driver.text("glass.where") == f"frame 1 of {frames}"
    QTest.mouseClick(following, LEFT)
    assert driver.text("glass.where") == f"frame 2 of {frames}"
    tabs.setCurrentIndex(2)
    driver.wait(lambda: not following.isVisible())  # what was checked before goes with its copy
    driver.click("check.start")
    driver.wait(following.isVisible)
    arrays = len(presenter.check.checks)
    assert driver.text("glass.where") == f"array 1 of {arrays}"
    QTest.mouseClick(following, LEFT)
    assert driver.text("glass.where") == f"array 2 of {arrays}"
    presenter.step.wrong.click()
    driver.wait(lambda: driver.pinned() != 0)
    driver.settle()
    snapshot = not_none(driver.window.view.state.seen.snapshot)
    assert snapshot.predicted != snapshot.label
    caption = f"Test image {not_none(snapshot.sample.index) + 1}"
    driver.wait(lambda: driver.text("glass.sample").startswith(caption))


def test_a_drawing_is_taken_for_what_the_network_says(driver: Driver) -> None:
    driver.window.stage.show_panel("Draw")
    driver.settle()
    draw = driver.find(DrawPanel, "panel.draw")
    stroke(draw.canvas, (0.5, 0.25), (0.5, 0.75))
    look(driver)
    driver.wait(lambda: driver.text("glass.sample").startswith("Your drawing, as "))
    said = driver.text("glass.sample").removeprefix("Your drawing, as a ").split(" ")[0]
    assert said in ("0", "1")
    pinned = not_none(driver.window.view.state.seen.snapshot)
    assert int(said) == pinned.predicted
    assert image(driver).any()
    other = replace(pinned, outputs=not_none(pinned.outputs)[::-1])
    assert other.predicted != pinned.predicted
    for snapshot in (other, pinned, other):  # each while the step of the one before is worked out
        show_snapshot(driver, snapshot)
    driver.wait(
        lambda: driver.text("glass.sample").startswith(f"Your drawing, as a {1 - int(said)}")
    )
    show_snapshot(driver, None)  # Reset, and then an explosion
    show_snapshot(driver, replace(pinned, outputs=np.full(2, np.nan)))
    driver.wait(lambda: "outputs are not finite" in sentence(driver))
