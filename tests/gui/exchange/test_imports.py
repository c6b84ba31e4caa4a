"""File > Import: weights, ONNX files and runs, by the menu and by dropping them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QTableView
from safetensors.numpy import save_file

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from engine.inputs.scaling import Scaling
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.weights import initial_weights
from tests.engine.imports.onnx.graphs import node, random, write_graph
from tests.engine.proof.here import prove_in_this_process
from tests.engine.runs.folders import write_run
from tests.engine.training_runs import same
from tests.gui.driving import Driver
from tests.gui.finding import focusable, named, text_of, unnamed
from tests.paths import ROOT

DIALOG = "import_dialog"


@pytest.fixture
def driver(new_project: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """Give the module's window with a new project in it; someone is there to be asked."""
    monkeypatch.setattr("gui.exchange.imports.unattended", lambda: False)
    yield new_project
    for dialog in new_project.window.findChildren(QDialog, DIALOG):
        dialog.close()


def begin(driver: Driver, path: Path) -> None:
    driver.wait(lambda: driver.window.findChild(QDialog, DIALOG) is None)
    driver.answer_dialog("getOpenFileName", path)
    driver.choose("import")
    driver.wait(lambda: driver.window.jobs.title == "")


def shown(driver: Driver) -> QDialog:
    driver.wait(lambda: driver.window.findChild(QDialog, DIALOG) is not None)
    dialog = driver.find(QDialog, DIALOG)
    driver.wait(dialog.isActiveWindow)
    return dialog


def table(dialog: QDialog) -> list[list[str]]:
    model = named(dialog, QTableView, f"{DIALOG}.table").model()
    rows, columns = range(model.rowCount()), range(model.columnCount())
    return [[model.index(row, column).data() for column in columns] for row in rows]


def take(driver: Driver, dialog: QDialog) -> None:
    button = named(dialog, QPushButton, f"{DIALOG}.take")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.wait(lambda: driver.window.findChild(QDialog, DIALOG) is None)


def project_like(driver: Driver, *, scaling: str = "unit") -> Project:
    """Make a trained project of the network that the window shows."""
    document = driver.window.document
    settings = document.settings.with_changes(scaling=scaling)
    weights = initial_weights(document.report, 77, "lecun")
    return Project(document.stack, settings, weights, trained_epochs=9)


def write(project: Project, path: Path) -> Path:
    export(TrainedNetwork.of(project), path, FORMATS[path.suffix[1:]], verify=False)
    return path


def assert_holds(driver: Driver, project: Project) -> None:
    held, expected = (
        {slot: arrays for slot, arrays in each.weights.items() if arrays}
        for each in (driver.window.document.project(), project)
    )
    assert same(held, expected)


def test_what_does_not_fit_is_named_and_the_rest_taken(driver: Driver, tmp_path: Path) -> None:
    arrays = {
        "features.0.weight": np.ones((5, 1, 3, 3), np.float32),
        "features.0.bias": np.ones(5, np.float32),
        "fc.weight": np.ones((7, 9), np.float32),
        "fc.bias": np.ones(7, np.float32),
    }
    save_file({"fc.weight": arrays["fc.weight"]}, tmp_path / "no.safetensors")
    begin(driver, tmp_path / "no.safetensors")
    dialog = shown(driver)
    assert text_of(dialog, "problem").startswith("Nothing in it fits this network.")
    assert not named(dialog, QPushButton, f"{DIALOG}.take").isVisible()
    dialog.close()
    save_file(arrays, tmp_path / "torch.safetensors")
    begin(driver, tmp_path / "torch.safetensors")
    dialog = shown(driver)
    assert unnamed(focusable(dialog)) == []
    assert QApplication.focusWidget() is named(dialog, QPushButton, f"{DIALOG}.take")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not driver.window.document.trained
    assert not driver.action("undo").isEnabled()
    begin(driver, tmp_path / "torch.safetensors")
    dialog = shown(driver)
    rows = table(dialog)
    assert rows[0][:3] == ["1 Conv 5, 3×3", "features.0", "taken"]
    assert "the bias of each map is that of all its positions" in rows[0][3]
    assert rows[1][0].startswith("✗ 4 Dense 100")
    assert "its weight is 7×9, that of the block 100×3380" in rows[1][3]
    assert rows[2][2] == "not taken"
    view = named(dialog, QTableView, f"{DIALOG}.table")
    for width in (900, 420, 560):
        dialog.resize(width, 400)
        QApplication.processEvents()
        heights = [view.rowHeight(row) for row in range(len(rows))]
        assert heights >= [view.sizeHintForRow(row) for row in range(len(rows))], width
    assert named(dialog, QPushButton, f"{DIALOG}.take").text() == "&Take 1 of 3"
    take(driver, dialog)
    (conv,) = driver.window.document.project().weights.values()
    assert (conv["weight"] == 1).all()


