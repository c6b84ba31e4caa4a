"""The recent projects, and files that are dropped on the window."""

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from engine.files.project_file import save_project
from engine.model.templates import digits, notebook
from engine.paths import home
from gui.forms.inputs import SuggestionsBox
from gui.storage.preferences import PreferencesStore
from gui.storage.recent import RecentData, RecentProjects
from tests.approved import assert_approved
from tests.engine.data.idx_files import write_idx, write_pair
from tests.engine.data.pictures import image_bytes, noise, shades, write_archive, write_files
from tests.gui.driving import Driver
from tests.gui.finding import not_none

# Qt 6.12 has another constructor for it, which 6.11 lacks.
pytestmark = pytest.mark.filterwarnings("ignore:Function.*QDragEnterEvent:DeprecationWarning")


def entries(driver: Driver) -> list[QAction]:
    """Open the menu and read it."""
    menu = driver.window.menus.recent
    menu.aboutToShow.emit()
    return menu.actions()


def kept() -> RecentProjects:
    """Return the list, as a window that opens now has it."""
    return RecentProjects(PreferencesStore(home() / "preferences.json"))


def test_the_last_comes_first_and_ten_are_kept(tmp_path: Path) -> None:
    recent = kept()
    assert recent.paths() == []
    for number in [*range(12), 5]:
        recent.add(tmp_path / f"{number}.layerscope")
    names = [path.stem for path in kept().paths()]
    assert names == ["5", "11", "10", "9", "8", "7", "6", "4", "3", "2"]
    recent.drop(tmp_path / "11.layerscope")
    assert [path.stem for path in recent.paths()][:2] == ["5", "10"]


def known_data() -> RecentData:
    """Return the data that was used, as a window that opens now knows it."""
    return RecentData(PreferencesStore(home() / "preferences.json"))


def test_data_is_known_that_was_used_or_lies_beside_its_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, data = tmp_path / "a" / "a.layerscope", str(tmp_path / "b" / "data.npz")
    monkeypatch.setattr("gui.storage.recent.unattended", lambda: False)
    assert not known_data().knows(data, project)
    assert not known_data().knows(data, None)
    assert known_data().knows(str(tmp_path / "a" / "data.npz"), project)
    assert not known_data().knows(str(tmp_path / "a" / ".." / "b" / "data.npz"), project)
    assert not known_data().knows("/", project)
    known_data().add(data)
    for number in range(99):
        known_data().add(str(tmp_path / str(number)))
    assert known_data().knows(data, None)
    assert len(known_data().paths()) == 10, "so many are offered"
    known_data().add(str(tmp_path / "one more"))
    assert not known_data().knows(data, None)


def test_unattended_all_data_of_this_machine_is_known(tmp_path: Path) -> None:
    assert known_data().knows(str(tmp_path), None)
    for share in ("//host/share", "\\\\host\\share"):
        assert not known_data().knows(share, None)


def test_odd_names_and_a_list_that_cannot_be_written_are_no_failure(tmp_path: Path) -> None:
    home().mkdir()
    (home() / "preferences.json").write_text('{"recent": ["/a\\u0000b", "/c"]}')
    assert kept().paths() == [Path("/c")], "a name that no file can have is left out"
    path = Path(os.fsdecode(b"/caf\xe9.layerscope"))
    kept().add(path)
    assert kept().paths() == [path, Path("/c")]
    shutil.rmtree(home())
    home().write_text("a file is in the way")
    recent = kept()
    recent.add(tmp_path / "a.layerscope")
    assert recent.paths() == [tmp_path / "a.layerscope"]
    assert kept().paths() == []


