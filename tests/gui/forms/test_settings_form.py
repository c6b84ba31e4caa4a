"""The training settings: every one reachable, undoable, and locked but for the learning rate."""

import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.model.project import Project
from engine.model.settings import Settings
from engine.struct_fields import fields_of
from gui.document.document import Document
from gui.document.edits import Edits
from gui.forms.inputs import SuggestionsBox
from gui.forms.settings_form import TrainingSettings
from gui.widgets.messages import MessageBar
from tests.approved import assert_approved
from tests.gui.driving import Driver
from tests.gui.finding import in_words, named
from tests.gui.hands import type_into
from tests.gui.waiting import wait_until
from tests.paths import ROOT


@pytest.fixture
def window(document: Document, edits: Edits, messages: MessageBar, qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    settings = TrainingSettings(document, edits, messages, window)
    layout = QVBoxLayout(window)
    source = settings.source
    for part in (source.widget, source.message, settings.more, settings.of_data):
        layout.addWidget(part)
    window.resize(760, 400)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def field(window: QWidget, name: str) -> Any:
    found = window.findChildren(QWidget, f"setting.{name}")
    assert len(found) == 1
    return found[0]


def test_every_setting_has_its_field(window: QWidget) -> None:
    for declared in fields_of(Settings):
        widget = field(window, declared.name)
        assert widget.isVisible()
        assert widget.accessibleName().startswith(declared.title)


CHANGES: dict[str, dict[str, object]] = {
    "with momentum": {"momentum": 0.9},
    "with Adam and a schedule": {"optimizer": "adam", "schedule": "step"},
    "with images of a size": {"image_size": 20},
    "cropped": {"fit": "crop"},
    "flipped, with noise": {"flip": True, "noise": 0.5},
    "turned and shifted": {"rotate": 7.5, "shift": 2.0},
    "as large as they are": {"rotate": 0.0, "image_size": 0},
}
LETTERS = Settings(optimizer="adamw", schedule="step", dataset="my/letters.csv", learning_rate=2.5)
PICTURES = Settings(dataset="my/pictures", classes=tuple(range(10)), limit=0)


def test_values_are_as_people_write_them_and_what_has_no_effect_says_why(
    document: Document, edits: Edits, window: QWidget
) -> None:
    """After the first state of all fields there is what each change has changed."""
    said, before = list[str](), set[str]()

    def note(title: str) -> None:
        shown = set[str]()
        said.append(f"# {title}")
        for declared in fields_of(Settings):
            widget = field(window, declared.name)
            text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
            sign = "" if widget.isEnabled() else "not used, "
            tip = " ".join(in_words(widget.toolTip()).split())
            shown.add(f"{declared.name} “{text}”: {sign}{tip}")
        said.extend(sorted(shown - before))
        before.clear()
        before.update(shown)

    note("at first")
    for title, changes in CHANGES.items():
        for name, value in changes.items():
            edits.change_setting(name, value)
        note(title)
    QTest.keyClicks(field(window, "classes"), "9")  # which another project makes void
    for title, settings in (("letters", LETTERS), ("pictures", PICTURES)):
        document.replace_project(Project(settings=settings), None)
        note(f"another project, of {title}")
    document.set_locked(True)
    note("while it trains")
    assert_approved("settings.txt", "\n".join(said) + "\n")


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("learning_rate", "3", 3.0),
        ("seed", "2147483647", 2_147_483_647),
        ("classes", "7 3", (3, 7)),
        ("dataset", str(ROOT / "resources/mnist"), str(ROOT / "resources/mnist")),
    ],
)
def test_settings_are_typed_and_undone(
    document: Document, edits: Edits, window: QWidget, name: str, typed: str, value: object
) -> None:
    before = document.settings
    widget = field(window, name)
    edit = widget if isinstance(widget, QLineEdit) else widget.lineEdit()
    type_into(widget, typed)
    wait_until(lambda: getattr(document.settings, name) == value)  # data is looked for beside
    text = edit.text()
    edits.undo()
    assert document.settings == before
    assert edit.text() != text
    edits.redo()
    assert getattr(document.settings, name) == value
    assert edit.text() == text


def test_a_refused_setting_is_explained_and_void(document: Document, window: QWidget) -> None:
    classes = field(window, "classes")
    limits = "Classes must be 2 to 1000 whole numbers from 0 to 999999"
    for typed, said in (
        ("3", "Choose at least 2 classes."),
        ("3, 3", "Classes must differ; one is named twice."),
        ("3, 1000000", f"{limits}, not 3, 1000000."),
        ("all", f"{limits}, not “all”."),
    ):
        type_into(classes, typed)
        label = named(window, QLabel, "setting.classes.problem")
        assert label.text() == said
        assert classes.text() == typed
    assert document.settings.classes == (0, 1)
    assert document.undo_stack.count() == 0


