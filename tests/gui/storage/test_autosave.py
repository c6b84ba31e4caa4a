"""Autosave and recovery: what was not saved is there again after a crash, whatever the disk."""

import errno
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QLabel

from engine.files.atomic import write_file
from engine.files.project_file import open_project, save_project
from engine.model.project import Project
from engine.model.templates import digits, notebook
from engine.paths import home
from gui.storage import file_actions
from gui.storage.autosave import Orphan, RecoveryFile, find_orphans
from gui.widgets.messages import Recovering
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import named, not_none
from tests.gui.storage.leaving import kept, leave_behind
from tests.programs import Programs

MOST = 5.0  # s, on a busy machine; the disk answers after a minute at the earliest


class DeadDisk:
    """A disk that answers no recovery file until it is mended."""

    def __init__(self) -> None:
        self.asked, self.mended = threading.Event(), threading.Event()

    def write(self, path: Path, *rest: object) -> None:
        self.asked.set()
        assert self.mended.wait(60)
        write_file(path, *rest)  # type: ignore[arg-type]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeadDisk]:
    disk = DeadDisk()
    monkeypatch.setattr("gui.storage.autosave.EDIT_SECONDS", 0.05)
    monkeypatch.setattr("gui.storage.autosave.write_file", disk.write)
    yield disk
    disk.mended.set()


def edit(driver: Driver, disk: DeadDisk) -> None:
    """Make an edit, and wait until its recovery file is being written."""
    disk.asked.clear()
    disk.mended.clear()
    driver.type_into("setting.seed", "8")
    driver.wait(disk.asked.is_set)


def recoveries() -> list[Project]:
    """Return what is kept now."""
    return [open_project(path) for path in (home() / "recovery").glob("*.layerscope")]


