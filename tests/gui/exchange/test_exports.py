"""File > Export: the dialog by clicks and keys, what is written and said, what takes long."""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QToolButton,
    QTreeView,
)

from engine.array_types import Array
from engine.exports.export_format import ExportFormat
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from engine.exports.weights_files import NPZ, read_back
from engine.files.atomic import ProgressReport
from engine.proof.verdict import BlockOutputs, Way
from engine.runs import RunStore
from tests.gui.conftest import OpenWindow
from tests.gui.driving import FEW_UNITS, Driver
from tests.gui.finding import named, not_none, text_of
from tests.gui.hands import type_into

DIALOG = "export_dialog"


def opened(driver: Driver) -> QDialog:
    driver.choose("export")
    dialog = driver.find(QDialog, DIALOG)
    driver.wait(dialog.isActiveWindow)
    return dialog


def path(dialog: QDialog) -> QLineEdit:
    return named(dialog, QLineEdit, f"{DIALOG}.path")


def export(driver: Driver, dialog: QDialog) -> None:
    button = named(dialog, QPushButton, f"{DIALOG}.export")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.wait(button.isEnabled)


def use(driver: Driver, patch: pytest.MonkeyPatch, kind: ExportFormat) -> None:
    """Offer one format alone."""
    exports = driver.window.exports
    exports._dialog.formats.setCurrentRow(0)  # of the formats that there are again after the test
    patch.setattr(exports, "_formats", (kind,))


@pytest.fixture
def driver(new_project: Driver) -> Iterator[Driver]:
    """Give the module's window with a trained network of the notebook in it."""
    new_project.make_smaller()
    new_project.run("step_batch", "Paused")
    yield new_project
    if (dialog := new_project.window.findChild(QDialog, DIALOG)) is not None:
        dialog.close()


def pick(dialog: QDialog, title: str) -> None:
    """Go to a format by the arrow keys."""
    listed = named(dialog, QListView, f"{DIALOG}.formats")
    listed.setFocus()
    QTest.keyClick(listed, Qt.Key.Key_Home)
    while listed.currentIndex().data() != title:
        QTest.keyClick(listed, Qt.Key.Key_Down)


def table(dialog: QDialog) -> list[list[str]]:
    """Read the rows that can be seen of the checks."""
    view = named(dialog, QTreeView, f"{DIALOG}.proof")
    rows, index = [], view.model().index(0, 0)
    while index.isValid():
        rows.append([index.siblingAtColumn(column).data() or "" for column in range(4)])
        index = view.indexBelow(index)
    return rows


def test_each_format_says_what_it_is_and_names_its_file(driver: Driver, tmp_path: Path) -> None:
    """An ending that is typed chooses its format; what cannot be written is said in words."""
    dialog = opened(driver)
    path(dialog).setText(str(tmp_path / "mine.npz"))
    said = set()
    for kind in FORMATS.values():
        pick(dialog, kind.title)
        assert text_of(dialog, "audience") == kind.audience
        assert text_of(dialog, "contents").startswith(kind.contents)
        assert text_of(dialog, "checks")
        said.add(path(dialog).text())
    assert said == {
        str(tmp_path / f"mine{kind.ending or f'-{kind.name}'}") for kind in FORMATS.values()
    }
    for kind in FORMATS.values():
        if kind.ending:
            type_into(path(dialog), str(tmp_path / f"net{kind.ending}"), enter=False)
            assert text_of(dialog, "audience") == kind.audience
            assert path(dialog).text() == str(tmp_path / f"net{kind.ending}")
    path(dialog).setText(str(tmp_path / "net.NPZ"))
    pick(dialog, FORMATS["pytorch"].title)
    assert path(dialog).text() == str(tmp_path / "net-pytorch")
    pick(dialog, NPZ.title)
    long, nowhere = tmp_path / f"{'x' * 300}.npz", "Say where to write it, or browse for a place."
    for typed, words in (
        (tmp_path / "no" / "folder" / "w.npz", str(tmp_path / "no" / "folder" / "w.npz")),
        *((typed, nowhere) for typed in ("", "  ", "/")),
        ("~nobody-at-all/w.npz", "~nobody-at-all"),
        (f"{os.devnull}/x.npz", f"{os.devnull}/x.npz was not written: "),
        (long, f"{long} was not written: "),
    ):
        path(dialog).setText(str(typed))
        export(driver, dialog)
        assert words in text_of(dialog, "problem")
    assert not any(tmp_path.iterdir())


