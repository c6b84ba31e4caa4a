"""The data panel in the real window: choose, tick, filter, pin, follow an offer, keep or cancel."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

import engine.data.sources
import gui.background.loading
from engine.data.image_form import ImageForm
from engine.data.parts import Parts
from engine.data.reading import Report
from engine.files.project_file import save_project
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.templates import notebook
from engine.struct_fields import fields_of
from engine.training.augmentation import augmented
from gui.app import create_window
from gui.panels.data import DataPanel
from gui.widgets.class_list import ClassList
from tests.engine.data.idx_files import write_pair
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver

NAMES = ("cherry", "lemon", "plum", "a pear with a very long name that no row has room for")


def write_colours(path: Path, classes: int = 4, side: int = 12, count: int = 40) -> Path:
    """Write RGB images of as many colours as there are classes, by their names."""
    dice = np.random.default_rng(1)
    numbers = np.arange(count) % classes
    images = dice.integers(0, 80, (count, side, side, 3), dtype=np.uint8)
    images[np.arange(count), :, :, numbers % 3] += (100 + 20 * (numbers // 3))[
        :, None, None
    ].astype(np.uint8)
    names = np.array(
        [NAMES[each] if classes <= len(NAMES) else f"class {each:03}" for each in numbers]
    )
    np.savez(path, x_train=images, y_train=names, x_test=images[:classes], y_test=names[:classes])
    return path


def panel(driver: Driver) -> DataPanel:
    driver.window.docks.show_panel("Data")
    driver.settle()
    return driver.find(DataPanel, "panel.data")


def chosen(driver: Driver) -> tuple[int, ...]:
    return driver.window.document.settings.classes


def ticked(driver: Driver) -> set[str]:
    model = driver.find(ClassList, "data.classes").classes
    return {one.name for one in model.classes if one.number in model.chosen}


def tick(driver: Driver, row: int) -> None:
    """Click the box of a class."""
    view = driver.find(ClassList, "data.classes")
    view.scrollTo(view.model().index(row, 0))
    place = view.visualRect(view.model().index(row, 0))
    at = QPoint(place.left() + 10, place.center().y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def press(driver: Driver, kind: type[QToolButton] | type[QPushButton], name: str) -> None:
    QTest.mouseClick(driver.find(kind, name), Qt.MouseButton.LeftButton)


def counts(driver: Driver) -> dict[str, tuple[int, int, int]]:
    model = driver.find(ClassList, "data.classes").classes
    return {one.name: (one.training, one.test, one.unused) for one in model.classes}


def drop(driver: Driver, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(9, 9),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    driver.window.dropEvent(event)
    driver.settle()


def test_every_setting_is_there_before_the_window_is_shown(
    qapp: QApplication,
) -> None:
    window = create_window()
    for field in fields_of(Settings):
        assert len(window.findChildren(QWidget, f"setting.{field.name}")) == 1
    assert len(window.findChildren(QWidget, "panel.data")) == 1
    window.close()
    shiboken6.delete(window)


def test_it_says_how_many_samples_of_each_class_there_are(driver: Driver) -> None:
    panel(driver)
    labels = driver.window.session.data.parts.training.numbers  # type: ignore[union-attr]
    shown = counts(driver)
    assert list(shown) == [str(digit) for digit in range(10)]
    assert shown["0"][0] == shown["1"][0] == 100
    assert ticked(driver) == {"0", "1"}
    tests = driver.window.session.data.parts.test.numbers  # type: ignore[union-attr]
    for digit in range(10):
        total = int((labels == digit).sum() + (tests == digit).sum())
        assert sum(shown[str(digit)]) == total
    assert driver.find(QLabel, "data.state").text().startswith("200 training")


def test_classes_are_ticked_and_undone(driver: Driver) -> None:
    panel(driver)
    tick(driver, 3)
    assert chosen(driver) == (0, 1, 3)
    driver.settle()
    assert counts(driver)["3"][0] == 100
    driver.choose("undo")
    driver.settle()
    assert ticked(driver) == {"0", "1"}
    press(driver, QToolButton, "data.none")
    assert driver.text("data.too_few") == "Choose at least two classes."
    assert chosen(driver) == (0, 1)
    tick(driver, 7)
    tick(driver, 5)
    assert chosen(driver) == (5, 7)
    assert driver.text("data.too_few") == ""
    press(driver, QToolButton, "data.all")
    assert chosen(driver) == tuple(range(10))
    driver.find(QSpinBox, "data.largest.count").setValue(3)
    driver.settle()
    press(driver, QToolButton, "data.largest")
    by_total = sorted(counts(driver).items(), key=lambda item: -sum(item[1]))
    largest = {int(name) for name, _ in by_total[:3]}
    assert set(chosen(driver)) == largest


def test_a_folder_of_colours_trains_after_two_clicks(driver: Driver, tmp_path: Path) -> None:
    data = write_colours(tmp_path / "fruit.npz")
    panel(driver)
    driver.answer_dialog("getOpenFileName", data)
    press(driver, QToolButton, "data.file")
    driver.settle()
    assert driver.window.document.settings.dataset == str(data)
    offer = driver.find(QPushButton, "data.offer.0")
    assert offer.isVisible()
    assert offer.text() == "Take all 4 classes, and end with 4 units"
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.problem() == ""
    assert not offer.isVisible()
    assert ticked(driver) == set(NAMES)
    driver.type_into("setting.epochs", "1")
    driver.train()
    driver.choose("undo")  # the epochs
    driver.choose("undo")  # the offer
    assert chosen(driver) == (0, 1)
    driver.choose("undo")
    driver.settle()
    assert driver.window.document.settings.dataset == "mnist"
    assert driver.window.document.stack.input_shape == (1, 28, 28)


def test_classes_that_the_data_does_not_have_are_said_and_mended(
    driver: Driver, tmp_path: Path
) -> None:
    panel(driver)
    driver.type_into("setting.classes", "8, 9")
    driver.type_into("data.dataset", str(write_colours(tmp_path / "fruit.npz")))
    driver.settle()
    assert "Class 8 does not occur" in driver.text("data.problem")
    assert len(counts(driver)) == 4
    press(driver, QPushButton, "data.offer.0")
    driver.settle()
    assert driver.text("data.problem") == ""
    assert driver.problem() == ""
    assert driver.action("train").isEnabled()


def test_images_are_filtered_by_part_and_class(driver: Driver) -> None:
    page = panel(driver).images
    panel(driver).tabs.setCurrentWidget(page)
    data = driver.window.session.data
    assert data is not None
    assert data.train is not None
    assert data.test is not None
    assert len(page.model.shown) == 200
    driver.pick("data.class", "1")
    ones = np.flatnonzero(np.array(data.train.classes)[data.train.labels] == 1)
    assert page.model.shown.tolist() == ones.tolist()
    part = driver.find(QComboBox, "data.part")
    part.setFocus()
    QTest.keyClick(part, Qt.Key.Key_End)
    tests = np.flatnonzero(np.array(data.test.classes)[data.test.labels] == 1)
    assert page.model.shown.tolist() == tests.tolist()
    assert page.model.index(0, 0).data() == "1"


def test_a_validation_split_divides_the_training_images(driver: Driver) -> None:
    page = panel(driver).images
    driver.type_into("setting.validation_split", "25")
    driver.settle()
    panel(driver).tabs.setCurrentWidget(page)
    kept = set(page.model.shown.tolist())
    part = driver.find(QComboBox, "data.part")
    part.setFocus()
    QTest.keyClick(part, Qt.Key.Key_Down)
    held = set(page.model.shown.tolist())
    assert len(held) == 50
    assert kept | held == set(range(200))
    assert not kept & held
    assert driver.find(QLabel, "data.state").text().startswith("150 training · 50 validation")


def test_the_values_say_that_they_are_those_before_augmentation(driver: Driver) -> None:
    panel(driver)
    driver.window.docks.toggle_enlarged("Data")
    driver.settle()
    before = driver.text("data.values.title")
    assert before.startswith("values that the network gets 0.")
    driver.type_into("setting.rotate", "30")
    driver.settle()
    assert driver.text("data.values.title") == f"{before}, before augmentation"
    driver.choose("undo")
    driver.settle()
    assert driver.text("data.values.title") == before


def test_augmentation_is_previewed_epoch_by_epoch(driver: Driver) -> None:
    page = panel(driver).images
    panel(driver).tabs.setCurrentWidget(page)
    plain = page.grid.samples.images[3].copy()
    assert not page.epoch.isVisible()
    driver.type_into("setting.rotate", "30")
    driver.settle()
    settings = driver.window.document.settings
    train = driver.window.session.data.train  # type: ignore[union-attr]
    assert train is not None
    for epoch in (1, 2):
        page.epoch.setFocus()
        driver.type_into("data.epoch", str(epoch))
        expected = augmented(train.images[:4], settings, settings.seed, epoch)[3]
        np.testing.assert_array_equal(page.grid.samples.images[3], expected)
        assert (expected != plain).any()
    QTest.mouseClick(page.augmented, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(page.grid.samples.images[3], plain)
    QTest.mouseClick(page.augmented, Qt.MouseButton.LeftButton)
    driver.pick("data.part", "test")
    assert not page.epoch.isVisible()
    tests = driver.window.session.data.test  # type: ignore[union-attr]
    assert tests is not None
    np.testing.assert_array_equal(page.grid.samples.images[3], tests.images[3])


def test_a_training_image_is_pinned_in_all_panels(driver: Driver) -> None:
    page = panel(driver).images
    panel(driver).tabs.setCurrentWidget(page)
    place = page.grid.visualRect(page.model.index(2, 0)).center()
    QTest.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    driver.settle()
    assert page.model.pinned == 2
    assert driver.pinned() is None
    data = driver.window.session.data
    assert data is not None
    assert data.train is not None
    said: list[str] = [label.text() for label in driver.maps.findChildren(QLabel)]
    name = data.train.class_names[data.train.labels[2]]
    assert any(f"Training image 3 · a {name}" in text for text in said), said
    driver.window.docks.show_panel("Predictions")
    driver.settle()
    pane = driver.window.panels.predictions.panel.pane
    assert any("Training image 3" in label.text() for label in pane.findChildren(QLabel))
    driver.window.docks.show_panel("Draw")
    driver.settle()
    driver.window.docks.show_panel("Predictions")
    driver.click_digit(4)
    driver.settle()
    assert page.model.pinned is None
    assert driver.pinned() == 4


def test_a_dropped_data_set_is_taken_and_can_be_undone(driver: Driver, tmp_path: Path) -> None:
    data = write_colours(tmp_path / "fruit.npz")
    drop(driver, data)
    assert driver.window.document.settings.dataset == str(data)
    assert driver.window.docks.is_in_view("Data")
    drop(driver, tmp_path / "gone.csv")
    assert "gone.csv" in driver.message()
    assert driver.window.document.settings.dataset == str(data)
    driver.choose("undo")
    assert driver.window.document.settings.dataset == "mnist"


def test_a_project_whose_data_is_gone_says_what_to_do(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    project = notebook()
    gone = str(tmp_path / "stick" / "photos")
    path = tmp_path / "mine.layerscope"
    save_project(Project(project.stack, project.settings.with_changes(dataset=gone)), path)
    driver = open_window(path)
    driver.wait_for("Error")
    panel(driver)
    assert "There is no data set, folder or file" in driver.text("data.problem")
    assert counts(driver) == {}
    driver.type_into("data.dataset", "mnist")
    driver.wait_for("Ready")
    driver.settle()
    assert driver.text("data.problem") == ""
    assert len(counts(driver)) == 10


def test_data_is_chosen_from_the_menu(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.answer_dialog("getOpenFileName", write_colours(tmp_path / "fruit.npz"))
    driver.choose("data_file")
    driver.settle()
    assert driver.window.docks.is_in_view("Data")
    assert driver.window.document.settings.dataset == str(tmp_path / "fruit.npz")
    folder = tmp_path / "digits"
    folder.mkdir()
    write_digits(folder)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    driver.choose("data_folder")
    driver.settle()
    assert driver.window.document.settings.dataset == str(folder)
    assert sum(counts(driver)["0"]) == 6


def write_digits(folder: Path) -> list[Path]:
    pairs = [
        write_pair(folder, [0, 1] * 3, f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte", 28)
        for part in ("train", "t10k")
    ]
    return [path for pair in pairs for path in pair]


def test_the_four_idx_files_are_dropped_as_data_and_a_test_pair_is_only_shown(
    driver: Driver, tmp_path: Path
) -> None:
    files = write_digits(tmp_path)
    drop(driver, *files[2:])
    assert driver.window.document.settings.dataset == "mnist"
    assert "Predictions show 6 test samples" in driver.message()
    drop(driver, *files)
    assert driver.window.document.settings.dataset == str(tmp_path)


def test_where_classes_are_typed_a_button_leads_to_their_names(driver: Driver) -> None:
    shown = panel(driver)
    shown.tabs.setCurrentWidget(shown.images)
    driver.window.docks.show_panel("Draw")
    driver.click("choose_classes")
    driver.settle()
    assert driver.window.docks.is_in_view("Data")
    driver.press(Qt.Key.Key_Home)
    driver.press(Qt.Key.Key_Down)
    driver.press(Qt.Key.Key_Down)
    driver.press(Qt.Key.Key_Space)
    assert chosen(driver) == (0, 1, 2)


def test_what_was_used_lately_is_in_the_list(driver: Driver, tmp_path: Path) -> None:
    panel(driver)
    data = str(write_colours(tmp_path / "fruit.npz"))
    driver.type_into("data.dataset", data)
    driver.settle()
    driver.type_into("data.dataset", "mnist")
    driver.settle()
    box = driver.find(QComboBox, "setting.dataset")
    assert box.itemText(box.count() - 1) == data
    second = driver.find(QComboBox, "data.dataset")
    second.setCurrentIndex(second.findData(data))
    driver.settle()
    assert driver.window.document.settings.dataset == data


class Gate:
    """Holds up the reading of one data set until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, slow: str) -> None:
        self.reached, self.opened, self._slow = threading.Event(), threading.Event(), slow
        self.read: list[str] = []
        monkeypatch.setattr(gui.background.loading, "read", self._read)

    def _read(self, data: str, form: ImageForm, report: Report) -> Parts:
        self.read.append(data)
        if data == self._slow:
            self.reached.set()
            assert self.opened.wait(30)
        return engine.data.sources.read(data, form, report)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(monkeypatch, str(write_colours(tmp_path / "slow.npz")))
    yield gate
    gate.opened.set()


