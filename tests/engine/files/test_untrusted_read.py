"""Files that are read cost no more memory than they are large, and never a wait."""

import hashlib
import os
import struct
import sys
from pathlib import Path

import pytest

from engine.errors import ProjectError
from engine.files.untrusted_read import DamagedError, digest_file, open_zip, read_file
from tests.engine.memory import less_memory_than

LIMIT = 1_000_000_000


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_a_small_file_costs_little_memory_whatever_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"small")
    with less_memory_than(1_000_000):
        assert read_file(path, LIMIT, ProjectError) == b"small"


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = sparse(tmp_path / "a", 4 * LIMIT)
    said = "is larger than 1,000 MB"
    with less_memory_than(1_000_000), pytest.raises(ProjectError, match=said):
        read_file(path, LIMIT, ProjectError)


def test_the_limit_is_the_last_size_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 10)
    assert read_file(path, 10, ProjectError) == b"x" * 10
    with pytest.raises(ProjectError, match="is larger than"):
        read_file(path, 9, ProjectError)


@pytest.mark.parametrize(("stated", "grows"), [(3, False), (7, False), (7, True)])
def test_a_file_that_changes_its_size_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: int, grows: bool
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    state_size(monkeypatch, stated)
    with pytest.raises(ProjectError, match="was being written while it was read"):
        read_file(path, 10, ProjectError, grows=grows)
    monkeypatch.undo()
    state_size(monkeypatch, 3)  # one to whose end others write is read as it was when opened
    assert read_file(path, 10, ProjectError, grows=True) == b"123"


def state_size(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let each open file have the size that it had a moment ago."""
    honest = os.fstat

    def stale(descriptor: int) -> os.stat_result:
        fields = list(honest(descriptor))
        fields[6] = size
        return os.stat_result(fields)

    monkeypatch.setattr(os, "fstat", stale)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices in folders")
def test_the_fingerprint_is_that_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    assert digest_file(path, LIMIT) == hashlib.sha256(b"content").hexdigest()
    assert digest_file(tmp_path, LIMIT) is None
    assert digest_file(tmp_path / "missing", LIMIT) is None
    assert digest_file(Path("a\0b"), LIMIT) is None
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    assert digest_file(pipe, LIMIT) is None
    assert digest_file(link, LIMIT) is None


def test_the_fingerprint_of_what_is_no_project_is_told_without_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sparse(tmp_path / "a", 40 * LIMIT)
    monkeypatch.setattr(hashlib, "file_digest", None)
    large = digest_file(path, LIMIT)
    assert large is not None  # it is another file than the one that was opened
    assert large != digest_file(sparse(path, 41 * LIMIT), LIMIT)


def test_an_archive_of_very_many_members_is_refused_before_they_are_listed() -> None:
    member = b"PK\x01\x02".ljust(46, b"\0")
    count = 2_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, count * 46, 0, 0)
    data = member * count + end
    said = "more members than any network needs"
    with less_memory_than(1_000_000), pytest.raises(DamagedError, match=said):
        open_zip(data)
