"""A lock of a file excludes others, in this program and in another, until it is given back."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.machine.file_lock import FileLock, is_locked
from tests.failing import failing, os_error
from tests.paths import ROOT

HOLDER = """
import sys, time
from pathlib import Path
from engine.machine.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.take(), flush=True)
sys.stdin.read()
"""


def test_a_lock_is_taken_once_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    assert not path.exists()  # looking makes no file
    one, other = FileLock(path), FileLock(path)
    assert one.take()
    assert is_locked(path)
    assert not other.take()
    one.give_back()
    one.give_back()
    assert not is_locked(path)
    assert other.take()
    other.give_back()


@pytest.mark.skipif(os.name == "nt", reason="no shared locks there")
def test_those_who_look_do_not_take_each_other_for_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    held: list[bool] = []

    def look() -> None:
        held.extend(is_locked(path) for _ in range(2_000))

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert held == [False] * 8_000


def test_who_waits_gets_it_when_it_is_given_back(tmp_path: Path) -> None:
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.take()
    threading.Timer(0.05, one.give_back).start()
    assert other.take(seconds=30.0)
    other.give_back()


def test_the_lock_of_a_program_that_was_killed_is_off(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert is_locked(path)
        holder.kill()
        holder.wait()
    assert not is_locked(path)


def test_what_is_no_file_is_not_locked(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "missing" / "lock").take()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert not is_locked(tmp_path / "link")
    with pytest.raises(OSError, match="link"):
        FileLock(tmp_path / "link").take()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.name == "nt", reason="of Unix")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_there_are_no_locks_all_can_be_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr("fcntl.flock", failing(os_error(number)))
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.take()
    assert other.take()
    assert not is_locked(tmp_path / "lock")
    one.give_back()
    other.give_back()


@pytest.mark.skipif(os.name == "nt", reason="of Unix")
def test_a_disk_that_fails_is_no_disk_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.flock", failing(os_error(errno.EIO)))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        FileLock(tmp_path / "lock").take()