def test_the_old_data_stays_until_the_new_is_read(driver: Driver, slow: Gate) -> None:
    panel(driver)
    before = driver.window.session.data
    driver.type_into("data.dataset", slow._slow)
    driver.wait(slow.reached.is_set)
    driver.wait(lambda: driver.find(QWidget, "data.cancel").isVisible())
    assert driver.text("data.reading") == "Reading slow.npz…"
    assert driver.window.session.data is before
    assert len(counts(driver)) == 10
    slow.opened.set()
    driver.settle()
    driver.wait(lambda: len(counts(driver)) == 4)
    assert not driver.find(QWidget, "data.cancel").isVisible()
    driver.type_into("setting.limit", "3")
    driver.settle()
    assert slow.read.count(slow._slow) == 1, "other samples of the same data are not read anew"
    press(driver, QToolButton, "data.again")
    driver.settle()
    assert slow.read.count(slow._slow) == 2


def test_reading_can_be_cancelled_and_leaves_no_step(driver: Driver, slow: Gate) -> None:
    panel(driver)
    driver.type_into("data.dataset", slow._slow)
    driver.wait(lambda: driver.find(QWidget, "data.cancel").isVisible())
    assert not driver.find(QPushButton, "data.offer.0").isEnabled()
    press(driver, QToolButton, "data.cancel")
    driver.settle()
    assert driver.find(QPushButton, "data.offer.0").isEnabled()
    assert driver.window.document.settings.dataset == "mnist"
    assert not driver.action("undo").isEnabled()
    assert driver.text("data.problem") == ""
    assert driver.action("train").isEnabled()
    assert len(counts(driver)) == 10


