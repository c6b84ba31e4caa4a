import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QToolButton, QWidget

from engine.files import save_project
from engine.model.project import Project
from engine.model.templates import notebook
from engine.paths import home
from gui.data.known_sets import KnownSetsPresenter
from gui.forms.inputs import SuggestionsBox
from gui.widgets.labels import ProblemLabel
from gui.widgets.messages import MessageBar
from gui.workspace.context import Context
from tests.engine.data.mirror import (
    NAMES,
    Mirror,
    closed_address,
    endless,
    gives,
    small_files,
    small_set,
)
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import named
from tests.gui.waiting import wait_until

DIGITS = [0, 1, 0, 1, 1, 0, 1, 1]
FILES = small_files(DIGITS)
SLOW_PATH, OTHER_SLOW_PATH = f"/kmnist/{NAMES[0]}", f"/fashion-mnist/{NAMES[0]}"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, own_home: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return where the sets go: nothing is there, and no package of the system has one."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("engine.data.known.known_sets.PACKAGES", tmp_path / "packages")
    yield home() / "data"
    shutil.rmtree(home() / "data", ignore_errors=True)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A mirror that is asked for all sets; of KMNIST it gives bytes without end."""
    with Mirror() as mirror:
        monkeypatch.setenv("LAYERSCOPE_MIRROR", mirror.address)
        mirror.answers[SLOW_PATH] = endless(mirror)
        yield mirror


@contextmanager
def small_kmnist(driver: Driver) -> Iterator[KnownSetsPresenter]:
    """Let KMNIST be a small set that a mirror gives."""
    with Mirror() as mirror:
        for name, content in FILES.items():
            mirror.answers[f"/{name}"] = gives(content)
        known = small_set(mirror.address, files=FILES)
        yield KnownSetsPresenter(driver.window.panels.context, {"kmnist": known})


def sets_window(driver: Driver) -> QWidget:
    driver.choose("known_sets")
    window = named(driver.window, QWidget, "known_sets")
    driver.wait(window.isActiveWindow)
    return window


@pytest.fixture
def presenter(context: Context) -> Iterator[KnownSetsPresenter]:
    """Return what downloads, for a window with nothing else in it."""
    made = KnownSetsPresenter(context)
    yield made
    made.jobs.close()


def opened(presenter: KnownSetsPresenter) -> QWidget:
    presenter.open()
    return named(presenter._window, QWidget, "known_sets")


def button(window: QWidget, name: str) -> QPushButton:
    """Return the button of a set, which is called after what a click does, as in kmnist.use."""
    name, _, does = name.partition(".")
    found = named(window, QPushButton, f"known_set.{name}.button")
    assert found.text() == does.capitalize(), found.text()
    return found


def offers(window: QWidget, name: str, does: str = "Download") -> bool:
    """Return whether the button of a set does something."""
    return named(window, QPushButton, f"known_set.{name}.button").text() == does


def press(window: QWidget, name: str) -> None:
    assert button(window, name).isEnabled(), button(window, name).toolTip()
    QTest.mouseClick(button(window, name), Qt.MouseButton.LeftButton)


def text(window: QWidget, name: str) -> str:
    label = named(window, QLabel, f"known_set.{name}")
    return label.text() if label.isVisible() else ""


def visible(window: QWidget, name: str) -> bool:
    return named(window, QWidget, f"known_set.{name}").isVisible()


def gone(data: Path) -> bool:
    return not data.exists() or list(data.iterdir()) == []


def test_size_licence_and_address_are_said_before(presenter: KnownSetsPresenter) -> None:
    window = opened(presenter)
    facts = text(window, "fashion-mnist.facts")
    assert facts == ("60,000 training and 10,000 test images, 28×28, grey · 30.9 MB · licence: MIT")
    assert text(window, "fashion-mnist.place").startswith(
        "from https://raw.githubusercontent.com/zalandoresearch/"
    )
    for name in ("mnist-full", "fashion-mnist", "kmnist", "emnist-digits", "cifar-10"):
        assert offers(window, name)
        assert not visible(window, f"{name}.progress")
        assert text(window, f"{name}.facts")


def test_a_project_whose_set_is_missing_trains_on_it_once_it_is_here_and_closing_ends_a_download(
    open_window: OpenWindow, tmp_path: Path, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = notebook()
    path = tmp_path / "mine.layerscope"
    settings = project.settings.with_changes(dataset="kmnist", epochs=9999)
    save_project(Project(project.stack, settings), path)
    driver = open_window(path)
    session = driver.window.session
    driver.wait(lambda: session.data_problem != "")
    driver.settle()
    assert "KMNIST is not on this machine" in driver.text("coach")
    with small_kmnist(driver) as presenter:
        presenter.open("kmnist")
        window = named(driver.window, QWidget, "known_sets")
        press(window, "kmnist.download")
        driver.wait(lambda: session.data_problem == "")
    assert {path.name: path.read_bytes() for path in (places / "kmnist").iterdir()} == FILES
    assert text(window, "kmnist.place") == f"here, in {places / 'kmnist'}"
    assert not button(window, "kmnist.in use").isEnabled()
    driver.wait(lambda: len(session.samples or ()) == len(DIGITS))
    assert driver.window.document.stack.input_shape == (1, 4, 4)
    assert driver.message() == "Small set is here."
    driver.window.edits.change_setting("dataset", "mnist")
    driver.wait(lambda: button(window, "kmnist.use").isEnabled())
    driver.settle()
    driver.click("train", until="Training")
    assert not button(window, "kmnist.use").isEnabled()
    assert "training" in button(window, "kmnist.use").toolTip().lower()
    driver.choose("stop")
    driver.wait(lambda: button(window, "kmnist.use").isEnabled())
    press(window, "kmnist.use")
    assert driver.window.document.settings.dataset == "kmnist"
    window.close()
    with Mirror() as mirror:
        monkeypatch.setenv("LAYERSCOPE_MIRROR", mirror.address)
        mirror.answers[OTHER_SLOW_PATH] = endless(mirror)
        driver.window.known_sets._download("fashion-mnist")
        driver.wait(lambda: OTHER_SLOW_PATH in mirror.asked)
        assert driver.window.close()
        wait_until(lambda: [path.name for path in places.iterdir()] == ["kmnist"])


def test_a_download_shows_how_far_it_is_and_goes_on_while_one_trains(
    driver: Driver, mirror: Mirror, places: Path
) -> None:
    window = sets_window(driver)
    press(window, "kmnist.download")
    bar = named(window, QProgressBar, "known_set.kmnist.progress")
    driver.wait(lambda: text(window, "kmnist.amount")[:3] not in ("", "0.0"))
    assert bar.isVisible()
    assert text(window, "kmnist.amount").endswith(" of 21.2 MB")
    other = button(window, "cifar-10.download")
    assert not other.isEnabled()
    assert other.toolTip() == "One at a time: KMNIST is being downloaded."
    window.close()
    driver.run("step_batch", "Paused")
    progress = driver.find(QProgressBar, "download.progress")
    driver.wait(progress.isVisible)
    driver.click("download.cancel")
    driver.wait(lambda: driver.window.known_sets.jobs.title == "")
    assert driver.message() == ""
    driver.wait(lambda: gone(places))
    assert not progress.isVisible()


def test_cancel_keeps_nothing_and_what_went_wrong_is_said_beside_the_set(
    presenter: KnownSetsPresenter, messages: MessageBar, mirror: Mirror, places: Path
) -> None:
    window = opened(presenter)
    wait_until(window.isActiveWindow)
    press(window, "kmnist.download")
    wait_until(lambda: SLOW_PATH in mirror.asked)
    cancel = button(window, "kmnist.cancel")
    assert cancel.hasFocus()  # where the button was that was clicked
    press(window, "kmnist.cancel")
    wait_until(lambda: offers(window, "kmnist"))
    assert button(window, "kmnist.download").hasFocus()
    assert not visible(window, "kmnist.problem")
    wait_until(lambda: gone(places))
    press(window, "cifar-10.download")  # the mirror does not have it
    wait_until(lambda: visible(window, "cifar-10.problem"))
    problem = named(window, ProblemLabel, "known_set.cifar-10.problem").text()
    assert problem.startswith("CIFAR-10 could not be downloaded. 127.0.0.1:")
    assert "it answered 404" in problem
    assert messages.isHidden()
    assert offers(window, "cifar-10")
    press(window, "kmnist.download")  # once more, from the start
    assert visible(window, "cifar-10.problem")
    wait_until(lambda: mirror.asked.count(SLOW_PATH) == 2)
    press(window, "kmnist.cancel")
    wait_until(lambda: offers(window, "kmnist"))


def test_a_failure_is_said_in_the_window_where_the_other_is_closed(
    presenter: KnownSetsPresenter, messages: MessageBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERSCOPE_MIRROR", closed_address())
    window = opened(presenter)
    press(window, "kmnist.download")
    window.close()
    wait_until(lambda: not messages.isHidden())
    assert "there is no connection" in messages.text.text()
    press(opened(presenter), "kmnist.download")
    assert messages.isHidden(), "it is tried again"
    wait_until(lambda: visible(window, "kmnist.problem"))


def test_the_data_field_offers_what_is_to_be_downloaded(driver: Driver, mirror: Mirror) -> None:
    driver.window.stage.show_panel("Data")
    box = driver.find(SuggestionsBox, "setting.dataset")
    box.list_wanted.emit()  # as the list does when it opens
    for name, words in (("cifar-10", "CIFAR-10 (170 MB)…"), ("kmnist", "KMNIST (21.2 MB)…")):
        box.setCurrentIndex(box.findData(name))
        driver.settle()
        remedy = driver.find(QToolButton, "setting.dataset.remedy")
        assert (remedy.isVisible(), remedy.text()) == (True, f"Download {words}")
    assert driver.window.document.settings.dataset == "mnist"
    driver.click("setting.dataset.remedy")
    window = named(driver.window, QWidget, "known_sets")
    download = button(window, "kmnist.download")
    driver.wait(lambda: window.isVisible() and download.hasFocus())
    assert mirror.asked == []  # size, licence and address are to be seen first
    window.close()
    for typed, problem in (("/nowhere", "There is no data set"), ("mnist", "")):
        driver.type_into("setting.dataset", typed)
        driver.settle()
        assert driver.text("setting.dataset.problem").startswith(problem)
        assert not remedy.isVisible()
