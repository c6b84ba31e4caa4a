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
    driver = open_window(path)
    for action in ("undo", "save", "new"):
        edit(driver, disk)
        assert seconds_of(lambda: driver.choose(action)) < MOST  # noqa: B023
        assert not driver.window.isWindowModified()
        assert not disk.mended.is_set()
        disk.mended.set()
        driver.wait(lambda: kept(tmp_path) == [])
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


def test_the_next_project_is_kept_meanwhile(
    driver: Driver, disk: DeadDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    driver.project(tmp_path / "mine.layerscope")
    edit(driver, disk)
    driver.choose("new")
    monkeypatch.setattr("gui.storage.autosave.write_file", write_file)
    driver.type_into("setting.seed", "9")
    own = tmp_path / "home" / "recovery" / "untitled.layerscope-recovery"
    driver.wait(own.exists)
    disk.mended.set()
    driver.wait(lambda: kept(tmp_path) == [])
    assert own.exists()
    driver.choose("new")


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


def test_two_windows_on_a_file_share_no_recovery(open_window: OpenWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    save_project(notebook(), path)
    driver, other = open_window(path), open_window(path)
    driver.type_into("setting.seed", "2")
    one, two = tmp_path / ".mine.layerscope-recovery", tmp_path / ".mine.layerscope-recovery-2"
    driver.wait(one.exists)
    other.type_into("setting.seed", "3")
    other.wait(two.exists)
    assert [open_project(each).settings.seed for each in (one, two)] == [2, 3]
    assert list(find_orphans([path])) == []
    driver.choose("save")
    driver.wait(lambda: kept(tmp_path) == [two.name, f"{two.name}.lock"])


def test_after_a_crash_the_next_start_offers_it_once(
    open_window: OpenWindow, left: Path, answers: Answers
) -> None:
    when = (left.parent / ".mine.layerscope-recovery").stat().st_mtime
    given, asked = answers
    given.append(Recovering.RECOVER)
    driver = open_window(left)
    driver.wait(lambda: driver.message() != "")
    assert len(asked) == 1
    assert "Recover the unsaved changes to mine.layerscope?" in asked[0]
    assert f"{len(digits().stack)} blocks, 0 epochs trained" in asked[0]
    assert time.strftime("Kept on %Y-%m-%d at %H:%M:%S", time.localtime(when)) in asked[0]
    assert driver.rows()[0] == "Conv 8, 5×5"
    assert driver.window.windowTitle().startswith("mine[*]")
    assert driver.window.isWindowModified()
    assert "This is mine.layerscope as of" in driver.message()
    assert open_project(left) == notebook()
    assert list(find_orphans([left])) == []  # it belongs to this window now
    driver.choose("save")
    assert open_project(left) == digits()
    driver.wait(lambda: kept(left.parent) == [])


def test_opening_a_project_offers_what_lies_beside_it_and_what_is_discarded_is_gone(
    driver: Driver, left: Path, answers: Answers
) -> None:
    given, asked = answers
    given.append(Recovering.DISCARD)
    driver.open(left)
    assert len(asked) == 1
    assert kept(left.parent) == []
    assert not driver.window.isWindowModified()
    assert driver.rows()[0] == "Conv 5, 3×3"


def test_a_start_without_a_project_finds_untitled_work_and_that_beside_a_recent_one(
    open_window: OpenWindow, left: Path, tmp_path: Path, answers: Answers, programs: Programs
) -> None:
    leave_behind(programs, "blank", None)
    RecentProjects(PreferencesStore(home() / "preferences.json")).add(left)
    given, asked = answers
    given += [Recovering.KEEP, Recovering.RECOVER]
    driver = open_window(None)
    driver.wait(lambda: len(asked) == 2)
    assert "mine.layerscope" in asked[0]
    assert "an untitled network" in asked[1]
    driver.wait(lambda: driver.rows() == [])
    assert driver.window.windowTitle().startswith("Untitled")
    assert driver.window.isWindowModified()
    driver.open(left)  # what was put off is not asked about again
    assert len(asked) == 2
    assert kept(tmp_path / "home" / "recovery") == []
    (orphan,) = find_orphans([left])
    assert orphan.project == digits()


def test_unattended_nothing_is_recovered_and_nothing_lost(driver: Driver, left: Path) -> None:
    driver.open(left)
    assert driver.rows()[0] == "Conv 5, 3×3"
    driver.type_into("setting.seed", "5")
    driver.wait((left.parent / ".mine.layerscope-recovery-2").exists)
    assert open_project(left.parent / ".mine.layerscope-recovery") == digits()
    driver.choose("save")
    (orphan,) = find_orphans([left])
    assert orphan.project == digits()


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


def test_where_nothing_can_be_written_it_is_said_once_and_taken_back(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def fail(*call: object) -> None:
        tries.append(call)
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr("engine.files.atomic.write_atomically", fail)
        driver.click("add.tanh")
        driver.wait(lambda: "Autosave does not work" in driver.message())
        assert "the disk is full" in driver.message()
        driver.window.messages.clear()
        tries.clear()
        driver.click("add.relu")
        driver.wait(lambda: len(tries) > 2)
        assert driver.message() == ""
        assert driver.window.isWindowModified()
    own = tmp_path / "home" / "recovery" / "untitled.layerscope-recovery"
    driver.wait(own.exists)


def test_a_defect_while_it_is_written_is_no_success(
    driver: Driver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    driver.project(tmp_path / "mine.layerscope")
    driver.click("add.tanh")
    older = tmp_path / ".mine.layerscope-recovery"
    driver.wait(older.exists)
    held = older.read_bytes()
    tries: list[object] = []

    def fail(*call: object) -> bytes:
        tries.append(call)
        raise ValueError("no such member")

    with monkeypatch.context() as patch:
        patch.setattr("gui.storage.autosave.encode_project", fail)
        driver.click("add.relu")
        driver.wait(lambda: "Autosave does not work: ValueError" in driver.message())
        assert "no such member" in driver.message()
        assert "Traceback" not in driver.message()
        tries.clear()
        driver.wait(lambda: len(tries) > 2)
        assert older.read_bytes() == held, "what was kept before must stay"
    assert "Traceback" in caplog.text
    assert "ValueError: no such member" in caplog.text
    driver.wait(lambda: driver.message() == "")
    newest = tmp_path / "home" / "recovery" / "mine.layerscope-recovery"
    assert len(open_project(newest).stack) == 9


def test_a_program_that_ends_without_closing_keeps_the_last_edit(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.storage.autosave.EDIT_SECONDS", 1000.0)
    driver.click("add.tanh")
    driver.window.files.autosave.write_now()
    own = tmp_path / "home" / "recovery" / "untitled.layerscope-recovery"
    assert len(open_project(own).stack) == 8


def test_the_details_say_if_the_file_was_saved_later_and_what_it_holds_anyway_is_not_offered(
    tmp_path: Path, programs: Programs
) -> None:
    path = tmp_path / "mine.layerscope"
    leave_behind(programs, "digits", path)
    os.utime(tmp_path / ".mine.layerscope-recovery", (1e9, 1e9))
    (orphan,) = find_orphans([path])
    assert "saved later" not in orphan.details()
    orphan.claim.release()
    save_project(notebook(), path)
    (orphan,) = find_orphans([path])
    assert "Kept on 2001-09-0" in orphan.details()
    assert "The file itself was saved later" in orphan.details()
    orphan.claim.release()
    save_project(digits(), path)
    shutil.copy(path, tmp_path / ".mine.layerscope-recovery")
    assert list(find_orphans([path])) == []
    assert kept(tmp_path) == []


def test_only_recovery_files_of_the_project_are_found(tmp_path: Path, programs: Programs) -> None:
    path, other = tmp_path / "a.layerscope", tmp_path / "a[1].layerscope"
    leave_behind(programs, "digits", other)
    (tmp_path / ".a.layerscope-recovery").write_bytes(b"damaged")
    (tmp_path / ".a.layerscope-recovery-x").write_bytes(b"of another")
    assert list(find_orphans([path])) == []
    assert (tmp_path / ".a.layerscope-recovery").read_bytes() == b"damaged"
    (orphan,) = find_orphans([path, other])
    assert orphan.name == "a[1].layerscope"


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


@pytest.mark.parametrize("letter", ["a", "ä", "漢"])
def test_the_longest_names_have_a_recovery(tmp_path: Path, letter: str, programs: Programs) -> None:
    """A file system gives a name 255 bytes: 244 and the 11 of `.layerscope`."""
    paths = [tmp_path / os.fsdecode(b"caf\xe9.layerscope")]
    for length in (200, 229, 230, 240, 244):
        stem = letter * (length // len(letter.encode()))
        path = tmp_path / str(length) / f"{stem}.layerscope"
        path.parent.mkdir()
        save_project(notebook(), path)
        paths.append(path)
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
SEALED = "the file or its folder is read-only. Choose another folder, or change the permissions."


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


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Path]:
    """Make a folder in which nothing can be written once it is sealed; give it unsealed."""
    folder = tmp_path / "sealed"
    folder.mkdir()
    if os.geteuid() == 0 and not works("chattr", "+i", folder):
        pytest.skip("nothing is read-only to a superuser here")
    unseal(folder)
    yield folder
    unseal(folder)


def seal(folder: Path) -> None:
    assert works("chattr", "+i", folder) if os.geteuid() == 0 else works("chmod", "555", folder)


def unseal(folder: Path) -> None:
    assert works("chattr", "-i", folder) if os.geteuid() == 0 else works("chmod", "755", folder)


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


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("way", ["sealed", "gone"])
def test_in_a_folder_that_cannot_be_written_nothing_is_lost(
    driver: Driver, request: pytest.FixtureRequest, tmp_path: Path, way: str
) -> None:
    is_sealed = way == "sealed"
    folder: Path = request.getfixturevalue("sealed") if is_sealed else tmp_path / "stick"
    folder.mkdir(exist_ok=True)
    path = folder / "mine.layerscope"
    driver.project(path)
    before = path.read_bytes()
    seal(folder) if is_sealed else shutil.rmtree(folder)
    driver.click("add.tanh")
    own = tmp_path / "home" / "recovery" / "mine.layerscope-recovery"
    driver.wait(own.exists)
    assert "Autosave" not in driver.message()
    driver.choose("save")
    gone = f"the folder {folder} does not exist. Create it, or choose another."
    assert driver.message() == f"{path} was not written: {SEALED if is_sealed else gone}"
    assert driver.window.isWindowModified()
    if is_sealed:
        driver.answer_dialog("getSaveFileName", folder / "d.png")
        driver.window.panels.drawing.export_action.trigger()
        assert driver.message() == f"{folder / 'd.png'} was not written: {SEALED}"
        assert os.listdir(folder) == [path.name]
        assert path.read_bytes() == before
        unseal(folder)
    folder.mkdir(exist_ok=True)
    driver.choose("save")
    assert len(open_project(path).stack) == 8
    driver.wait(lambda: os.listdir(own.parent) == [])