def test_a_path_on_a_dead_drive_holds_nothing_up(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data, answers = str(write_colours(tmp_path / "far.npz")), threading.Event()

    def why_missing(name: str) -> str:
        return "" if name != data or answers.wait(30) else "late"

    monkeypatch.setattr("gui.forms.settings_form.why_missing", why_missing)
    panel(driver)
    driver.type_into("data.dataset", data)
    assert driver.window.document.settings.dataset == "mnist"
    tick(driver, 2)  # the window lives
    assert chosen(driver) == (0, 1, 2)
    driver.wait(lambda: driver.text("data.reading") == f"Looking for {data}…")
    press(driver, QToolButton, "data.cancel")
    assert driver.find(QComboBox, "data.dataset").currentText() == "MNIST sample (bundled)"
    driver.type_into("data.dataset", data)
    answers.set()
    driver.wait(lambda: driver.window.document.settings.dataset == data)
    driver.settle()
    assert not driver.find(QWidget, "data.cancel").isVisible()


def pixels(widget: QWidget) -> NDArray[np.uint8]:
    image = widget.grab().toImage()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)


def test_many_classes_stay_usable(driver: Driver, tmp_path: Path) -> None:
    panel(driver)
    data = write_colours(tmp_path / "many.npz", classes=256, side=6, count=1024)
    driver.type_into("data.dataset", str(data))
    driver.settle()
    press(driver, QToolButton, "data.all")
    driver.settle()
    assert len(chosen(driver)) == 256
    view = driver.find(ClassList, "data.classes")
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_End)
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert chosen(driver) == tuple(range(255))
    assert (pixels(view.viewport()) != pixels(view.viewport())[0, 0]).any()


def test_while_a_run_is_going_no_other_file_can_be_chosen(new_project: Driver) -> None:
    panel(new_project)
    file = new_project.find(QToolButton, "data.file")
    assert file.isEnabled()
    new_project.type_into("setting.epochs", "1000")
    new_project.click("train")
    new_project.wait_for("Training")
    assert not file.isEnabled()
    new_project.choose("stop")
    new_project.wait_for("Stopped")
    assert file.isEnabled()


def test_data_that_is_gone_is_not_offered_any_more(driver: Driver, tmp_path: Path) -> None:
    found = panel(driver)
    x = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    paths = [str(tmp_path / f"{name}.npz") for name in "ab"]
    for path in paths:
        np.savez(path, x=x, y=[0, 1] * 20)
        driver.type_into("setting.dataset", path)
        driver.settle()

    def listed() -> list[str]:
        found.box.list_wanted.emit()  # as when the list opens, which would grab the keyboard
        offered = [found.box.itemData(each) for each in range(found.box.count())]
        return [each for each in offered if each in paths]

    assert listed() == paths[::-1]
    Path(paths[0]).unlink()
    driver.wait(lambda: listed() == paths[1:])  # a disk that is slow to answer changes no list
    assert found.box.currentText() == paths[1]
