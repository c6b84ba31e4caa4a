"""The windows of the Help menu: what they say, and that their buttons do what they promise."""

import platform
import re
import shutil
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextBrowser,
    QTreeView,
)

from engine.compute.numerics import numerics_in_words
from engine.log import log_path
from engine.version import version
from gui.help.about import IN_PANELS, PAGES
from tests.gui.driving import Driver
from tests.gui.finding import child, focusable, named, unnamed
from tests.paths import ROOT

LEFT = Qt.MouseButton.LeftButton


def opened(driver: Driver, name: str) -> QDialog:
    driver.choose(name)
    dialog = driver.find(QDialog, name)
    driver.wait(dialog.isActiveWindow)
    return dialog


def click(dialog: QDialog, name: str) -> None:
    QTest.mouseClick(named(dialog, QPushButton, name), LEFT)


def test_each_window_opens_has_names_and_goes_by_escape(shared_driver: Driver) -> None:
    for name in ("about", "shortcuts", "report", "manual"):
        dialog = opened(shared_driver, name)
        assert unnamed(focusable(dialog)) == []
        free = dialog.screen().availableGeometry()
        assert (dialog.width() <= free.width(), dialog.height() <= free.height()) == (True, True)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        assert opened(shared_driver, name) is dialog
        click(dialog, f"{name}.close")
        assert not dialog.isVisible()


def test_about_says_the_versions_and_the_licences(shared_driver: Driver) -> None:
    dialog = opened(shared_driver, "about")
    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert f"Layerscope {version()}" in said
    assert {platform.python_version(), np.__version__} <= set(said)
    assert numerics_in_words() in said
    origin = named(dialog, QLabel, "about.digits").text()
    licence = (ROOT / "resources/mnist/ORIGIN.md").read_text("utf-8")
    assert "Yann LeCun" in origin
    assert "CC BY-SA 3.0" in origin
    assert "CC BY-SA 3.0" in licence
    terms = named(dialog, QLabel, "about.licence").text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert ("license" in project) != ("none has been chosen" in terms)
    for requirement in project["dependencies"]:
        library = re.match(r"[\w-]+", requirement)[0]  # type: ignore[index]
        assert library.replace("PySide6-Essentials", "Qt for Python") in terms
    dialog.close()


