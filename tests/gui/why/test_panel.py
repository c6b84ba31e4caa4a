"""Why in the real window: it asks when it is seen, and never disturbs a training."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox

from gui.why.page import WorkButton
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.driving import FEW_UNITS, Driver
from tests.gui.finding import focusable, not_none, unnamed
from tests.gui.waiting import run_events
from tests.gui.why.asking import ask, why


def test_nothing_is_worked_out_before_it_is_seen(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = driver.window.panels.why
    begun: list[object] = []
    monkeypatch.setattr(panel._task, "begin", lambda *args, **_: begun.append(args))
    driver.click_digit(3)
    driver.run("step_batch", "Paused")
    assert not begun
    driver.choose("view.why")
    assert len(begun) == 1
    driver.choose("view.data")
    driver.click_digit(4)
    assert len(begun) == 1
    driver.choose("view.why")
    driver.pick("why.method", "Layer map")
    assert panel.said.text() == "Working it out …"  # nothing else says that something comes
    panel.method.setCurrentIndex(0)


def test_every_control_has_a_name_and_looking_changes_nothing_in_a_run(
    driver: Driver, tmp_path: Path
) -> None:
    """Every method answers while it trains, and all long work is begun."""
    driver.type_into("setting.epochs", "500")
    ask(driver, "Occlusion")
    driver.pick("run.speed", "Fast")  # no faster, for the steps are repeated
    driver.click("train", until="Training")
    box, worked = driver.find(QComboBox, "why.method"), set[str]()
    assert box.count() == 8
    for place in range(box.count()):
        box.setCurrentIndex(place)
        driver.wait(lambda: why(driver)._answer is not None and not why(driver).dirty)
        assert len(focusable(why(driver))) > 3, box.currentText()
        assert unnamed(focusable(why(driver))) == [], box.currentText()
        for button in why(driver).page.findChildren(WorkButton):
            button.click()
            run_events(50)
            worked.add(button.objectName())
    assert len(worked) == 4
    box.setCurrentIndex(0)
    driver.wait(lambda: not driver.window.jobs.title)  # what is not seen ends
    driver.click("train", until="Paused")
    driver.pick("run.speed", "Full")
    driver.settle()
    steps = not_none(driver.window.document.project().state).updates
    alone = train_alone(batches=steps, units=FEW_UNITS, epochs=500)
    assert_same(driver.weights(tmp_path), alone.weights)
