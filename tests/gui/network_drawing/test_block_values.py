"""What blocks are coloured by, against plain loops, and how it is shown."""

import csv
import io
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from engine.blocks import Dense, ReLU, Reshape, Sigmoid
from engine.exports.export import DisprovedError, ExportOutcome
from engine.exports.export_format import ExportFormat
from engine.exports.onnx import ONNX
from engine.exports.trained_network import TrainedNetwork
from engine.model.project import Project
from engine.model.stack import Stack
from engine.proof.verdict import BlockDifference, Verdict
from gui.network_drawing.block_values import BlockValues, find_values
from gui.network_drawing.painter import HEAT
from gui.theme import COLOURS, palette_for
from gui.widgets.colour_scale import lookup_table
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.network_drawing.test_living_network import living
from tests.gui.showing import colours_in


def coloured(driver: Driver, name: str) -> BlockValues:
    """Have the blocks coloured, and return by what they are."""
    panel = living(driver)
    driver.choose(f"colour_by_{name.replace(' ', '_')}")
    driver.wait(lambda: panel.canvas.values is not None and panel.canvas.values.name == name)
    driver.wait(lambda: not panel._task.busy)
    driver.settle()
    return not_none(panel.canvas.values)


def test_times_and_the_gradients_of_the_last_step_are_found_or_it_says_why_not(
    driver: Driver,
) -> None:
    found = coloured(driver, "export error")  # it is not trained
    panel = living(driver)
    assert (found.of, found.text(1)) == ({}, "–")
    assert "not exported" in panel.readout.text()
    found = coloured(driver, "time")
    assert list(found.of) == [slot.id for slot in driver.window.document.stack.slots]
    assert all(0 < seconds < 10 for seconds in found.of.values())
    assert "with 1 image" in found.note
    assert coloured(driver, "gradient norm").of == {}
    assert panel.readout.text().startswith("Of the last step")
    driver.run("step_batch", "Paused")
    driver.settle()
    steps = not_none(driver.window.view.state.seen.steps)[-1][1]
    found = not_none(panel.canvas.values)
    assert found.of == {block.slot_id: block.norms.gradient for block in steps.blocks}
    assert found.ends == (min(found.of.values()), max(found.of.values()))
    low, high = found.ends
    assert found.share(math.sqrt(low * high)) == pytest.approx(0.5)


def test_dead_units_are_counted(driver: Driver) -> None:
    samples = not_none(driver.window.view.state.samples)
    stack = Stack().appended(Reshape(), Dense(units=8), ReLU(), Dense(units=2), Sigmoid())
    project = Project(stack)
    weights = project.network().copy_weights()
    weights[2]["bias"][:3] = -1000
    project = Project(stack, weights=weights)
    found = find_values("dead units", project, samples, lambda _: None)
    assert math.isnan(found.of[2])
    assert found.of[3] >= 3 / 8
    images = samples.images[np.linspace(0, len(samples) - 1, 64).astype(int)] / 255
    values = np.maximum(project.network().activations(images)[1], 0)
    dead = sum((values[:, unit] == values[0, unit]).all() for unit in range(8))
    assert found.of[3] == dead / 8
    assert found.text(3) == f"{100 * dead / 8:.1f} %"
    assert found.text(2) == "–"


def test_an_export_has_its_errors_block_by_block(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are those of the last way that ran, also where it is not the network."""
    driver.run("step_batch", "Paused")
    blocks = [BlockDifference(number, "a block", 0.1 * number, 0.0) for number in range(2, 8)]
    ran = Verdict("onnxruntime", "onnxruntime 1.23", samples=1200, blocks=tuple(blocks))
    verdicts = replace(ran, blocks=()), ran, Verdict("onnxruntime", "", missing=("torch",))
    disproves = [False]

    def exported(
        network: TrainedNetwork, path: Path, kind: ExportFormat, **_: object
    ) -> ExportOutcome:
        assert (network.test, kind, path.suffix) == (driver.window.session.samples, ONNX, ".onnx")
        if disproves[0]:
            raise DisprovedError("It is not the network", verdicts)
        return ExportOutcome(kind, path, verdicts)

    monkeypatch.setattr("engine.exports.export.export", exported)
    panel = living(driver)
    for disproves[0] in (False, True):
        driver.choose("colour_by_no_colours")
        coloured(driver, "export error")
        driver.wait(lambda: bool(not_none(panel.canvas.values).of))
        found = not_none(panel.canvas.values)
        assert math.isnan(found.of[1])
        assert list(found.of.values())[1:] == [block.largest for block in blocks]
        assert "run by onnxruntime 1.23 with 1,200 images" in found.note


def test_memory_is_chosen_with_keys_colours_the_blocks_and_is_taken_away_again(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is of weights and the outputs for one image, as in the list, and found when it is seen."""
    driver.type_into("setting.batch_size", "8")
    panel = living(driver)
    driver.choose("colour_by_no_colours")
    with monkeypatch.context() as patched:
        begun: list[object] = []
        patched.setattr(panel._task, "begin", lambda *args, **_: begun.append(args))
        driver.click_digit(3)
        driver.settle()
        assert not panel._legend.isVisible()
        driver.choose("view.data")
        driver.choose("colour_by_memory")
        assert not begun
        driver.choose("view.drawing")
        assert len(begun) == 1
        driver.choose("colour_by_no_colours")
    button = driver.find(QToolButton, "drawing.colour_by")
    button.setFocus()
    menu = not_none(button.menu())
    menu.popup(button.pos())
    for _ in range(4):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    found = coloured(driver, "memory")
    assert not panel._key.isVisible()
    for row in driver.window.document.report.rows:
        numbers = not_none(row.parameters) + math.prod(not_none(row.output_shape))
        assert found.of[row.slot.id] == 4 * numbers
    table = list(csv.DictReader(io.StringIO(panel._table().decode())))
    assert [float(row["memory (bytes)"]) for row in table] == list(found.of.values())
    largest = max(found.of.values())
    assert panel._legend.accessibleName() == f"memory: 0 B to {largest / 1e6:.3g} MB"
    panel.canvas.setPalette(palette_for(COLOURS["dark"]))
    image = panel.canvas.grab().toImage()
    for slot_id, value in found.of.items():
        stage = not_none(panel.canvas.stage_of(slot_id))
        assert panel.canvas.words_for(stage).endswith(f"memory {found.text(slot_id)}")
        line = stage.foot if stage.foot.height() else stage.title
        ink = lookup_table(HEAT)[round(255 * value / largest)]
        assert QColor(*map(int, ink)).name() in colours_in(image.copy(line.toRect()))
    panel.canvas.setPalette(QPalette())
    driver.choose("colour_by_no_colours")
    driver.settle()
    assert panel.canvas.values is None
    assert panel._key.isVisible()
    driver.type_into("setting.batch_size", "1")