def test_weights_are_exported_and_what_is_there_is_replaced_only_if_one_says_so(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog, target = opened(driver), tmp_path / "v1.2.npz"
    pick(dialog, NPZ.title)
    named(dialog, QCheckBox, f"{DIALOG}.verify").setChecked(False)
    driver.answer_dialog("getSaveFileName", tmp_path / "v1.2", None)
    browse = named(dialog, QPushButton, f"{DIALOG}.browse")
    for _ in range(2):  # the second time nothing is chosen
        path(dialog).setText(str(tmp_path / "v1.2"))
        browse.click()
    target.write_bytes(b"another's work")
    export(driver, dialog)
    there = "is there already, and was not replaced."
    assert text_of(dialog, "problem") == f"{target} {there}", "no one is there to be asked"
    assert target.read_bytes() == b"another's work"
    monkeypatch.setattr("gui.exchange.exports.ask_to_replace", lambda *_: True)
    export(driver, dialog)
    assert path(dialog).text() == str(target)
    assert (text_of(dialog, "done"), text_of(dialog, "problem")) == (f"Exported to {target}.", "")
    driver.export(tmp_path / "w.safetensors")
    assert text_of(dialog, "done") == f"Exported to {tmp_path / 'w.safetensors'}."
    with np.load(target) as npz:
        found = dict(npz)
    described = json.loads(str(found.pop("metadata")))
    assert described["classes"] == ["0", "1"]
    other = safetensors.numpy.load_file(tmp_path / "w.safetensors")
    weights = driver.weights(tmp_path)
    assert weights.keys() == found.keys() == other.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(array, found[name])
        np.testing.assert_array_equal(array, other[name])
    folder = tmp_path / "net-keras"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    pick(dialog, FORMATS["keras"].title)
    driver.export(folder)
    assert text_of(dialog, "problem") == f"{folder} {there}"
    monkeypatch.setattr("gui.exchange.exports.ask_to_replace_in", lambda *_: True)
    export(driver, dialog)
    assert text_of(dialog, "done") == f"Exported to {folder}."
    assert {"mine.txt", "model.py", "README.md"} <= {each.name for each in folder.iterdir()}


def test_a_report_has_the_curves_of_the_run_also_of_a_project_that_is_opened(
    driver: Driver, tmp_path: Path
) -> None:
    driver.stop()
    driver.type_into("setting.limit", "10")
    driver.run("step_epoch", "Paused")
    driver.wait(lambda: any(run.metrics for run in RunStore().runs()))  # a thread writes them
    (metrics,) = RunStore().runs()[0].metrics
    for name in ("a.html", "b.html"):
        dialog = driver.export(tmp_path / name)
        assert text_of(dialog, "done") == f"Exported to {tmp_path / name}."
        written = (tmp_path / name).read_text("utf-8")
        assert f"{metrics.loss:.4g}</td>" in written
        assert "no history" not in written
        dialog.close()
        driver.stop()
        assert driver.window.files.save_path(tmp_path / "p.layerscope")
        driver.choose("new")
        driver.open(tmp_path / "p.layerscope")


def wrong(file: Path, images: Array) -> BlockOutputs:
    """Give what the network gives up to block 3, and something else from there on."""
    outputs = [np.asarray(each) for each in read_back(file, images) if each is not None]
    return [*outputs[:3], *(each + 1 for each in outputs[3:])]


def test_what_a_check_disproves_is_not_written_and_a_package_that_is_missing_is_named(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Way("torch", read_back, ("no_such_torch",))
    use(driver, monkeypatch, replace(NPZ, ways=(*NPZ.ways, other)))
    dialog, target = opened(driver), tmp_path / "w.npz"
    words = "For a check by PyTorch too, install no_such_torch."
    notes = named(dialog, QLabel, f"{DIALOG}.notes")
    assert not notes.isVisible()
    driver.export(tmp_path / "w1.npz", verify=True)
    assert (notes.text(), notes.isVisible()) == (words, True)
    assert table(dialog)[2][1] == "not run"
    assert text_of(dialog, "disproof") == ""
    driver.export(tmp_path / "w2.npz", verify=False)
    assert not notes.isVisible()
    use(driver, monkeypatch, replace(NPZ, ways=(NPZ.ways[0], Way("numpy", wrong))))
    driver.export(target, verify=True)
    problem = text_of(dialog, "problem")
    assert problem.startswith(f"{target} was not written")
    assert "Block 4 (Dense 10) is the first that differs" in problem
    assert text_of(dialog, "done") == ""
    marked = [row for row in table(dialog) if row[1].startswith("the first")]
    assert [row[0] for row in marked] == ["✗ 4 Dense 10"]
    assert not target.exists()


class Slow:
    """A format whose export waits until it is let go, or given up."""

    def __init__(self) -> None:
        self.begun, self.free = threading.Event(), threading.Event()

    def files(self, network: TrainedNetwork, report: ProgressReport) -> Mapping[str, bytes]:
        self.begun.set()
        while not self.free.wait(0.01):
            report(0.5)
        return NPZ.files(network, report)


def begin(driver: Driver, slow: Slow, target: Path) -> QDialog:
    dialog = opened(driver)
    path(dialog).setText(str(target))
    named(dialog, QCheckBox, f"{DIALOG}.verify").setChecked(True)
    QTest.keyClick(path(dialog), Qt.Key.Key_Return)
    driver.wait(slow.begun.is_set)
    assert not named(dialog, QPushButton, f"{DIALOG}.export").isEnabled()
    return dialog


def test_the_window_lives_meanwhile_and_an_export_can_be_cancelled(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, slow = sorted(tmp_path.iterdir()), Slow()
    use(driver, monkeypatch, replace(NPZ, files=slow.files))
    dialog = begin(driver, slow, tmp_path / "w.npz")
    cancel = named(dialog, QToolButton, f"{DIALOG}.cancel")
    driver.wait(cancel.isVisible)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    driver.wait(named(dialog, QPushButton, f"{DIALOG}.export").isEnabled)
    assert text_of(dialog, "problem") == "", "it is no error"
    assert text_of(dialog, "awaited") == "Cancelled. Nothing was written."
    QTest.keyClicks(path(dialog), "x")
    assert "Cancelled" not in text_of(dialog, "awaited")
    assert sorted(tmp_path.iterdir()) == before
    slow.begun.clear()
    begin(driver, slow, tmp_path / "w.npz")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    driver.select(3)
    driver.type_into("option.units", "9")
    assert driver.rows()[3] == "Dense 9"
    slow.free.set()
    driver.wait(lambda: driver.message() != "")
    assert driver.message().startswith(f"Exported to {tmp_path / 'w.npz'}. 200 of 200 test")
    with np.load(tmp_path / "w.npz") as npz:
        assert npz["3.dense.weight"].shape == (FEW_UNITS, 3380), "the network as it was"


def test_another_window_remembers_the_choices_and_gives_an_export_up_when_it_closes(
    driver: Driver, open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "course").mkdir()
    driver.export(tmp_path / "course" / "w.safetensors", verify=False)
    other, slow = open_window(None), Slow()
    other.run("step_batch", "Paused")
    dialog = opened(other)
    assert path(dialog).text() == str(tmp_path / "course" / "network.safetensors")
    assert not named(dialog, QCheckBox, f"{DIALOG}.verify").isChecked()
    use(other, monkeypatch, replace(NPZ, files=slow.files))
    begin(other, slow, tmp_path / "w.npz")
    thread = not_none(other.window.jobs._thread)
    other.window.close()
    other.wait(thread.isFinished)
    assert not list(tmp_path.glob("*.npz"))
