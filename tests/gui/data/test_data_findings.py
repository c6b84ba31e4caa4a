"""The findings in the data panel of the real window: examined, shown, and taken up by clicks."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton, QWidget

from gui.data.findings import FindingRow
from gui.data.panel import DataPanel
from tests.engine.data.pictures import ill_files, shades, write_files
from tests.gui.driving import Driver
from tests.gui.finding import not_none

LEAKING, COPIED = 3, 7  # places in the training part


@pytest.fixture
def ill(driver: Driver, tmp_path: Path) -> Driver:
    """The window with three classes, of which the last is nearly empty, a leak and a copy."""
    dice = np.random.default_rng(4)
    x = dice.integers(0, 256, (44, 28, 28), dtype=np.uint8)
    test = dice.integers(0, 256, (180, 28, 28), dtype=np.uint8)
    test[9], x[COPIED + 1] = x[LEAKING], x[COPIED]
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
    found = ["leaks", "few_samples", "imbalance", "duplicates"]
    panel, document = ill.find(DataPanel, "panel.data"), ill.window.document
    place = panel.tabs.indexOf(panel.findings)
    assert (list(rows(ill)), panel.tabs.tabText(place)) == (found, "Problems (3)")
    assert not ill.find(QWidget, "setting.test_split").isEnabled()
    assert "own test samples" in ill.find(QWidget, "setting.test_split").toolTip()
    ill.window.activateWindow()
    rows(ill)["few_samples"].remedy.setFocus()
    QTest.keyClick(rows(ill)["few_samples"].remedy, Qt.Key.Key_Space)
    ill.settle()
    assert rows(ill)["leaks"].remedy.hasFocus(), "the keys stay at the findings"
    assert (document.settings.classes, list(rows(ill)), ill.problem()) == (
        (0, 1),
        ["leaks", "duplicates"],
        "",
    )
    assert ill.action("undo").text().endswith("Leave a class out")
    ill.choose("undo")
    ill.settle()
    assert (document.settings.classes, list(rows(ill))) == ((0, 1, 2), found)
    press(ill, rows(ill)["leaks"].remedy)
    assert document.settings.copies == "leave_out"
    assert list(rows(ill)) == ["few_samples", "imbalance"]
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


def test_images_of_the_test_part_alone_bring_this_part(driver: Driver, tmp_path: Path) -> None:
    dice = np.random.default_rng(4)
    x = dice.integers(0, 256, (40, 28, 28), dtype=np.uint8)
    test = dice.integers(0, 256, (120, 28, 28), dtype=np.uint8)
    test[[5, 50]] = 9
    np.savez(tmp_path / "x", x_train=x, y_train=[0, 1] * 20, x_test=test, y_test=[0, 1] * 60)
    driver.type_into("setting.dataset", str(tmp_path / "x.npz"))
    panel = show(driver)
    press(driver, rows(driver)["constant"].images)
    assert driver.find(QComboBox, "data.part").currentText() == "test"
    assert panel.images.model.shown.tolist() == [5, 50]


def test_what_is_for_people_to_choose_is_led_to(driver: Driver, tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "x" / name).mkdir(parents=True)
        for place in range(4):
            icon = Image.new("RGBA", (8, 8), (9, 9, 9, 0))
            icon.putpixel((place, 3), (50 * place, 200, 9, 255))
            icon.save(tmp_path / "x" / name / f"{place}.png")
    driver.type_into("setting.dataset", str(tmp_path / "x"))
    driver.window.activateWindow()
    panel = show(driver)
    for kind, words, name in (
        ("transparent", "Choose background", "background"),
        ("small_test", "Choose test split", "test_split"),
    ):
        panel.tabs.setCurrentWidget(panel.findings)
        assert rows(driver)[kind].setting.text() == words
        press(driver, rows(driver)[kind].setting)
        assert panel.tabs.currentWidget() is panel.choices
        assert driver.find(QWidget, f"setting.{name}").hasFocus(), "it has no test part of its own"


def test_files_are_said_where_their_data_cannot_be_used(driver: Driver, tmp_path: Path) -> None:
    """The folder has no class 9."""
    write_files(tmp_path / "ill", shades(["cat/1.png"]) | ill_files())
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
