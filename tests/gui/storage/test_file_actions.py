"""Projects, weights and test samples between the window and files: nothing is lost on the way."""

import io
import json
import zipfile
from pathlib import Path

import pytest
import safetensors.numpy
from PySide6.QtWidgets import QSpinBox

from gui.storage import file_actions
from gui.widgets.messages import Answer
from tests.engine.data.idx_files import write_idx, write_pair
from tests.gui.background.headless import assert_same
from tests.gui.driving import Driver
from tests.gui.hands import type_into
from tests.gui.reading import pinned_texts


def learn(driver: Driver) -> None:
    """Train one batch, which is enough to have weights of one's own."""
    driver.run("step_batch", "Paused")


def samples(driver: Driver, *paths: Path | None) -> None:
    driver.answer_dialog("getOpenFileName", *paths)
    driver.choose("load_test_samples")


def write_digits(folder: Path, digits: list[int], side: int = 28) -> tuple[Path, Path]:
    return write_pair(folder, digits, "my-images-idx3-ubyte", "my-labels-idx1-ubyte", side=side)


def test_a_project_is_saved_and_opened_again(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    driver.select(3)
    driver.type_into("option.units", "30")
    driver.type_into("setting.seed", "7")
    learn(driver)
    assert driver.window.isWindowModified()
    driver.answer_dialog("getSaveFileName", tmp_path / "mine")  # the ending is added
    driver.choose("save")
    assert driver.window.windowTitle() == "mine[*] — Layerscope"
    assert not driver.window.isWindowModified()
    with zipfile.ZipFile(path) as archive:
        described = json.loads(archive.read("project.json"))
        stored = safetensors.numpy.load(archive.read("weights.safetensors"))
    assert [slot["block"].get("units") for slot in described["slots"]][3] == 30
    assert described["settings"]["seed"] == 7
    weights = driver.weights(tmp_path)
    assert_same(weights, {name: stored[name] for name in weights})
    driver.choose("new.digits")
    assert driver.rows()[0] == "Conv 8, 5×5"
    driver.open(path)
    driver.wait_for_panels()
    assert driver.rows()[3] == "Dense 30"
    assert driver.window.windowTitle() == "mine[*] — Layerscope"
    assert_same(driver.weights(tmp_path), weights)


def test_a_dialog_that_is_cancelled_changes_nothing_and_no_file_is_replaced_unasked(
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


def test_a_question_for_a_file_begins_where_the_last_one_lies(
    driver: Driver, tmp_path: Path
) -> None:
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


def test_a_project_that_cannot_be_opened_leaves_the_old_one(driver: Driver, tmp_path: Path) -> None:
    path, broken = tmp_path / "good.layerscope", tmp_path / "broken.layerscope"
    driver.project(path)
    learn(driver)
    before, rows = driver.weights(tmp_path), driver.rows()
    with zipfile.ZipFile(path) as archive:
        text = archive.read("project.json").decode()
    kernel = io.BytesIO()
    with zipfile.ZipFile(kernel, "w") as archive:
        archive.writestr("project.json", text.replace('"kernel_size": 3', '"kernel_size": -3'))
    for content in (None, path.read_bytes()[:-40], b"\x00" * 100, kernel.getvalue()):
        if content is not None:
            broken.write_bytes(content)
        driver.open(broken)
        assert "broken.layerscope" in driver.message()
        assert "\n" not in driver.message()
        assert driver.rows() == rows
        assert driver.text("status") == "Paused"
    assert "Block 1 (Conv): kernel size must be" in driver.message()
    assert_same(driver.weights(tmp_path), before)


def test_a_block_of_a_later_version_is_shown_and_saved_back(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "later.layerscope"
    driver.project(path)
    with zipfile.ZipFile(path) as archive:
        description = json.loads(archive.read("project.json"))
    strange = {"kind": "attention", "heads": 4}
    description["slots"][1]["block"] = strange
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.json", json.dumps(description))
    driver.open(path)
    assert "attention" in driver.rows()[1].lower()
    assert "Error" in driver.sentences()[1]
    assert not driver.action("train").isEnabled()
    again = tmp_path / "again.layerscope"
    driver.answer_dialog("getSaveFileName", again)
    driver.choose("save_as")
    with zipfile.ZipFile(again) as archive:
        assert json.loads(archive.read("project.json"))["slots"][1]["block"] == strange


@pytest.mark.parametrize("answer", list(Answer))
def test_unsaved_work_is_asked_about(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    asked: list[str] = []

    def ask(_parent: object, name: str, ending: str) -> Answer:
        asked.append(name + ending)
        return answer

    monkeypatch.setattr(file_actions, "ask_about_unsaved", ask)
    driver.choose("new.digits")
    assert asked == []  # nothing was changed
    driver.choose("new")
    driver.click("add.tanh")
    driver.answer_dialog("getSaveFileName", tmp_path / "kept.layerscope")
    driver.choose("new.blank")
    assert asked == ["this network"]
    assert (driver.rows() == []) == (answer is not Answer.CANCEL)
    assert (tmp_path / "kept.layerscope").exists() == (answer is Answer.SAVE)
    if answer is Answer.CANCEL:
        assert not driver.window.close()
        assert driver.window.isVisible()
        assert len(asked) == 2
        monkeypatch.undo()


def test_test_samples_are_shown_and_training_data_stays(driver: Driver, tmp_path: Path) -> None:
    images, _ = write_digits(tmp_path, [1, 0, 7, 1])
    samples(driver, images)
    assert "Predictions show 3 test samples" in driver.message()
    assert "1 of other classes are left out" in driver.message()
    driver.wait_for_panels()
    assert [caption.split(" ")[0] for caption in driver.captions()] == ["1", "0", "1"]
    driver.wait(lambda: pinned_texts(driver.maps.sample)[0] == "Test image 1 · a 1")
    driver.click_digit(1)
    driver.wait(lambda: pinned_texts(driver.maps.sample)[0] == "Test image 2 · a 0")
    driver.type_into("setting.epochs", "1")
    driver.train()
    driver.settle()
    assert len(driver.captions()) == 3
    assert len(driver.curve("loss batch")[0]) == 200
    trained = driver.weights(tmp_path)
    driver.choose("new")
    driver.wait_for_panels()
    driver.type_into("setting.epochs", "1")
    driver.train()
    assert_same(driver.weights(tmp_path), trained)


def test_images_are_looked_at_before_labels_are_asked_for(driver: Driver, tmp_path: Path) -> None:
    shown = driver.captions()
    no_images = write_idx(tmp_path / "n.idx", (3,), [0, 1, 1])
    samples(driver, no_images, None)  # cancelling the second dialog would say nothing
    assert "n.idx" in driver.message()
    assert driver.captions() == shown
    driver.window.messages.clear()
    images = write_idx(tmp_path / "a.idx", (2, 28, 28), [9] * 2 * 28 * 28)
    labels = write_idx(tmp_path / "b.idx.gz", (2,), [0, 1])
    samples(driver, images, None)
    assert driver.message() == ""
    samples(driver, images, labels)
    assert "Predictions show 2 test samples" in driver.message()


def test_samples_that_do_not_suit_are_refused_in_words(driver: Driver, tmp_path: Path) -> None:
    shown = driver.captions()
    for fault, words in (
        ("mismatched", "3"),
        ("cut off", "my-images-idx3-ubyte"),
        ("wrong size", "1×8×8"),
        ("other classes", "0, 1"),
    ):
        digits = [7, 8] if fault == "other classes" else [0, 1]
        images, labels = write_digits(tmp_path, digits, side=8 if fault == "wrong size" else 28)
        if fault == "mismatched":
            write_idx(labels, (3,), [0, 1, 1])
        elif fault == "cut off":
            images.write_bytes(images.read_bytes()[:-5])
        samples(driver, images)
        assert words in driver.message()
        driver.settle()
        assert driver.captions() == shown
        driver.window.messages.clear()
    driver.run("step_batch", "Paused")