def test_saved_and_opened_projects_are_in_the_menu_until_they_are_gone(
    driver: Driver, tmp_path: Path
) -> None:
    recent = driver.window.files.recent
    for path in recent.paths():
        recent.drop(path)
    (nothing,) = entries(driver)
    assert (nothing.text(), nothing.isEnabled()) == ("No project yet", False)
    one, two = tmp_path / "one & only.layerscope", tmp_path / "two.layerscope"
    driver.project(one)
    save_project(digits(), two)
    driver.open(two)
    texts = [action.text() for action in entries(driver)]
    assert texts == [f"two.layerscope – {tmp_path}", f"one && only.layerscope – {tmp_path}"]
    entries(driver)[1].trigger()
    assert driver.window.windowTitle().startswith("one & only[*]")
    assert driver.rows()[0] == "Conv 5, 3×3"
    for path in (one, two):
        path.unlink()
        driver.click("add.tanh")
        entries(driver)[0].trigger()
        assert f"{path} is no longer there" in driver.message()
        assert driver.rows()[-1] == "Tanh"
    assert [action.text() for action in entries(driver)] == ["No project yet"]


def drop(driver: Driver, *things: Path | str) -> None:
    """Let files fall on the window, as a file manager does."""
    mime = QMimeData()
    urls = [QUrl(each) if isinstance(each, str) else QUrl.fromLocalFile(each) for each in things]
    mime.setUrls(urls)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    at, copy = driver.window.rect().center(), Qt.DropAction.CopyAction
    entering = QDragEnterEvent(at, copy, mime, buttons, keys)
    QApplication.sendEvent(driver.window, entering)
    assert entering.isAccepted()
    falling = QDropEvent(QPointF(at), copy, mime, buttons, keys)
    QApplication.sendEvent(driver.window, falling)
    assert falling.isAccepted()
    driver.settle()


def test_dropped_projects_are_opened_and_idx_pairs_shown_and_data_is_trained_with(
    driver: Driver, tmp_path: Path
) -> None:
    pair = write_pair(tmp_path, [1, 0, 1], "my-images-idx3-ubyte", "my-labels-idx1-ubyte", side=28)
    for things in (pair[:1], pair[1:], pair):
        driver.window.messages.clear()
        drop(driver, *things)
        assert "Predictions show 3 test samples" in driver.message()
    images = {
        f"{label}/{number}.png": image_bytes(noise(28, 28, 1))
        for label in ("cat", "dog")
        for number in range(10)
    }
    pets = write_archive(tmp_path / "pets.zip", images)
    drop(driver, pets)
    assert driver.message() == f"Training is with the data of {pets} now."
    assert driver.find(SuggestionsBox, "setting.dataset").currentText() == str(pets)
    project, folder = tmp_path / "dropped.layerscope", write_files(tmp_path / "pets", images)
    save_project(digits(), project)
    driver.type_into("setting.epochs", "5000")
    driver.click("train", until="Training")
    assert not_none(not_none(driver.window.session.data).test).class_names == ("cat", "dog")
    drop(driver, project)
    assert driver.message() == "dropped.layerscope was not opened. Pause training first."
    drop(driver, folder)
    assert driver.message() == f"{folder} was not taken. Pause training first."
    assert driver.text("status") == "Training"
    driver.stop()
    drop(driver, project)
    assert driver.window.windowTitle().startswith("dropped[*]")
    assert driver.rows()[0] == "Conv 8, 5×5"


def test_what_else_is_dropped_is_refused_in_a_sentence(driver: Driver, tmp_path: Path) -> None:
    notes, alone = tmp_path / "notes.txt", tmp_path / "a.idx"
    notes.write_text("hello")
    write_idx(alone, (2,), [0, 1])
    photos = write_files(tmp_path / "photos", shades(["1.png", "2.png"]))
    web, said = "http://example.org", ""
    for things in (
        [notes],
        [photos],
        [notes, notes],
        ["https://example.org/a.txt"],
        [alone],
        [f"{web}/a.idx", f"{web}/b.idx"],
        [f"{web}/train-images-idx3-ubyte"],
        [f"{web}/a.layerscope"],
        [tmp_path / "a.layerscope", tmp_path / "b.layerscope"],
        [tmp_path / "a.layerscope"],
    ):
        drop(driver, *things)
        said += f"{', '.join(map(str, things))}:\n  {driver.message()}\n"
    driver.window.files.open_dropped([])  # of a list of addresses that is empty
    said += f"nothing:\n  {driver.message()}\n"
    said = said.replace(str(tmp_path), "/here").replace(str(Path.cwd()), "/there")
    assert_approved("dropped.txt", said)
    assert driver.window.document.project() == notebook()
