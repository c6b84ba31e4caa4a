"""Projects, weights and test samples between the window and files: nothing is lost on the way."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest
import safetensors.numpy
from PySide6.QtWidgets import QSpinBox

from gui.storage import file_actions
from gui.widgets.messages import Answer
from tests.engine.data.idx_files import write_idx, write_pair
from tests.gui.background.headless import assert_same
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.hands import type_into
from tests.gui.reading import pinned_texts


def samples(driver: Driver, *paths: Path | None) -> None:
    driver.answer_dialog("getOpenFileName", *paths)
    driver.choose("load_test_samples")


def write_digits(folder: Path, digits: list[int], side: int = 28) -> tuple[Path, Path]:
    return write_pair(folder, digits, "my-images-idx3-ubyte", "my-labels-idx1-ubyte", side=side)


def test_a_project_is_saved_and_opened_again_and_stays_where_another_cannot_be_opened(
    driver: Driver, tmp_path: Path
) -> None:
    path, broken = tmp_path / "mine.layerscope", tmp_path / "broken.layerscope"
    driver.select(3)
    driver.type_into("option.units", "30")
    driver.type_into("setting.seed", "7")
    driver.run("step_batch", "Paused")
    assert driver.window.isWindowModified()
    driver.answer_dialog("getSaveFileName", tmp_path / "mine")  # the ending is added
    driver.choose("save")
    assert driver.window.windowTitle() == "mine[*] — Layerscope"
    assert not driver.window.isWindowModified()
    with zipfile.ZipFile(path) as archive:
        text = archive.read("project.json").decode()
        held = archive.read("weights.safetensors")
    stored, described = safetensors.numpy.load(held), json.loads(text)
    assert [slot["block"].get("units") for slot in described["slots"]][3] == 30
    assert described["settings"]["seed"] == 7
    weights, rows = driver.weights(tmp_path), driver.rows()
    assert_same(weights, {name: stored[name] for name in weights})
    kernel = written({"project.json": text.replace('"kernel_size": 3', '"kernel_size": -3')})
    for content in (None, path.read_bytes()[:-40], b"\x00" * 100, kernel):
        if content is not None:
            broken.write_bytes(content)
        driver.open(broken)
        assert "broken.layerscope" in driver.message()
        assert "\n" not in driver.message()
        assert driver.rows() == rows
        assert driver.text("status") == "Paused"
    assert "Block 1 (Conv): kernel size must be" in driver.message()
    assert_same(driver.weights(tmp_path), weights)
    driver.choose("new.digits")
    assert driver.rows()[0] == "Conv 8, 5×5"
    driver.open(path)
    driver.wait_for_panels()
    assert driver.rows()[3] == "Dense 30"
    assert driver.window.windowTitle() == "mine[*] — Layerscope"
    assert_same(driver.weights(tmp_path), weights)
    strange = {"kind": "attention", "heads": 4}  # of a later version
    described["slots"][1]["block"] = strange
    text = json.dumps(described)
    path.write_bytes(written({"project.json": text, "weights.safetensors": held}))
    driver.open(path)
    assert "attention" in driver.rows()[1].lower()
    assert "Error" in driver.sentences()[1]
    assert not driver.action("train").isEnabled()
    driver.answer_dialog("getSaveFileName", tmp_path / "again.layerscope")
    driver.choose("save_as")
    with zipfile.ZipFile(tmp_path / "again.layerscope") as archive:
        assert json.loads(archive.read("project.json"))["slots"][1]["block"] == strange


def written(members: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file of some members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_a_dialog_that_is_cancelled_changes_nothing_and_begins_where_the_last_file_lies(
    driver: Driver, tmp_path: Path
) -> None:
    driver.select(3)
    type_into(driver.find(QSpinBox, "option.units"), "9", enter=False)
    driver.answer_dialog("getSaveFileName", None)
    driver.choose("save")
    driver.answer_dialog("getOpenFileName", None)
    driver.choose("load_test_samples")
    assert (driver.message(), list(tmp_path.iterdir())) == ("", [])
    path = tmp_path / "mine.layerscope"
    path.write_bytes(b"another's work")
    driver.answer_dialog("getSaveFileName", tmp_path / "mine")
    driver.choose("save_as")  # no one is there to be asked
    assert path.read_bytes() == b"another's work"
    assert driver.window.windowTitle().startswith("Untitled")
    project = driver.project(tmp_path / "p.layerscope")
    assert project.stack.slots[3].block.summary() == "Dense 9", "what was typed is saved"
    rows = driver.rows()
    driver.answer_dialog("getOpenFileName", None)
    driver.choose("open")
    assert driver.rows() == rows
    course, pictures = tmp_path / "course", tmp_path / "pictures"
    for folder in (course, pictures):
        folder.mkdir()
    paths = course / "a.layerscope", None, pictures / "n.svg", None
    saved = driver.answer_dialog("getSaveFileName", *paths)
    opened = driver.answer_dialog("getOpenFileName", None)
    for name in ("save_as", "new", "save_as", "export_drawing", "export_drawing", "open"):
        driver.choose(name)
    assert saved[1] == course / "network.layerscope", "the new network has no file yet"
    assert saved[2:] == [course / "network.svg", pictures / "network.svg"]
    assert opened == [pictures]


def test_unsaved_work_is_asked_about(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = list[str](), list[Answer]()

    def ask(_parent: object, name: str, ending: str) -> Answer:
        asked.append(name + ending)
        return answers.pop(0)

    monkeypatch.setattr(file_actions, "ask_about_unsaved", ask)
    driver.choose("new.digits")
    assert asked == []  # nothing was changed
    kept = tmp_path / "kept.layerscope"
    for answer in get_args(Answer):
        driver.choose("new")
        driver.click("add.tanh")
        driver.answer_dialog("getSaveFileName", kept)
        if answer == "cancel":
            answers += [answer, answer, "discard"]
            assert not driver.window.close()
            assert driver.window.isVisible()
            driver.choose("new.blank")
            assert driver.rows()[-1] == "Tanh"
        else:
            answers.append(answer)
        driver.choose("new.blank")
        assert driver.rows() == []
        assert kept.exists() == (answer == "save")
        kept.unlink(missing_ok=True)
    assert asked == ["this network"] * 5
    assert answers == []


def test_test_samples_are_shown_and_training_data_stays(driver: Driver, tmp_path: Path) -> None:
    driver.make_smaller()
    driver.type_into("setting.limit", "10")
    driver.settle()
    shown, data = driver.captions(), not_none(driver.window.session.data)
    no_images = write_idx(tmp_path / "n.idx", (3,), [0, 1, 1])
    samples(driver, no_images, None)  # cancelling the second dialog would say nothing
    assert "n.idx" in driver.message()
    driver.window.messages.clear()
    images = write_idx(tmp_path / "a.idx", (2, 28, 28), [9] * 2 * 28 * 28)
    labels = write_idx(tmp_path / "b.idx.gz", (2,), [0, 1])
    samples(driver, images, None)
    assert driver.message() == ""
    for fault, words in (
        ("mismatched", "3"),
        ("cut off", "my-images-idx3-ubyte"),
        ("wrong size", "1×8×8"),
        ("other classes", "0, 1"),
    ):
        digits = [7, 8] if fault == "other classes" else [0, 1]
        pair = write_digits(tmp_path, digits, side=8 if fault == "wrong size" else 28)
        if fault == "mismatched":
            write_idx(pair[1], (3,), [0, 1, 1])
        elif fault == "cut off":
            pair[0].write_bytes(pair[0].read_bytes()[:-5])
        samples(driver, pair[0])
        assert words in driver.message()
        driver.settle()
        assert driver.captions() == shown
        driver.window.messages.clear()
    samples(driver, images, labels)
    assert "Predictions show 2 test samples" in driver.message()
    samples(driver, write_digits(tmp_path, [1, 0, 7, 1])[0])
    assert "Predictions show 3 test samples" in driver.message()
    assert "1 of other classes are left out" in driver.message()
    driver.wait_for_panels()
    assert [caption.split(" ")[0] for caption in driver.captions()] == ["1", "0", "1"]
    driver.wait(lambda: pinned_texts(driver.maps.sample)[0] == "Test image 1 · a 1")
    driver.click_digit(1)
    driver.wait(lambda: pinned_texts(driver.maps.sample)[0] == "Test image 2 · a 0")
    driver.run("step_epoch", "Paused")
    driver.settle()
    assert len(driver.captions()) == 3
    assert len(driver.curve("loss batch")[0]) == 20
    assert driver.window.session.data is data
    assert len(not_none(data.test)) > 3