def small() -> Project:
    stack = Stack(input_shape=(1, 28, 28)).appended(
        Conv(depth=2), Sigmoid(), Reshape(), Dense(units=2), Sigmoid()
    )
    settings = Settings(classes=(0, 1), loss="bce")
    return Project(stack, settings, initial_weights(stack.check(2, "bce"), 3, "lecun"), 4)


def test_onnx_becomes_a_new_project_after_its_proof(driver: Driver, tmp_path: Path) -> None:
    path = write(small(), tmp_path / "net.onnx")
    begin(driver, path)
    dialog = shown(driver)
    assert text_of(dialog, "headline") == "net.onnx becomes a network of 5 blocks."
    assert ["taken", "block 2: Sigmoid"] in [row[2:] for row in table(dialog)]
    assert "get the same answer" in text_of(dialog, "done")
    dialog.resize(dialog.minimumSizeHint())
    assert dialog.height() <= 620
    take(driver, dialog)
    assert [row.split(" ")[0] for row in driver.rows()] == [
        *("Conv", "Sigmoid", "Reshape", "Dense", "Sigmoid")
    ]
    assert driver.window.windowTitle().startswith("Untitled")
    assert driver.window.isWindowModified()
    assert driver.action("export").isEnabled()
    assert "Save it to keep it." in driver.message()


