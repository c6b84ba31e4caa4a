"""A project of somebody else may name any folder: it is read when the user wants it."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QToolButton

from engine.data import sources
from engine.files.project_file import open_project
from gui.background.failures import NOT_USED_HERE
from gui.theme import colours_of
from tests.engine.cli.console import write_data, write_project
from tests.gui.driving import Driver
from tests.run_folders import metrics, write_run


@pytest.fixture(autouse=True)
def attended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody sit in front of the window."""
    monkeypatch.setattr("gui.storage.recent.unattended", lambda: False)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return which data was read."""
    seen, real = list[str](), sources.read

    def note(data: str, *rest: object) -> object:
        seen.append(data)
        return real(data, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("gui.background.loading.read", note)
    return seen


def sent(folder: Path, data: Path) -> Path:
    """Write a project that names some data into a folder."""
    folder.mkdir(exist_ok=True)
    return write_project(folder / "sent.layerscope", data, epochs=100_000)


def again(driver: Driver) -> QToolButton:
    return driver.find(QToolButton, "data.again")


def is_red(driver: Driver) -> bool:
    """Return whether what is said of the data is said in the colour of errors."""
    label = driver.find(QLabel, "data.problem")
    ink = label.palette().color(label.foregroundRole())
    return ink == QColor(colours_of(label.palette()).wrong)


def test_data_that_was_never_used_here_is_read_when_the_user_wants_it(
    driver: Driver, tmp_path: Path, read: list[str]
) -> None:
    data = write_data(tmp_path / "data")
    path = sent(tmp_path / "downloads", data)
    driver.open(path)
    driver.settle()
    why = NOT_USED_HERE.format(data)
    assert f"reads its images from {data}, which was not used here before." in why
    assert (driver.text("data.problem"), driver.text("coach"), read) == (why, why, [])
    assert not driver.button("train").isEnabled()
    assert (driver.text("status"), again(driver).text()) == ("Ready", "Read them")
    assert not is_red(driver), "nothing is wrong yet"
    driver.click("coach.action")
    assert again(driver).isVisible(), "the coach leads to it"
    driver.click("data.again")
    driver.settle()
    assert read == [str(data)]
    assert driver.window.session.data_problem == ""
    assert (again(driver).text(), driver.text("data.problem")) == ("Read again", "")
    driver.open(path)
    driver.settle()
    assert driver.window.session.data_problem == "", "it was used here by now"
    (data / "train-images-idx3-ubyte").write_bytes(b"damaged")
    driver.click("data.again")
    driver.wait(lambda: driver.text("data.problem") != "")
    assert is_red(driver), "now it is wrong"


def test_other_data_may_be_chosen_in_its_place_and_that_of_the_projects_folder_is_read_at_once(
    driver: Driver, tmp_path: Path, read: list[str]
) -> None:
    driver.open(sent(tmp_path / "downloads", write_data(tmp_path / "data")))
    driver.settle()
    mine, beside = tmp_path / "mine", tmp_path / "downloads" / "data"
    driver.window.settings.choose_data(str(write_data(mine)))
    driver.settle()
    assert (read, driver.window.session.data_problem) == ([str(mine)], "")
    driver.choose("undo")
    driver.settle()
    assert read == [str(mine)], "undo reads nothing"
    assert again(driver).text() == "Read them"
    driver.open(sent(tmp_path / "downloads", write_data(beside)))
    driver.settle()
    assert (read[1:], driver.window.session.data_problem) == ([str(beside)], "")
    driver.choose("new")
    driver.settle()
    assert driver.window.session.data_problem == ""


def test_unattended_what_is_on_other_computers_is_not_read(
    driver: Driver, tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.storage.recent.unattended", lambda: True)
    data = write_data(tmp_path / "data")
    driver.open(sent(tmp_path / "downloads", data))
    driver.settle()
    assert (read, driver.window.session.data_problem) == ([str(data)], "")
    path = tmp_path / "downloads" / "share.layerscope"
    for share in ("//host/share", "\\\\host\\share"):
        driver.open(write_project(path, data, dataset=share))
        driver.settle()
        assert driver.window.session.data_problem == NOT_USED_HERE.format(share)
    assert read == [str(data)]


def test_the_data_of_a_run_of_others_is_read_when_the_user_wants_it(
    no_runs: Driver, tmp_path: Path, read: list[str]
) -> None:
    driver, data = no_runs, write_data(tmp_path / "data")
    write_run(tmp_path / "sent", open_project(sent(tmp_path, data)), metrics(4, 0.1, 1))
    driver.window.panels.follow(tmp_path / "sent")
    driver.wait(lambda: driver.window.view.state.checkpoint is not None)
    driver.choose("continue_here")
    driver.settle()
    why = NOT_USED_HERE.format(data)
    assert (driver.text("data.problem"), read) == (why, [])
    driver.choose("undo")
    driver.settle()
    assert driver.window.session.data_problem == ""
    driver.choose("redo")
    driver.settle()
    assert driver.text("data.problem") == why
    assert str(data) not in read
    driver.click("data.again")
    driver.settle()
    assert (read[-1], driver.window.session.data_problem) == (str(data), "")
