"""The data panel in the real window: choose, tick, filter and pin; and its findings."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

import engine.data.sources
import gui.background.loading
from engine.data.dataset import Dataset
from engine.data.image_form import ImageForm
from engine.data.parts import Parts
from engine.data.reading import Report
from engine.files.project_file import save_project
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.templates import notebook
from engine.training.dataset_batch import Augmentation
from gui.data.findings import FileList, FindingRow
from gui.data.images import ChangedImages, ImagesPage
from gui.data.panel import DataPanel
from gui.widgets.class_list import ClassList
from tests.augmenting import augmented
from tests.engine.data.idx_files import write_pair
from tests.engine.data.pictures import ill_files, shades, write_files
from tests.engine.runs.folders import write_run
from tests.gui.driving import Driver
from tests.gui.finding import not_none

NAMES = ("cherry", "lemon", "plum", "a pear with a very long name that no row has room for")


def write_colours(path: Path, classes: int = 4, side: int = 12, count: int = 40) -> Path:
    """Write RGB images of as many colours as there are classes, by their names."""
    dice, numbers = np.random.default_rng(1), np.arange(count) % classes
    images = dice.integers(0, 80, (count, side, side, 3), dtype=np.uint8)
    ink = (100 + 20 * (numbers // 3)).astype(np.uint8)
    images[np.arange(count), :, :, numbers % 3] += ink[:, None, None]
    few = classes <= len(NAMES)
    names = np.array([NAMES[each] if few else f"class {each:03}" for each in numbers])
    np.savez(path, x_train=images, y_train=names, x_test=images[:classes], y_test=names[:classes])
    return path


def panel(driver: Driver) -> DataPanel:
    driver.window.stage.show_panel("Data")
    driver.settle()
    return driver.find(DataPanel, "panel.data")


def dataset(driver: Driver) -> str:
    return driver.window.document.settings.dataset


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


def counts(driver: Driver) -> dict[str, tuple[int, int, int]]:
    model = driver.find(ClassList, "data.classes").classes
    return {one.name: (one.training, one.test, one.unused) for one in model.classes}


@pytest.fixture
def driver(driver: Driver) -> Iterator[Driver]:
    """Return the window, all images of which are shown again later."""
    yield driver
    images = driver.find(DataPanel, "panel.data").images
    for box in (images.part, images.true):
        box.setCurrentIndex(0)


def parts_of(driver: Driver) -> tuple[ImagesPage, Dataset, Dataset]:
    """Bring the page of images to the front; return it, training and test images."""
    panel(driver).tabs.setCurrentWidget(panel(driver).images)
    data = not_none(driver.window.session.data)
    return panel(driver).images, not_none(data.train), not_none(data.test)


def test_classes_are_ticked_by_clicks_and_keys_and_undone(driver: Driver) -> None:
    shown = panel(driver)
    tick(driver, 3)
    assert chosen(driver) == (0, 1, 3)
    driver.settle()
    assert counts(driver)["3"][0] == 100
    driver.choose("undo")
    driver.settle()
    assert ticked(driver) == {"0", "1"}
    driver.click("data.none")
    assert driver.text("data.too_few") == "Choose at least two classes."
    assert chosen(driver) == (0, 1)
    tick(driver, 7)
    tick(driver, 5)
    assert chosen(driver) == (5, 7)
    assert driver.text("data.too_few") == ""
    driver.click("data.all")
    assert chosen(driver) == tuple(range(10))
    shown.tabs.setCurrentWidget(shown.images)
    driver.window.stage.show_panel("Draw")
    driver.click("choose_classes")
    driver.settle()
    assert driver.window.stage.is_in_view("Data")
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Space):
        driver.press(key)
    assert chosen(driver) == (0, 1, *range(3, 10))


def test_a_folder_of_colours_trains_after_two_clicks(driver: Driver, tmp_path: Path) -> None:
    data = write_colours(tmp_path / "fruit.npz")
    panel(driver)
    driver.answer_dialog("getOpenFileName", data)
    driver.click("data.file")
    driver.settle()
    assert dataset(driver) == str(data)
    offer = driver.find(QPushButton, "data.offer.0")
    assert offer.isVisible()
    assert offer.text() == "Fit the network: 4 classes"
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.problem() == ""
    assert not offer.isVisible()
    assert ticked(driver) == set(NAMES)
    driver.run("step_batch", "Paused")
    driver.choose("undo")  # the offer
    assert chosen(driver) == (0, 1)
    driver.choose("undo")
    driver.settle()
    assert dataset(driver) == "mnist"
    assert driver.window.document.stack.input_shape == (1, 28, 28)


def test_images_are_pinned_in_all_panels_and_filtered_by_part_and_class(driver: Driver) -> None:
    page, train, test = parts_of(driver)
    place = page.grid.visualRect(page.model.index(2, 0)).center()
    QTest.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    driver.settle()
    assert (page.model.pinned, driver.pinned()) == (2, None)
    name, pane = train.class_names[train.labels[2]], driver.window.panels.predictions.pane
    for view, title, said in (
        (driver.maps, "Maps", f"Training image 3 · a {name}"),
        (pane, "Test image", "Training image 3"),
    ):
        driver.window.stage.show_panel(title)
        driver.settle()
        assert any(said in label.text() for label in view.findChildren(QLabel))
    driver.click_digit(4)
    driver.settle()
    assert (page.model.pinned, driver.pinned()) == (None, 4)
    panel(driver)
    part = driver.find(QComboBox, "data.part")
    assert len(page.model.shown) == 200
    driver.pick("data.class", "1")
    ones = np.flatnonzero(np.array(train.classes)[train.labels] == 1)
    assert page.model.shown.tolist() == ones.tolist()
    part.setFocus()
    QTest.keyClick(part, Qt.Key.Key_End)
    tests = np.flatnonzero(np.array(test.classes)[test.labels] == 1)
    assert page.model.shown.tolist() == tests.tolist()
    assert page.model.index(0, 0).data() == "1"
    QTest.keyClick(part, Qt.Key.Key_Home)
    page.true.setCurrentIndex(0)
    driver.type_into("setting.validation_split", "25")
    driver.settle()
    kept = set(page.model.shown.tolist())
    part.setFocus()
    QTest.keyClick(part, Qt.Key.Key_Down)
    held = set(page.model.shown.tolist())
    assert len(held) == 50
    assert kept | held == set(range(200))
    assert not kept & held
    assert driver.find(QLabel, "data.state").text().startswith("150 training · 50 validation")


def test_augmentation_is_previewed(driver: Driver) -> None:
    page, train, test = parts_of(driver)
    plain = page.grid.samples.images[3].copy()
    driver.window.stage.fill("Data", alone=False)
    driver.settle()
    assert not page.augmented.isVisible()
    driver.type_into("setting.rotate", "30")
    driver.settle()
    settings = driver.window.document.settings
    expected = augmented(train.images[:4], settings, settings.seed, 1)[3]
    np.testing.assert_array_equal(page.grid.samples.images[3], expected)
    assert (expected != plain).any()
    QTest.mouseClick(page.augmented, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(page.grid.samples.images[3], plain)
    QTest.mouseClick(page.augmented, Qt.MouseButton.LeftButton)
    driver.pick("data.part", "test")
    assert not page.augmented.isVisible()
    np.testing.assert_array_equal(page.grid.samples.images[3], test.images[3])
    driver.choose("undo")
    driver.settle()
    driver.pick("data.part", "training")
    np.testing.assert_array_equal(page.grid.samples.images[3], plain)


def test_augmented_images_are_those_of_the_epoch_without_the_validation_images() -> None:
    settings = Settings(shift=2.0, rotate=20.0, noise=0.1, flip=True, seed=5)
    images = np.random.default_rng(1).integers(0, 256, (9, 1, 8, 8), dtype=np.uint8)
    kept, augmentation = np.array([0, 2, 3, 5, 8]), not_none(Augmentation.of(settings, 4))
    changed = ChangedImages(images, kept, augmentation)
    expected = augmented(images[kept], settings, 5, 4)
    for place, image in zip(kept, expected, strict=True):
        np.testing.assert_array_equal(changed[int(place)], image)
    np.testing.assert_array_equal(changed[kept], expected)
    assert (expected != images[kept]).any()
    for place in (1, 4, 6, 7):
        np.testing.assert_array_equal(changed[place], images[place])
    assert (changed.shape, len(changed)) == (images.shape, 9)


def test_each_file_has_a_line_with_why_it_was_refused(qtbot: QtBot) -> None:
    files = FileList()
    qtbot.addWidget(files)
    assert files.isHidden()
    refused = {"cat/1.png": "It is cut off.", "dog/3\n.png": "It is empty."}
    files.show_files("3 files", ("cat/1.png", "dog/2.png", "dog/3\n.png"), refused)
    lines = files.view.toPlainText().splitlines()
    assert lines == ["cat/1.png: It is cut off.", "dog/2.png", "dog/3 .png: It is empty."]
    for close in files.findChildren(QToolButton, "files.close"):
        close.click()
    assert files.isHidden()


def test_data_is_dropped_or_chosen_from_the_menu_can_be_undone_and_is_offered_later(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, folder = tmp_path / "fruit.npz", tmp_path / "digits"
    in_view = driver.window.stage.is_in_view
    folder.mkdir()
    write_colours(data)
    files = write_digits(folder)
    driver.drop(data)
    driver.settle()
    assert dataset(driver) == str(data)
    assert in_view("Data")
    runs = tmp_path / "runs"
    write_run(runs / "20260101-run", epochs=1)
    for other, said in (
        (tmp_path / "gone.csv", "gone.csv"),
        (runs, f"{runs} holds no images"),
    ):
        driver.drop(other)
        driver.settle()
        assert said in driver.message()
        assert dataset(driver) == str(data)
    driver.choose("undo")
    assert dataset(driver) == "mnist"
    driver.window.stage.show_panel("Network")
    driver.answer_dialog("getOpenFileName", data)
    driver.choose("data_file")
    driver.settle()
    assert in_view("Data")
    assert dataset(driver) == str(data)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    driver.choose("data_folder")
    driver.settle()
    assert dataset(driver) == str(folder)
    assert sum(counts(driver)["0"]) == 6
    driver.choose("undo")
    driver.settle()
    driver.drop(*files[2:])
    driver.settle()
    assert dataset(driver) == "mnist", "a test pair is only shown"
    assert "Predictions show 6 test samples" in driver.message()
    driver.drop(folder)
    driver.settle()
    assert dataset(driver) == str(folder)
    box = panel(driver).box
    offered = [box.itemData(each) for each in range(box.count())]
    used = [str(folder), str(data)]
    assert [each for each in offered if each in used] == used, "the last first"


def write_digits(folder: Path) -> list[Path]:
    pairs = [
        write_pair(folder, [0, 1] * 3, f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte", 28)
        for part in ("train", "t10k")
    ]
    return [path for pair in pairs for path in pair]


QUESTION = "This folder has three classes: ant, bee, cat. Fit the network to them?"
FIT = "Fit the network: 3 classes, 32×24 in colour"


def folder_of_three(path: Path) -> Path:
    for name in ("ant", "bee", "cat"):
        (path / name).mkdir(parents=True)
        for number in range(6):
            picture = Image.fromarray(np.full((32, 24, 3), (40 * number, 9, 200), np.uint8))
            picture.save(path / name / f"{number}.png")
    return path


def drop_other_classes(driver: Driver, data: Path) -> None:
    """Drop data of three classes on a network that tells digits apart."""
    driver.type_into("setting.classes", "8, 9")
    driver.drop(data)
    driver.wait(lambda: driver.window.session.data_problem != "")
    driver.settle()


def test_data_with_a_class_more_than_the_network_is_asked_about_by_the_coach(
    driver: Driver, tmp_path: Path
) -> None:
    driver.drop(folder_of_three(tmp_path / "animals"))
    button = driver.find(QToolButton, "coach.action")
    driver.wait(lambda: driver.text("coach") == QUESTION)
    driver.window.stage.show_panel("What it sees")
    assert driver.window.session.data_problem == ""
    assert button.accessibleName() == "Fit the network: 3 classes"
    driver.click("coach.action")
    driver.wait(lambda: driver.text("coach") == "")
    assert driver.window.document.settings.classes == (0, 1, 2)
    driver.window.edits.change_setting("dataset", "mnist")
    driver.settle()
    assert driver.text("coach") == "", "of a known set some digits are enough"


def test_dropped_data_of_other_classes_is_asked_about_in_one_place_and_a_click_fits_the_network(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> list[str]:
        return panel(driver).as_csv().decode().splitlines()[1:]

    said, document = list[str](), driver.window.document
    monkeypatch.setattr(driver.window.messages, "done", said.append)
    monkeypatch.setattr(driver.window.messages, "say", lambda _, text: said.append(text))
    drop_other_classes(driver, folder_of_three(tmp_path / "animals"))
    offer = driver.find(QPushButton, "data.offer.0")
    assert driver.text("data.problem") == QUESTION
    assert not driver.find(QWidget, "coach_bar").isVisible()
    driver.window.stage.show_panel("What it sees")
    driver.settle()
    assert not offer.isVisible()
    assert driver.text("coach") == QUESTION
    assert driver.find(QToolButton, "coach.action").accessibleName() == FIT == offer.text()
    assert driver.text("status") == "Ready"
    assert driver.text("progress_text") == "Training waits until the network fits the data."
    assert (driver.message(), said) == ("", [])
    before = document.stack, document.settings
    driver.wait(lambda: [row.split(",", 2)[2] for row in rows()] == ["0,0,6"] * 3)
    with monkeypatch.context() as patch:
        patch.setattr(panel(driver)._summarising, "begin", lambda *_, **__: None)
        driver.click("data.offer.0")
        driver.wait(lambda: driver.text("data.problem") == "")
        assert rows() == [], "those that were not used are not called so once the network fits"
    assert document.stack.input_shape == (3, 32, 24)
    assert document.settings.classes == (0, 1, 2)
    assert document.report.rows[-1].output_shape == (3,)
    assert driver.text("coach") == ""
    assert driver.action("train").isEnabled()
    driver.choose("undo")
    driver.wait(lambda: driver.window.session.data_problem == QUESTION)
    driver.settle()
    assert (document.stack, document.settings) == before
    driver.choose("undo")
    driver.wait(lambda: driver.action("train").isEnabled())
    assert (document.settings.dataset, document.stack) == ("mnist", before[0])


def test_reading_can_be_cancelled_without_a_step_and_data_that_is_gone_says_what_to_do(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, opened = str(write_colours(tmp_path / "slow.npz")), threading.Event()

    def read(data: str, form: ImageForm, report: Report) -> Parts:
        assert data != slow or opened.wait(30)
        return engine.data.sources.read(data, form, report)

    monkeypatch.setattr(gui.background.loading, "read", read)
    panel(driver)
    driver.type_into("setting.dataset", slow)
    driver.wait(lambda: driver.find(QWidget, "data.cancel").isVisible())
    assert not driver.find(QPushButton, "data.offer.0").isEnabled()
    driver.click("data.cancel")
    driver.settle()
    assert driver.find(QPushButton, "data.offer.0").isEnabled()
    assert dataset(driver) == "mnist"
    assert not driver.action("undo").isEnabled()
    assert driver.text("data.problem") == ""
    assert driver.action("train").isEnabled()
    assert len(counts(driver)) == 10
    opened.set()
    project, path = notebook(), tmp_path / "mine.layerscope"
    gone = str(tmp_path / "stick" / "photos")
    save_project(Project(project.stack, project.settings.with_changes(dataset=gone)), path)
    driver.open(path)
    driver.wait(lambda: driver.window.session.data_problem != "")
    driver.settle()
    assert "There is no data set, folder or file" in driver.text("data.problem")
    assert counts(driver) == {}
    driver.type_into("setting.dataset", "mnist")
    driver.wait_for("Ready")
    driver.settle()
    assert driver.text("data.problem") == ""
    assert len(counts(driver)) == 10


class FarDrive:
    """Data on a drive that says only when it `answers` whether they are there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
        self.data, self.answers, self._looked = data, threading.Event(), threading.Event()
        monkeypatch.setattr("gui.forms.settings_form.why_missing", self._why_missing)

    def _why_missing(self, name: str) -> str:
        if name == str(self.data):
            assert self.answers.wait(30)
            self._looked.set()
        return ""

    def drop(self, driver: Driver) -> None:
        """Drop them, and wait until they are looked for."""
        self.answers.clear()
        self._looked.clear()
        driver.window.stage.show_panel("Maps")
        driver.drop(self.data)
        driver.wait(lambda: driver.text("data.reading") == f"Looking for {self.data}…")
        assert driver.message() == ""
        assert not driver.window.stage.is_in_view("Data")

    def answer(self, driver: Driver) -> None:
        """Say that they are there, and wait until it was heard."""
        self.answers.set()
        driver.wait(self._looked.is_set)
        driver.settle()


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FarDrive]:
    drive = FarDrive(monkeypatch, write_colours(tmp_path / "far.npz"))
    yield drive
    drive.answers.set()


