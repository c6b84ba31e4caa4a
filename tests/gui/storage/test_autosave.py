"""Autosave and recovery: what was not saved is there again after a crash, whatever the disk."""

import errno
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from itertools import product
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
from gui.storage.autosave import Orphan, claim_new, find_orphans, find_own_orphans
from gui.storage.preferences import PreferencesStore
from gui.storage.recent import RecentProjects
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


def seconds_of(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def test_nothing_waits_for_it_and_no_recovery_file_is_left_when_it_answers(
    open_window: OpenWindow, disk: DeadDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.storage.autosave.LAST_SECONDS", 0.2)
    path = tmp_path / "mine.layerscope"
    save_project(notebook(), path)
    driver, own = open_window(path), home() / "recovery" / "untitled.layerscope-recovery"
    for action in ("undo", "new"):
        edit(driver, disk)
        assert seconds_of(lambda: driver.choose(action)) < MOST  # noqa: B023
        assert not driver.window.isWindowModified()
        assert not disk.mended.is_set()
        if action == "new":
            with monkeypatch.context() as patch:
                patch.setattr("gui.storage.autosave.write_file", write_file)
                driver.type_into("setting.seed", "9")
                driver.wait(own.exists)  # the next project is kept meanwhile
        disk.mended.set()
        driver.wait(lambda: kept(tmp_path) == [])
        assert own.exists() == (action == "new")
        driver.open(path)
        driver.type_into("setting.seed", "7")
        driver.choose("save")
    edit(driver, disk)
    assert seconds_of(driver.window.files.autosave.write_now) < MOST, "ended without closing"
    assert seconds_of(driver.window.close) < MOST
    assert not driver.window.isVisible()
    assert not disk.mended.is_set()
    disk.mended.set()
    driver.wait(lambda: kept(tmp_path) == [])


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
def left(programs: Programs, tmp_path: Path) -> Path:
    """Return a saved project, beside which another process has left other work."""
    path = tmp_path / "elsewhere" / "mine.layerscope"
    path.parent.mkdir()
    save_project(notebook(), path)
    leave_behind(programs, "digits", path)
    return path


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
    other = not_none(claim_new(path))  # as another window has it
    save_project(digits(), other.path)
    driver.open(path)
    driver.type_into("setting.seed", "3")
    driver.wait((tmp_path / ".mine.layerscope-recovery-2").exists)
    assert open_project(tmp_path / ".mine.layerscope-recovery-2").settings.seed == 3
    assert list(find_orphans([path])) == []
    driver.choose("save")
    name = other.path.name
    driver.wait(lambda: kept(tmp_path) == [name, f"{name}.lock"])
    assert open_project(other.path) == digits()
    other.remove()


def test_after_a_crash_the_next_start_asks_about_each_work_that_was_left_behind(
    open_window: OpenWindow, left: Path, tmp_path: Path, answers: Answers, programs: Programs
) -> None:
    recent = tmp_path / "recent.layerscope"
    leave_behind(programs, "blank", None, recent)
    save_project(notebook(), recent)
    RecentProjects(PreferencesStore(home() / "preferences.json")).add(recent)
    when = (left.parent / ".mine.layerscope-recovery").stat().st_mtime
    given, asked = answers
    given += ["keep", "discard", "recover"]
    driver = open_window(left)
    driver.wait(lambda: len(asked) == 3)
    assert "Recover the unsaved changes to mine.layerscope?" in asked[0]
    assert f"{len(digits().stack)} blocks, 0 epochs trained" in asked[0]
    assert time.strftime("Kept on %Y-%m-%d at %H:%M:%S", time.localtime(when)) in asked[0]
    assert "recent.layerscope" in asked[1]
    assert "an untitled network" in asked[2]
    driver.wait(lambda: driver.rows() == [])
    assert driver.window.windowTitle().startswith("Untitled")
    assert driver.window.isWindowModified()
    driver.open(left)  # what was put off is not asked about again
    driver.open(recent)
    assert len(asked) == 3
    assert kept(tmp_path / "home" / "recovery") == kept(tmp_path) == []
    (orphan,) = find_orphans([left])
    assert orphan.project == digits()


def test_what_lies_beside_a_project_is_offered_when_it_is_opened_and_never_lost(
    driver: Driver, left: Path, request: pytest.FixtureRequest
) -> None:
    driver.open(left)  # unattended
    assert driver.rows()[0] == "Conv 5, 3×3"
    driver.type_into("setting.seed", "5")
    driver.wait((left.parent / ".mine.layerscope-recovery-2").exists)
    assert open_project(left.parent / ".mine.layerscope-recovery") == digits()
    driver.choose("save")
    saved = open_project(left)
    given, asked = request.getfixturevalue("answers")
    given.append("recover")
    driver.open(left)
    assert len(asked) == 1
    assert driver.rows()[0] == "Conv 8, 5×5"
    assert driver.window.windowTitle().startswith("mine[*]")
    assert driver.window.isWindowModified()
    assert "This is mine.layerscope as of" in driver.message()
    assert open_project(left) == saved
    assert list(find_orphans([left])) == []  # it belongs to this window now
    driver.choose("save")
    assert open_project(left) == digits()
    driver.wait(lambda: kept(left.parent) == [])


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
    monkeypatch.setattr(file_actions, "find_orphans", lambda _projects: iter(()))
    monkeypatch.setattr(file_actions, "find_own_orphans", search)
    cancel()
    driver.window.files.offer_recovery()
    mended.set()
    assert driver.message().startswith("Looking for unsaved work was given up: the disk does not")
    assert answers[1] == []


def test_what_goes_wrong_is_said_once_and_taken_back_and_costs_nothing(
    driver: Driver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A full disk, a defect, and a program that ends without closing."""
    driver.project(tmp_path / "mine.layerscope")
    driver.click("add.tanh")
    older = tmp_path / ".mine.layerscope-recovery"
    driver.wait(older.exists)
    held, tries = older.read_bytes(), list[object]()

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
        defect = failing(ValueError("no such member"))
        patch.setattr("gui.storage.autosave.encode_project", defect)
        driver.wait(lambda: "Autosave does not work: ValueError" in driver.message())
        assert "no such member" in driver.message()
        assert "Traceback" not in driver.message()
        assert older.read_bytes() == held, "what was kept before must stay"
    assert "Traceback" in caplog.text
    assert "ValueError: no such member" in caplog.text
    driver.wait(lambda: driver.message() == "")
    newest = tmp_path / "home" / "recovery" / "mine.layerscope-recovery"
    assert len(open_project(newest).stack) == 9
    monkeypatch.setattr("gui.storage.autosave.EDIT_SECONDS", 1000.0)
    driver.click("add.tanh")
    driver.window.files.autosave.write_now()
    assert len(open_project(newest).stack) == 10


def test_recovery_files_of_the_project_are_found_that_hold_something_else(
    tmp_path: Path, programs: Programs
) -> None:
    path, other = tmp_path / "a.layerscope", tmp_path / "a[1].layerscope"
    leave_behind(programs, "digits", path, other)
    (tmp_path / ".a.layerscope-recovery-x").write_bytes(b"of another")
    os.utime(tmp_path / ".a.layerscope-recovery", (1e9, 1e9))
    (orphan,) = find_orphans([path])
    assert "saved later" not in orphan.details()
    orphan.claim.release()
    save_project(notebook(), path)
    (orphan,) = find_orphans([path])
    assert "Kept on 2001-09-0" in orphan.details()
    assert "The file itself was saved later" in orphan.details()
    orphan.claim.release()
    save_project(digits(), path)
    shutil.copy(path, tmp_path / ".a.layerscope-recovery")
    assert list(find_orphans([path])) == []
    assert not {".a.layerscope-recovery", ".a.layerscope-recovery.lock"} & {*kept(tmp_path)}
    (tmp_path / ".a.layerscope-recovery").write_bytes(b"damaged")
    (orphan,) = find_orphans([path, other])
    assert orphan.name == "a[1].layerscope"
    assert (tmp_path / ".a.layerscope-recovery").read_bytes() == b"damaged"


def test_a_claim_is_free_again_after_its_release(tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    first, second = not_none(claim_new(path)), not_none(claim_new(path))
    assert second.path.name == ".mine.layerscope-recovery-2"
    first.remove()
    again = not_none(claim_new(path))
    assert again.path == first.path
    for claim in (second, again):
        claim.release()
    assert kept(tmp_path) == []
    assert claim_new(tmp_path / "no" / "folder" / "mine.layerscope") is None
    assert list(find_own_orphans()) == []


def test_the_longest_names_have_a_recovery(tmp_path: Path, programs: Programs) -> None:
    """A file system gives a name 255 bytes: 244 and the 11 of `.layerscope`."""
    paths = [tmp_path / os.fsdecode(b"caf\xe9.layerscope")]
    for letter, length in product("aä漢", (200, 219, 220, 244)):
        stem = letter * (length // len(letter.encode()))
        paths.append(tmp_path / f"{letter}{length}" / f"{stem}.layerscope")
        paths[-1].parent.mkdir()
        save_project(notebook(), paths[-1])
    leave_behind(programs, "digits", *paths)
    for path in paths:
        assert kept(path.parent)
        other = path.with_stem(f"{path.stem[:-1]}z")
        assert list(find_orphans([other])) == []
        (orphan,) = find_orphans([path])
        assert (orphan.path, orphan.name) == (path, path.name)
        assert orphan.project == digits()
        orphan.claim.remove()
        assert kept(path.parent) == []


def test_a_long_name_is_found_in_the_programs_own_folder(tmp_path: Path) -> None:
    claim = not_none(claim_new(tmp_path / f"{'a' * 244}.layerscope", beside=False))
    stack = type(notebook().stack)(notebook().stack.slots[:1])
    for part, words in ((0.0, "1 epoch"), (0.25, "1.25 epochs")):
        save_project(Project(stack, trained_epochs=1, trained_part=part), claim.path)
        claim.release()
        (orphan,) = find_own_orphans()
        assert orphan.name.startswith("aaaa")
        assert f"1 block, {words} trained" in orphan.details()
        claim = orphan.claim


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


def test_on_a_full_disk_nothing_is_lost(driver: Driver, tiny_disk: Path, tmp_path: Path) -> None:
    path = tiny_disk / "mine.layerscope"
    driver.project(path)
    before = path.read_bytes()
    driver.type_into("setting.seed", "8")
    driver.wait((tiny_disk / ".mine.layerscope-recovery").exists)
    driver.run("step_batch", "Paused")
    own = tmp_path / "home" / "recovery" / "mine.layerscope-recovery"
    driver.wait(lambda: own.exists() and bool(open_project(own).weights))
    driver.wait(lambda: os.listdir(tiny_disk) == [path.name])  # what it said is out of date
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
    assert (
        open_project(own).weights.keys() == driver.project(tmp_path / "b.layerscope").weights.keys()
    )
    driver.wait(lambda: os.listdir(own.parent) == [])


def test_in_a_folder_that_cannot_be_written_nothing_is_lost(driver: Driver, tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    path = folder / "mine.layerscope"
    driver.project(path)
    shutil.rmtree(folder)
    driver.click("add.tanh")
    own = tmp_path / "home" / "recovery" / "mine.layerscope-recovery"
    driver.wait(own.exists)
    assert "Autosave" not in driver.message()
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
    driver.wait(lambda: os.listdir(own.parent) == [])