def listed(dialog: QDialog) -> list[tuple[str, ...]]:
    model = child(dialog, QTreeView).model()
    return [
        tuple(model.index(row, column).data() for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def test_every_key_is_listed_in_view_and_can_be_searched(new_project: Driver) -> None:
    new_project.select(1)
    new_project.press(Qt.Key.Key_Delete)
    new_project.settle()
    assert new_project.action("undo").text() != "&Undo", "it names what it takes back"
    dialog = opened(new_project, "shortcuts")
    rows = listed(dialog)
    assert ("File", "Save", "Ctrl+S") in rows
    assert ("Edit", "Undo", "Ctrl+Z") in rows
    assert ("View", "Maps", "Ctrl+3") in rows
    assert ("View", "What it sees", "Ctrl+2") in rows
    assert ("Train", "Train, pause or resume", "F5") in rows
    assert set(IN_PANELS) <= set(rows)
    search, view = child(dialog, QLineEdit), child(dialog, QTreeView)
    QTest.keyClicks(search, "f11")
    assert listed(dialog) == [("View", "Full screen", "F11")]
    search.clear()
    QTest.keyClicks(search, "step by step")
    assert {row[0] for row in listed(dialog)} == {"View", "Step by step", "What it sees"}
    search.clear()
    font = view.font()
    font.setPointSizeF(1.4 * font.pointSizeF())
    view.setFont(font)
    QApplication.processEvents()
    assert view.horizontalScrollBar().maximum() == 0
    assert view.columnWidth(2) >= view.sizeHintForColumn(2)
    dialog.close()


def test_a_report_has_versions_and_network_but_no_path_of_the_data_and_is_copied_or_saved(
    new_project: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    log_path().parent.mkdir()
    log_path().write_text("the last line\n", "utf-8")
    folder = tmp_path / "private"
    new_project.window.edits.change_setting("dataset", str(folder))
    dialog = opened(new_project, "report")
    text = child(dialog, QPlainTextEdit)
    said = text.toPlainText()
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Nothing is sent." in words
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"].get("urls", {})
    assert ("no public address" in words) == (not urls)
    assert f"Layerscope: {version()}" in said
    assert f"Python: {sys.version.split()[0]}" in said
    assert f"numpy: {np.__version__}\n" in said
    assert "1 Conv depth=5 kernel_size=3" in said
    assert "-> 5×26×26" in said
    assert str(folder) not in said.partition("End of the log")[0]
    assert said.partition("End of the log\n")[2] == "the last line\n"
    text.appendPlainText("by hand")
    click(dialog, "report.copy")
    assert QGuiApplication.clipboard().text().endswith("by hand")
    done = named(dialog, QLabel, "report.said")
    for path in (tmp_path / "report.txt", tmp_path / "gone" / "report.txt"):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, to=path: (str(to), ""))
        click(dialog, "report.save")
        if path.parent.exists():
            assert path.read_text("utf-8") == text.toPlainText()
            assert done.text() == f"Saved to {path}."
        else:
            assert done.text().startswith(f"{path} could not be written: No such file")


def test_the_manual_is_read_by_the_keyboard_in_the_colours_of_the_theme(
    new_project: Driver,
) -> None:
    dialog = opened(new_project, "manual")
    page = child(dialog, QTextBrowser)
    assert page.hasFocus()
    assert page.toPlainText().startswith("Layerscope")
    picture = QUrl("pictures/window.webp")

    def lightness() -> int:
        image = page.document().resource(QTextDocument.ResourceType.ImageResource.value, picture)
        assert not image.isNull()
        assert image.deviceIndependentSize().width() <= page.viewport().width()
        return int(image.pixelColor(image.width() - 5, image.height() - 5).lightness())

    assert lightness() > 128
    QTest.keyClick(page, Qt.Key.Key_Tab)
    QTest.keyClick(page, Qt.Key.Key_Return)
    assert page.toPlainText().startswith("Install and start")
    QTest.keyClick(page, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert page.toPlainText().startswith("Layerscope")
    new_project.choose("theme.dark")
    new_project.settle()
    assert lightness() < 128
    new_project.choose("theme.light")


@pytest.mark.skipif(sys.platform != "linux", reason="no other system has such menus")
def test_the_menu_adds_the_program_to_the_desktop_and_removes_it(
    new_project: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, driver = tmp_path / "share", new_project
    monkeypatch.setenv("XDG_DATA_HOME", str(share))
    entry = share / "applications" / "layerscope.desktop"
    action, said = driver.action("menu_entry"), driver.window.messages.text
    for added in (True, False):
        word = "Add to" if added else "Remove from"
        assert action.text().replace("&", "") == f"{word} the applications menu"
        driver.choose("menu_entry")
        assert entry.exists() == added
        assert f"is {'' if added else 'no longer '}in the applications menu" in said.text()
    shutil.rmtree(share)
    share.write_text("a file is in the way")
    driver.choose("menu_entry")
    assert said.text().startswith("The applications menu stays as it is: ")
    assert action.text() == "Add to the applications men&u"
    monkeypatch.setattr(sys, "platform", "darwin")
    driver.choose("menu_entry")
    assert "start" in said.text()
    assert "main.py in the Terminal" in said.text()


def test_each_page_of_the_manual_can_be_shown_and_a_link_leads_to_its_heading(
    shared_driver: Driver,
) -> None:
    for path in sorted(PAGES.glob("*.md")):
        document, text = QTextDocument(), path.read_text("utf-8")
        document.setMarkdown(text)
        title = text.partition("\n")[0].removeprefix("# ")
        assert document.toPlainText().startswith(title.replace("`", ""))
        assert "<" not in document.toPlainText().replace("<position>.<kind>", "")
    manual = opened(shared_driver, "manual")
    page = child(manual, QTextBrowser)
    page.setSource(QUrl("data.md#a-folder-of-images"))
    assert page.toPlainText().startswith("Data")
    top = page.cursorForPosition(QPoint(60, 20)).block()
    assert top.text() == "A folder of images"
    manual.close()


def test_f1_opens_the_manual_at_the_view_or_the_kind_of_block_that_was_used_last(
    shared_driver: Driver,
) -> None:
    driver, window = shared_driver, shared_driver.window
    where = {"draw": "Draw", "why": "Dream"}
    driver.find(QComboBox, "why.method").setCurrentText("Dream")

    def is_seen(heading: str) -> bool:
        manual = driver.find(QDialog, "manual")
        driver.wait(manual.isActiveWindow)
        page = child(manual, QTextBrowser)
        heights = range(0, page.viewport().height(), 8)
        seen = [page.cursorForPosition(QPoint(60, y)).block().text() for y in heights]
        manual.close()
        return heading in seen

    for view, heading in where.items():
        window.activateWindow()
        driver.wait(window.isActiveWindow)
        driver.choose(f"view.{view}")
        QTest.keyClick(window, Qt.Key.Key_F1)
        assert is_seen(heading)
    window.activateWindow()
    driver.wait(window.isActiveWindow)
    QTest.mouseClick(window.network.block_list.viewport(), LEFT, pos=QPoint(80, 10))
    driver.press(Qt.Key.Key_F1)
    assert is_seen("Conv")
    driver.find(QComboBox, "why.method").setCurrentIndex(0)
    for entry in window.stage.entries:
        assert (PAGES / entry.page).is_file()