def seconds_of(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def test_nothing_waits_for_it_and_no_recovery_file_is_left_when_it_answers(
    open_window: OpenWindow, disk: DeadDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.storage.autosave.LAST_SECONDS", 0.2)
    monkeypatch.setattr("gui.background.waiting.LOOK_SECONDS", 0.1)
    path = tmp_path / "mine.layerscope"
    save_project(notebook(), path)
    driver = open_window(path)
    for action in ("undo", "new"):
        edit(driver, disk)
        assert seconds_of(lambda: driver.choose(action)) < MOST  # noqa: B023
        assert not driver.window.isWindowModified()
        assert not disk.mended.is_set()
        if action == "new":
            with monkeypatch.context() as patch:
                patch.setattr("gui.storage.autosave.write_file", write_file)
                driver.type_into("setting.seed", "9")
                # The next project is kept meanwhile.
                driver.wait(lambda: [each.settings.seed for each in recoveries()] == [9])
        disk.mended.set()
        driver.wait(lambda: len(recoveries()) == (action == "new"))  # noqa: B023
        driver.open(path)
        driver.type_into("setting.seed", "7")
        driver.choose("save")
    edit(driver, disk)
    assert seconds_of(driver.window.files.autosave.write_now) < MOST, "ended without closing"
    assert seconds_of(driver.window.close) < MOST
    assert not driver.window.isVisible()
    assert not disk.mended.is_set()
    disk.mended.set()
    driver.wait(lambda: kept() == [])


PROGRAM = """
import sys, time
import gui.app, main
from PySide6.QtCore import QTimer
from gui.storage import autosave
make = gui.app.create_window
autosave.EDIT_SECONDS = 0.05
def create(project=None):
    window = make(project)
    def hang(*_):
        QTimer.singleShot(0, window, close)  # in the window's thread
        time.sleep(60)
    def close():
        began = time.perf_counter()
        window.close()
        print(window.isVisible(), time.perf_counter() - began < 2.5, time.time(), flush=True)
    autosave.write_file = hang
    window.startup.done.connect(lambda: window.document.set_live_setting("epochs", 3))
    return window
gui.app.create_window = create
sys.exit(main.main([]))
"""


@pytest.mark.timing
def test_the_program_ends_without_its_recovery_file(programs: Programs, tmp_path: Path) -> None:
    places = {"LAYERSCOPE_HOME": str(tmp_path / "home"), "LAYERSCOPE_UNATTENDED": "1"}
    said = programs.start("-c", PROGRAM, environment=os.environ | places).ended()
    ended = time.time()
    errors = [line for line in said.err.splitlines() if "This plugin does not" not in line]
    assert (said.code, errors) == (0, [])
    visible, soon, closed = said.out.split()
    assert (visible, soon) == ("False", "True")
    assert ended - float(closed) < 2


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep edits soon, and each test's recovery files apart."""
    monkeypatch.setattr("gui.storage.autosave.EDIT_SECONDS", 0.05)
    monkeypatch.setattr("gui.storage.autosave.RETRY_SECONDS", 0.1)
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


Answers = tuple[list[Recovering], list[str]]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Sit in front of the window: answers to give, and what was asked."""
    given: list[Recovering] = []
    asked: list[str] = []

    def ask(_parent: object, text: str, details: str) -> Recovering:
        asked.append(f"{text} {details}")
        return given.pop(0)

    monkeypatch.setattr(file_actions, "unattended", lambda: False)
    monkeypatch.setattr(file_actions, "ask_to_recover", ask)
    return given, asked


def test_two_windows_on_a_file_share_no_recovery(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    save_project(notebook(), path)
    other = RecoveryFile()  # as another window has it
    other.write(digits(), path)
    driver.open(path)
    driver.type_into("setting.seed", "3")
    driver.wait(lambda: 3 in [each.settings.seed for each in recoveries()])
    assert len(recoveries()) == 2
    assert list(find_orphans()) == []
    driver.choose("save")
    driver.wait(lambda: recoveries() == [digits()])
    other.remove()
    assert kept() == []


def test_after_a_crash_the_next_start_asks_about_each_work_that_was_left_behind(
    open_window: OpenWindow, tmp_path: Path, answers: Answers, programs: Programs
) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9") / f"{'ä' * 122}.layerscope"  # the longest name
    path.parent.mkdir()
    save_project(notebook(), path)
    saved = path.read_bytes()
    leave_behind(programs, "blank", None, tmp_path / "gone.layerscope")
    leave_behind(programs, "digits", path)
    for number in (1, 2, 3):  # the newest is asked about first
        os.utime(home() / "recovery" / f"unsaved-{number}.layerscope", (1e9 - number,) * 2)
    (home() / "recovery" / "unsaved-4.layerscope").write_bytes(b"damaged")
    given, asked = answers
    given += ["keep", "discard", "recover"]
    driver = open_window(None)
    driver.wait(lambda: len(asked) == 3)
    assert "an untitled network" in asked[0]
    assert time.strftime("Kept on %Y-%m-%d at %H:%M:%S", time.localtime(1e9 - 1)) in asked[0]
    assert "0 blocks, 0 epochs trained" in asked[0]
    assert "gone.layerscope" in asked[1]
    assert f"Recover the unsaved changes to {path.name}?" in asked[2]
    driver.wait(lambda: driver.rows()[:1] == ["Conv 8, 5×5"])
    assert driver.window.windowTitle().startswith("ä")
    assert driver.window.isWindowModified()
    assert f"This is {path.name} as of" in driver.message()
    assert path.read_bytes() == saved
    (orphan,) = find_orphans()  # the one that was put off; the other belongs to this window now
    assert orphan.path is None
    orphan.file.remove()
    driver.choose("save")
    assert open_project(path) == digits()
    driver.wait(lambda: kept() == ["unsaved-4.layerscope"])


def test_a_search_on_a_disk_that_does_not_answer_can_be_given_up(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    mended = threading.Event()

    def search() -> Iterator[Orphan]:
        mended.wait(60)
        yield from ()

    def cancel() -> None:
        if (dialog := driver.window.findChild(QDialog, "waiting")) is not None:
            dialog.reject()
        else:
            QTimer.singleShot(20, cancel)

    monkeypatch.setattr("gui.background.waiting.LAST_SECONDS", 0.1)
    monkeypatch.setattr(file_actions, "find_orphans", search)
    cancel()
    driver.window.files.offer_recovery()
    mended.set()
    assert driver.message().startswith("Looking for unsaved work was given up: the disk does not")
    assert answers[1] == []


def test_what_goes_wrong_is_said_once_and_taken_back_and_costs_nothing(
    driver: Driver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk, a defect, and a program that ends without closing."""
    driver.project(tmp_path / "mine.layerscope")
    driver.click("add.tanh")
    file = home() / "recovery" / "unsaved-1.layerscope"
    driver.wait(file.exists)
    held, tries = file.read_bytes(), list[object]()

    def failing(fault: Exception) -> Callable[..., bytes]:
        def fail(*call: object) -> bytes:
            tries.append(call)
            raise fault

        return fail

    with monkeypatch.context() as patch:
        full = failing(OSError(errno.ENOSPC, "full"))
        patch.setattr("engine.files.atomic.write_atomically", full)
        driver.click("add.relu")
        driver.wait(lambda: "Autosave does not work" in driver.message())
        assert "the disk is full" in driver.message()
        driver.window.messages.clear()
        tries.clear()
        driver.wait(lambda: len(tries) > 2)
        assert driver.message() == ""
        assert driver.window.isWindowModified()
        defect, hooked = failing(ValueError("no such member")), list[object]()
        patch.setattr("sys.excepthook", lambda _kind, error, _traceback: hooked.append(error))
        patch.setattr("gui.storage.autosave.encode_project", defect)
        driver.wait(lambda: "Autosave does not work: Something went" in driver.message())
        assert "(ValueError: no such member)" in driver.message()
        assert isinstance(hooked[0], ValueError)
        assert file.read_bytes() == held, "what was kept before must stay"
    driver.wait(lambda: driver.message() == "")
    assert len(open_project(file).stack) == 9
    monkeypatch.setattr("gui.storage.autosave.EDIT_SECONDS", 1000.0)
    driver.click("add.tanh")
    driver.window.files.autosave.write_now()
    assert len(open_project(file).stack) == 10


def test_a_name_is_free_again_after_its_release() -> None:
    files = [RecoveryFile(), RecoveryFile()]
    for file in files:
        file.write(notebook(), None)
    assert [not_none(file.path).name for file in files] == [
        "unsaved-1.layerscope",
        "unsaved-2.layerscope",
    ]
    files[0].remove()
    files[0].write(notebook(), None)  # too late
    again = RecoveryFile()
    stack = type(notebook().stack)(notebook().stack.slots[:1])
    again.write(Project(stack, trained_epochs=1, trained_part=0.25), None)
    assert again.path == files[0].path
    again.release()
    (orphan,) = find_orphans()
    assert "1 block, 1.25 epochs trained" in orphan.details()
    for file in (orphan.file, files[1]):
        file.remove()
    assert kept() == []


FULL = "the disk is full. Make room there, or choose another folder."


def works(*command: str | Path) -> bool:
    if shutil.which(str(command[0])) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one megabyte, on which the notebook's weights have no room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not works("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk):
        pytest.skip("may not mount a disk")
    yield disk
    assert works("umount", "--lazy", disk)


def test_on_a_full_disk_nothing_is_lost(driver: Driver, tiny_disk: Path) -> None:
    path = tiny_disk / "mine.layerscope"
    driver.project(path)
    before = path.read_bytes()
    driver.run("step_batch", "Paused")
    driver.wait(lambda: [bool(each.weights) for each in recoveries()] == [True])
    driver.choose("save")
    assert driver.message() == f"{path} was not written: {FULL}"
    assert driver.window.isWindowModified()
    for name in ("w.npz", "w.safetensors"):
        dialog = driver.export(tiny_disk / name)
        said = named(dialog, QLabel, "export_dialog.problem").text()
        assert said == f"{tiny_disk / name} was not written: {FULL}"
        dialog.close()
    assert path.read_bytes() == before
    assert os.listdir(tiny_disk) == [path.name]
    assert len(recoveries()) == 1


def test_in_a_folder_that_cannot_be_written_nothing_is_lost(driver: Driver, tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    path = folder / "mine.layerscope"
    driver.project(path)
    shutil.rmtree(folder)
    driver.click("add.tanh")
    driver.wait(lambda: len(recoveries()) == 1)
    driver.choose("save")
    gone = f"was not written: the folder {folder} does not exist. Create it, or choose another."
    assert driver.message() == f"{path} {gone}"
    assert driver.window.isWindowModified()
    driver.answer_dialog("getSaveFileName", folder / "d.png")
    driver.window.panels.drawing.export_action.trigger()
    assert driver.message() == f"{folder / 'd.png'} {gone}"
    folder.mkdir()
    driver.choose("save")
    assert len(open_project(path).stack) == 8
    driver.wait(lambda: kept() == [])