def test_a_dead_drive_holds_nothing_up_and_a_slow_one_is_heard_if_its_data_still_can_be_taken(
    driver: Driver, far: FarDrive
) -> None:
    panel(driver)
    driver.type_into("setting.dataset", str(far.data))
    assert dataset(driver) == "mnist"
    tick(driver, 2)  # the window lives
    assert chosen(driver) == (0, 1, 2)
    driver.wait(lambda: driver.text("data.reading") == f"Looking for {far.data}…")
    driver.click("data.cancel")
    assert driver.find(QComboBox, "setting.dataset").currentText() == "MNIST sample (bundled)"
    far.drop(driver)
    driver.choose("new")  # for which it was not dropped
    far.answer(driver)
    assert dataset(driver) == "mnist"
    assert (driver.text("data.reading"), driver.message()) == ("", "")
    before = driver.window.document.settings
    far.drop(driver)
    driver.run("step_batch", "Paused")
    told = f"{far.data} was not found yet. Training goes on with what was set before."
    assert driver.message() == told
    far.answer(driver)
    assert driver.window.document.settings == before
    assert driver.text("data.reading") == ""
    driver.run("step_batch", "Paused")
    assert driver.message() == ""
    driver.choose("new")
    driver.settle()
    far.drop(driver)
    far.answer(driver)
    driver.wait(lambda: dataset(driver) == str(far.data))
    driver.wait(lambda: driver.message() == f"Training is with the data of {far.data} now.")
    assert driver.window.stage.is_in_view("Data")
    driver.settle()
    assert not driver.find(QWidget, "data.cancel").isVisible()


