import ctypes
import errno
import os
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import ProjectError
from engine.files.atomic import (
    replace_file,
    require_writable,
    sweep,
    write_atomically,
    write_file,
)
from tests.failing import failing, os_error


def test_writes_a_new_file_and_replaces_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    write_atomically(path, b"old and long")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.bin"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_keeps_permissions_and_gives_new_files_the_usual_ones(tmp_path: Path) -> None:
    old, new, plain = tmp_path / "old", tmp_path / "new", tmp_path / "plain"
    old.write_bytes(b"1")
    old.chmod(0o640)
    write_atomically(old, b"2")
    write_atomically(new, b"2")
    plain.write_bytes(b"2")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert new.stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("fails", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EIO, "Choose another")],
)
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, number: int, words: str
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(f"engine.files.atomic.os.{fails}", failing(os_error(number)))
    with pytest.raises(ProjectError, match=words) as refused:
        write_file(path, b"new", ProjectError)
    assert str(path) in str(refused.value)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


class _InUseError(PermissionError):
    """What Windows says of a file that is open."""

    winerror = 5


class Busy:
    """Replaces no file while another program has it open, as on Windows: so many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self.left, self.slept = times, 0.0
        self._replace = os.replace
        monkeypatch.setattr("engine.files.atomic.os.replace", self.replace)
        monkeypatch.setattr("engine.files.atomic.time.sleep", self.sleep)

    def replace(self, aside: Path, target: Path) -> None:
        if self.left:
            self.left -= 1
            raise _InUseError(errno.EACCES, "Access is denied")
        self._replace(aside, target)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


@pytest.mark.parametrize(
    "write",
    [write_atomically, lambda path, data: replace_file(path, [data])],
    ids=["atomically", "in-pieces"],
)
def test_a_file_that_somebody_just_reads_is_replaced_a_little_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, bytes], None]
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    busy = Busy(monkeypatch, times=9)
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert 0.0 < busy.slept < 1.0


def test_a_file_that_stays_open_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    busy = Busy(monkeypatch, times=1_000)
    with pytest.raises(ProjectError, match="Close the program that has it open"):
        write_file(path, b"new", ProjectError)
    assert busy.slept < 1.0
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_noticed_while_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    real_open = os.open

    def open_full(name: str, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT:
            os.close(real_open(name, flags, *mode))
            return real_open("/dev/full", os.O_WRONLY)
        return real_open(name, flags, *mode)

    monkeypatch.setattr("engine.files.atomic.os.open", open_full)
    with pytest.raises(ProjectError, match="the disk is full"):
        write_file(path, b"x" * 100_000, ProjectError)
    with pytest.raises(ProjectError, match="the disk is full"):  # before the work for it
        require_writable(path, ProjectError)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_what_cannot_be_written_is_refused_before_and_when_writing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    file = tmp_path / "file"
    file.write_bytes(b"1")
    for path, words in [
        (folder, "there is a folder of that name"),
        (tmp_path / "vanished" / "a", f"the folder {tmp_path / 'vanished'} does not exist"),
        (file / "a", "Choose another"),
        (tmp_path / ("n" * 300), "Choose another"),
        (tmp_path / "a\0b", "null"),
    ]:
        with pytest.raises(ProjectError, match=words):
            require_writable(path, ProjectError)
        with pytest.raises(ProjectError, match=words):
            write_file(path, b"x", ProjectError)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


@pytest.mark.skipif(os.name != "posix", reason="needs a fifo")
def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ProjectError, match="not a regular file"):
        write_file(pipe, b"x", ProjectError)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def give_up_privileges() -> None:
    """Let this thread write no more than its user may, though it be that of a superuser."""
    if sys.platform == "linux":
        header = (ctypes.c_uint32 * 2)(0x20080522)  # the third version; this thread
        assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_read_only_files_and_folders_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o400)
    with ThreadPoolExecutor(initializer=give_up_privileges) as user:
        written = user.submit(write_file, path, b"new", ProjectError)
        with pytest.raises(ProjectError, match="read-only"):
            written.result()
        tmp_path.chmod(0o500)
        asked = user.submit(require_writable, tmp_path / "b", ProjectError)
        with pytest.raises(ProjectError, match="read-only"):
            asked.result()
        tmp_path.chmod(0o700)
    assert path.read_bytes() == b"old"


def test_asking_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    require_writable(tmp_path / "a", ProjectError)
    require_writable(tmp_path / "b", ProjectError)
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"1"


def test_only_old_remains_of_its_own_writing_are_swept(tmp_path: Path) -> None:
    old, young = f".layerscope-{'a' * 16}.tmp", f".layerscope-{'b' * 16}.tmp"
    others = [".layerscope-notes.tmp", f"layerscope-{'a' * 16}.tmp", "a.layerscope"]
    for name in (old, young, *others):
        (tmp_path / name).write_bytes(b"1")
        if name != young:
            os.utime(tmp_path / name, (0, 0))
    folder, old_folder = (f".layerscope-{letter * 16}.tmp" for letter in "cd")
    for name in (folder, old_folder):  # of an export
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.py").write_bytes(b"1")
    os.utime(tmp_path / old_folder, (0, 0))
    sweep(tmp_path)
    sweep(tmp_path / "vanished")
    assert set(os.listdir(tmp_path)) == {young, folder, *others}