def test_what_is_typed_counts_before_training_locks_it(document: Document, window: QWidget) -> None:
    type_into(field(window, "epochs"), "3", enter=False)
    document.set_locked(True)
    assert document.settings.epochs == 3


def test_pages_have_their_sections(window: QWidget) -> None:
    """Each page is read from its top: the headings, with the settings below them."""
    said = list[str]()
    for page in window.findChildren(QWidget):
        if page.accessibleName() in ("Training settings", "More choices of the data"):
            inside = [each for each in page.findChildren(QWidget) if each.isVisible()]
            inside.sort(key=lambda each: each.mapTo(page, QPoint(0, 0)).y())
            said.append(f"# {page.accessibleName()}")
            for each in inside:
                if isinstance(each, QLabel) and each.font().bold():
                    said.append(each.text())
                elif re.fullmatch(r"setting\.\w+", each.objectName()):
                    said.append(f"  {each.objectName()}")
    assert_approved("settings_pages.txt", "\n".join(said) + "\n")


def test_training_shows_what_it_trains_with_in_place_of_what_was_refused(driver: Driver) -> None:
    """One entry was refused before, and one that is still being typed is refused as it begins."""
    driver.window.stage.show_panel("Training settings")
    driver.make_smaller()
    for refused, typed in (("classes", "learning_rate"), ("learning_rate", "classes")):
        fields = {"classes": ("all", "0, 1"), "learning_rate": ("100000", "0.1")}
        driver.type_into(f"setting.{refused}", fields[refused][0])
        assert driver.text(f"setting.{refused}.problem")
        type_into(field(driver.window, typed), fields[typed][0], enter=False)
        driver.run("step_batch", "Paused")
        for name, (_, in_use) in fields.items():
            assert field(driver.window, name).text() == in_use
            assert driver.text(f"setting.{name}.problem") == ""
        driver.wait(lambda: driver.message() != "")
        for why in (
            "Learning rate must be a number from 1e-08 to 1000, not “100000”.",
            "Classes must be 2 to 1000 whole numbers",
        ):
            assert why in driver.message()
        assert driver.message().endswith("Training goes on with what was set before.")
        driver.window.messages.clear()


@pytest.mark.parametrize("patience", [30.0, 0.0])
def test_a_data_set_that_is_not_there_is_marked_and_leaves_the_data_in_use(
    document: Document,
    window: QWidget,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    patience: float,
) -> None:
    monkeypatch.setattr("gui.forms.settings_form._PATIENCE", patience)  # 0: a drive that is slow
    monkeypatch.setattr("engine.data.known.known_sets.PACKAGES", tmp_path)
    box = field(window, "dataset")
    assert isinstance(box, SuggestionsBox)
    box.list_wanted.emit()  # as the list does when it opens
    texts = [box.itemText(index) for index in range(box.count())]
    assert texts[0] == "MNIST sample (bundled)"
    fashion = texts.index("Fashion-MNIST (download)")
    assert "apt install" in box.itemData(fashion, Qt.ItemDataRole.ToolTipRole)
    box.setCurrentIndex(fashion)
    problem = named(window, QLabel, "setting.dataset.problem")
    wait_until(lambda: problem.text() != "")
    assert document.settings.dataset == "mnist"
    assert box.currentText() == "MNIST sample (bundled)"
    assert "apt install dataset-fashion-mnist" in problem.text()
    (tmp_path / "fashion-mnist").mkdir()
    for part in ("train", "t10k"):
        for kind in ("images-idx3", "labels-idx1"):
            (tmp_path / "fashion-mnist" / f"{part}-{kind}-ubyte.gz").touch()
    box.list_wanted.emit()
    assert box.itemText(fashion) == "Fashion-MNIST"


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard", extend=True)
def test_the_list_of_data_is_as_wide_as_its_labels(window: QWidget) -> None:
    box = field(window, "dataset")
    assert isinstance(box, SuggestionsBox)
    box.setFixedWidth(80)
    box.showPopup()
    font = box.view().fontMetrics()
    labels = [box.itemText(index) for index in range(box.count())]
    assert box.view().viewport().width() >= max(map(font.horizontalAdvance, labels)) > 80
    box.hidePopup()