LEAKING, COPIED = 3, 7  # places in the training part
EVEN = 21  # in the test part


@pytest.fixture
def ill(driver: Driver, tmp_path: Path) -> Driver:
    """The window with three classes, the last nearly empty, a leak, a copy and an even image."""
    dice = np.random.default_rng(4)
    x = dice.integers(0, 256, (44, 28, 28), dtype=np.uint8)
    test = dice.integers(0, 256, (180, 28, 28), dtype=np.uint8)
    test[9], test[EVEN], x[COPIED + 1] = x[LEAKING], 9, x[COPIED]
    y, truth = [0] * 20 + [1] * 20 + [2] * 4, [0, 1, 2] * 60
    np.savez(tmp_path / "ill.npz", x_train=x, y_train=y, x_test=test, y_test=truth)
    driver.type_into("setting.classes", "0-2")
    driver.type_into("setting.dataset", str(tmp_path / "ill.npz"))
    show(driver)
    return driver


def show(driver: Driver) -> DataPanel:
    driver.window.stage.show_panel("Data")
    driver.settle()
    found = driver.find(DataPanel, "panel.data")
    found.tabs.setCurrentWidget(found.findings)
    driver.settle()
    return found


def rows(driver: Driver) -> dict[str, FindingRow]:
    page = driver.find(DataPanel, "panel.data").findings
    return {row.finding.kind: row for row in page.rows}


