"""What `export` needs beyond its own tests: names, and the remains of a killed program."""

import errno
import os
from pathlib import Path

import pytest

from engine.errors import ExportError
from engine.files.staging import is_filled, require_place, staged
from tests.failing import failing, os_error


def test_what_is_written_anew_replaces_what_was_written(tmp_path: Path) -> None:
    with staged(tmp_path / "net", ExportError, is_folder=True) as stage:
        stage.write({"a/b.txt": b"long and old", "c": b""})
        assert stage.path.parent.parent == tmp_path
        assert (stage.path / "a" / "b.txt").read_bytes() == b"long and old"
        assert not (tmp_path / "net").exists()
        stage.write({"a/b.txt": b"new"})
        stage.put()
    assert (tmp_path / "net" / "a" / "b.txt").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["net"]


def test_nothing_is_replaced_where_one_of_the_files_may_not_be(tmp_path: Path) -> None:
    (tmp_path / "net" / "a").mkdir(parents=True)  # where a file is to be
    (tmp_path / "net" / "b").write_text("old")

    def write() -> None:
        with staged(tmp_path / "net", ExportError, is_folder=True) as stage:
            stage.write({"a": b"new", "b": b"new"})
            stage.put()

    with pytest.raises(ExportError, match="there is a folder of that name"):
        write()
    assert (tmp_path / "net" / "b").read_text() == "old"
    assert os.listdir(tmp_path) == ["net"]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("fault", [os_error(errno.EIO), Killed()])
@pytest.mark.parametrize("renames", range(6))
@pytest.mark.parametrize("is_folder", [True, False])
def test_no_new_file_stands_beside_an_old_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_folder: bool,
    renames: int,
    fault: BaseException,
) -> None:
    folder, left = tmp_path / "net" if is_folder else tmp_path, [renames]
    (folder / "sub").mkdir(parents=True)
    path = folder if is_folder else folder / "own"
    files = [folder / "own", folder / "sub" / "weights", folder / "code"]
    for file in (*files, folder / "other"):
        file.write_text("old")

    def replace(source: Path, target: Path) -> None:
        left[0] -= 1
        if left[0] == -1 or (left[0] < 0 and isinstance(fault, Killed)):
            raise fault
        os.replace(source, target)

    monkeypatch.setattr("engine.files.staging.replace_patiently", replace)

    def write() -> None:
        with staged(path, ExportError, is_folder=is_folder) as stage:
            own = "own" if is_folder else ""
            stage.write({own: b"new", "sub/weights": b"new", "code": b"new"})
            stage.put()

    with pytest.raises((ExportError, Killed)):
        write()
    found = [file.read_text() if file.exists() else "" for file in files]
    if isinstance(fault, OSError):
        assert found == ["old"] * 3
    assert len(set(found) - {""}) <= 1
    assert (folder / "other").read_text() == "old"


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/out"])
def test_no_name_leads_out_of_an_export(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(ValueError, match="is outside the export"),
        staged(tmp_path / "net", ExportError, is_folder=True) as stage,
    ):
        stage.write({name: b"x"})
    assert os.listdir(tmp_path) == []


def test_a_folder_is_filled_if_there_is_anything_in_it(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path / "a\0b"):
        assert not is_filled(path)
    (tmp_path / "folder").mkdir()
    assert not is_filled(tmp_path / "folder")
    (tmp_path / "folder" / ".hidden").write_text("")
    assert is_filled(tmp_path / "folder")
    assert not is_filled(tmp_path / "folder" / ".hidden")


def test_what_a_killed_program_left_is_swept(tmp_path: Path) -> None:
    left = tmp_path / f".layerscope-{'a' * 16}.tmp"
    (left / "net").mkdir(parents=True)
    os.utime(left, (0, 0))
    with staged(tmp_path / "x.npz", ExportError, is_folder=False):
        assert not left.exists()


def test_a_folder_that_may_not_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.files.staging.Path.mkdir", failing(os_error(errno.EACCES)))
    with pytest.raises(ExportError, match="read-only"):
        require_place(tmp_path / "n", ExportError, is_folder=True, overwrite=True)


def test_a_name_that_no_system_takes_is_refused_in_words(tmp_path: Path) -> None:
    for is_folder in (True, False):
        with pytest.raises(ExportError, match="was not written"):
            require_place(tmp_path / "a\0b", ExportError, is_folder=is_folder, overwrite=False)