def test_of_an_onnx_file_it_is_said_what_no_other_program_checks_and_what_no_block_is(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove_in_this_process(monkeypatch)
    nodes = [node("Conv", "x w", "sums"), node("Tanh", "sums", "y")]
    arrays = {"w": random(3, 1, 3, 3)}
    begin(driver, write_graph(tmp_path / "a.onnx", nodes, ("N", 1, 6, 6), arrays, opset=5))
    dialog = shown(driver)
    assert "Not checked by another program: onnxruntime could" in text_of(dialog, "problem")
    assert "Could not find an implementation for Tanh(1)" in text_of(dialog, "disproof")
    assert named(dialog, QPushButton, f"{DIALOG}.take").isVisible()
    dialog.close()
    nodes = [node("Conv", "x w", "maps", group=2), node("Relu", "maps", "y")]
    arrays = {"w": random(2, 2, 3, 3)}
    begin(driver, write_graph(tmp_path / "b.onnx", nodes, ("N", 4, 6, 7), arrays))
    dialog = shown(driver)
    assert "group" in text_of(dialog, "problem")
    rows = table(dialog)
    assert [row[:2] for row in rows if row[2] == "refused"] == [["✗ 1 maps", "Conv"]]
    assert rows[1] == ["2 y", "Relu", "not looked at", "because the file is refused"]
    assert not named(dialog, QPushButton, f"{DIALOG}.take").isVisible()


def test_a_network_for_smaller_images_gets_these_and_a_run_opens_with_its_last_weights(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove_in_this_process(monkeypatch)
    begin(driver, ROOT / "tests/engine/imports/onnx/pytorch/default-modern.onnx")
    take(driver, shown(driver))
    driver.wait_for_panels()
    document = driver.window.document
    assert document.stack.input_shape == (1, 14, 14)
    assert len(document.project().weights) == 3
    assert len(driver.captions()) > 100
    write_run(tmp_path / "run", epochs=2)
    begin(driver, tmp_path / "run" / "run.json")
    assert document.trained_epochs == 6
    assert len(driver.rows()) == 4
    assert driver.message() == "run as it was after 6 epochs. Save it to keep it."
    assert driver.window.isWindowModified()


def test_weights_bring_their_scaling_and_are_not_called_untrained_nor_taken_for_data(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictions, document = driver.window.panels.predictions, driver.window.document
    driver.wait(lambda: predictions.headline._checkpoint == "untrained")
    project = replace(project_like(driver, scaling="standard"), scaling=Scaling((0.25,), (0.5,)))
    driver.drop(write(project, tmp_path / "w.npz"))
    take(driver, shown(driver))
    assert_holds(driver, project)
    assert document.settings.scaling == "standard"
    assert document.project().scaling == project.scaling
    driver.choose("undo")
    assert (document.settings.scaling, document.trained) == ("unit", False)
    others = {
        f"layer{slot}.{name}": values
        for slot, arrays in project.weights.items()
        for name, values in arrays.items()
    }
    save_file(others, tmp_path / "others.safetensors")
    with monkeypatch.context() as patch:  # with no one to ask, what fits is taken
        patch.setattr("gui.exchange.imports.unattended", lambda: True)
        driver.drop(tmp_path / "others.safetensors")
        driver.wait(lambda: document.trained)
    assert_holds(driver, project)
    driver.wait(lambda: predictions.headline._checkpoint == "")
    driver.wait(lambda: predictions.pane.sample.toolTip() == "")
    driver.wait(lambda: predictions.headline.text().endswith("%)"))
    driver.run("step_batch", "Paused")
    driver.wait(lambda: predictions.headline._checkpoint == "early in epoch 1")
    driver.stop()
    asked: list[str] = []
    driver.window.files.data_dropped.connect(asked.append)
    np.savez(tmp_path / "data.npz", x=np.zeros((2, 4, 4)), y=np.arange(2))
    driver.drop(tmp_path / "data.npz")
    driver.wait(lambda: asked == [str(tmp_path / "data.npz")])


def test_what_cannot_be_read_is_said_in_a_sentence(driver: Driver, tmp_path: Path) -> None:
    rows = driver.rows()
    for name, words in {
        "net.pt": "Such files can hold any program, so they are not opened.",
        "net.h5": "Choose a file that ends in",
        "gone.npz": "gone.npz",
        "broken.onnx": "broken.onnx",
        "broken.safetensors": "broken.safetensors",
    }.items():
        if name.startswith("broken"):
            (tmp_path / name).write_bytes(b"\x99" * 50)
        driver.window.messages.clear()
        begin(driver, tmp_path / name)
        driver.wait(lambda: driver.message() != "")
        assert words in driver.message()
        assert "\n" not in driver.message()
    assert driver.rows() == rows


def test_nothing_is_imported_while_one_trains(driver: Driver, tmp_path: Path) -> None:
    path = write(project_like(driver), tmp_path / "w.npz")
    driver.type_into("setting.epochs", "500")
    driver.click("train", until="Training")
    assert not driver.action("import").isEnabled()
    assert driver.action("import").toolTip() == "Pause training first."
    driver.drop(path)
    driver.wait(lambda: driver.message() != "")
    assert driver.message() == "w.npz was not imported. Pause training first."
    driver.click("stop")
    driver.wait(driver.action("import").isEnabled)
    begin(driver, path)  # a run may begin while one looks at the table
    dialog = shown(driver)
    driver.window.session.train_or_pause()
    driver.wait_for("Training")
    take(driver, dialog)
    assert driver.message() == "w.npz was not imported. Pause training first."
    driver.click("stop")