def press(driver: Driver, button: QToolButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.settle()


def test_what_is_wrong_is_counted_and_mended_and_comes_back_by_undo(ill: Driver) -> None:
    found = ["leaks", "few_samples", "imbalance", "constant", "duplicates"]
    panel, document = ill.find(DataPanel, "panel.data"), ill.window.document
    place = panel.tabs.indexOf(panel.findings)
    assert (list(rows(ill)), panel.tabs.tabText(place)) == (found, "Problems (4)")
    assert not ill.find(QWidget, "setting.test_split").isEnabled()
    assert "own test samples" in ill.find(QWidget, "setting.test_split").toolTip()
    ill.window.activateWindow()
    rows(ill)["few_samples"].remedy.setFocus()
    QTest.keyClick(rows(ill)["few_samples"].remedy, Qt.Key.Key_Space)
    ill.settle()
    assert rows(ill)["leaks"].remedy.hasFocus(), "the keys stay at the findings"
    assert (document.settings.classes, list(rows(ill)), ill.problem()) == (
        (0, 1),
        ["leaks", "constant", "duplicates"],
        "",
    )
    assert ill.action("undo").text().endswith("Leave classes out")
    ill.choose("undo")
    ill.settle()
    assert (document.settings.classes, list(rows(ill))) == ((0, 1, 2), found)
    press(ill, rows(ill)["leaks"].remedy)
    assert document.settings.copies == "leave_out"
    assert list(rows(ill)) == ["few_samples", "imbalance", "constant"]
    assert len(not_none(not_none(ill.window.session.data).train)) == 42
    ill.choose("undo")
    ill.settle()
    assert (document.settings.copies, list(rows(ill))) == ("keep", found)
    press(ill, rows(ill)["leaks"].images)
    ill.type_into("setting.limit", "2")  # other data, of which all is shown
    ill.settle()
    assert len(panel.images.model.shown) == 6
    assert not ill.find(QToolButton, "data.show_all").isVisible()
    ill.choose("new")
    ill.settle()
    assert panel.tabs.tabText(place) == "Problems"


def test_a_finding_shows_its_images_part_by_part(ill: Driver) -> None:
    panel, part = ill.find(DataPanel, "panel.data"), ill.find(QComboBox, "data.part")
    model, grid = panel.images.model, panel.images.grid
    press(ill, rows(ill)["constant"].images)
    assert (part.currentText(), model.shown.tolist()) == ("test", [EVEN])
    panel.tabs.setCurrentWidget(panel.findings)
    press(ill, rows(ill)["duplicates"].images)
    assert panel.tabs.currentWidget() is panel.images
    assert (part.currentText(), model.shown.tolist()) == ("training", [COPIED, COPIED + 1])
    press(ill, ill.find(QToolButton, "data.show_all"))
    assert len(model.shown) == 44
    assert not ill.find(QToolButton, "data.show_all").isVisible()
    press(ill, rows(ill)["leaks"].images)
    for name, place in (("training", LEAKING), ("test", 9)):
        part.setCurrentText(name)
        part.activated.emit(part.currentIndex())
        assert model.shown.tolist() == [place]
        at = grid.visualRect(model.index(0)).center()
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
        ill.window.stage.show_panel("Maps")
        ill.settle()
        said: list[str] = [label.text() for label in ill.maps.findChildren(QLabel)]
        assert any(f"{name.capitalize()} image {place + 1}" in text for text in said), said
        assert model.pinned == place
    press(ill, ill.find(QToolButton, "data.show_all"))
    assert len(model.shown) == 180


def test_files_are_said_where_their_data_cannot_be_used_and_choices_are_led_to(
    driver: Driver, tmp_path: Path
) -> None:
    """The folder has no class 9, and no test part of its own."""
    write_files(tmp_path / "ill", shades(["cat/1.png", "cat/2.png", "dog/1.png"]) | ill_files())
    driver.type_into("setting.classes", "8, 9")
    driver.type_into("setting.dataset", str(tmp_path / "ill"))
    panel = show(driver)
    assert driver.text("data.problem").startswith("This folder has two classes: cat, dog.")
    assert set(rows(driver)) >= {"refused", "turned", "transparent"}
    assert "leaks" not in rows(driver)
    press(driver, rows(driver)["refused"].files)
    listed = panel.findings.files.view.toPlainText().splitlines()
    assert {line.split(":")[0] for line in listed} == {"dog/empty.png"}
    assert all(line.endswith(".") for line in listed)
    driver.type_into("setting.classes", "0, 1")
    driver.window.activateWindow()
    for kind, words, name in (
        ("transparent", "Choose background", "background"),
        ("small_test", "Choose test split", "test_split"),
    ):
        show(driver)
        assert rows(driver)[kind].setting.text() == words
        press(driver, rows(driver)[kind].setting)
        assert panel.tabs.currentWidget() is panel.choices
        assert driver.find(QWidget, f"setting.{name}").hasFocus()
