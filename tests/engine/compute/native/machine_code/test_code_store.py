"""Kept machine code: it is of the present sources and versions, and nothing there is an error."""

import errno
import os
import threading
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from engine.compute.native.machine_code import code_store
from engine.compute.native.machine_code.code_store import (
    KEPT,
    KEPT_SECONDS,
    CodeStore,
    code_key,
    usual_roots,
)
from engine.machine.kept_files import write_kept

CODE = bytes(range(256)) * 40
NAME = "engine.compute.native.loops.activation_loops.relu-0123456789abcdef"
Damage = Callable[[Path], object]


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Damage] = {
    "emptied": lambda path: path.write_bytes(b""),
    "halved": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "one bit other": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\xfe"),
    "garbage": lambda path: path.write_bytes(os.urandom(5000)),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "a folder": _as_folder,
    "gone": Path.unlink,
}


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "loops.py").write_text("from points import A\n")
    (folder / "points.py").write_text("A = 0.75\n")
    (folder / "room").mkdir()
    (folder / "room" / "deep.py").write_text("B = 0.25\n")
    return folder


def kept_files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_kept_is_found_by_another_program_with_the_same_sources(
    tmp_path: Path, sources: Path, caplog: pytest.LogCaptureFixture
) -> None:
    CodeStore([tmp_path / "kept"], sources).save(NAME, CODE)
    assert CodeStore([tmp_path / "kept"], sources).load(NAME) == CODE
    assert CodeStore([tmp_path / "kept"], sources).load("another") is None
    assert not caplog.records


@pytest.mark.parametrize(
    "edit",
    [
        lambda folder: (folder / "points.py").write_text("A = 0.76\n"),
        lambda folder: (folder / "points.py").rename(folder / "other.py"),
        lambda folder: (folder / "new.py").write_text(""),
        lambda folder: (folder / "room" / "deep.py").write_text("B = 0.26\n"),
        lambda folder: (folder / "room").rename(folder / "hall"),
    ],
    ids=["a number", "a name", "a new file", "a number further in", "a folder's name"],
)
def test_code_of_other_sources_is_not_found(
    tmp_path: Path, sources: Path, edit: Callable[[Path], object]
) -> None:
    CodeStore([tmp_path / "kept"], sources).save(NAME, CODE)
    edit(sources)
    assert CodeStore([tmp_path / "kept"], sources).load(NAME) is None


@pytest.mark.parametrize("package", ["numba", "llvmlite", "numpy"])
def test_code_of_another_version_is_not_found(
    monkeypatch: pytest.MonkeyPatch, sources: Path, package: str
) -> None:
    before = code_key(sources)
    monkeypatch.setattr(
        code_store, "version", lambda name: "0.0.1" if name == package else metadata.version(name)
    )
    assert code_key(sources) != before


def test_a_mark_that_all_loops_are_kept_is_for_their_sources_and_processor(
    tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CodeStore([tmp_path / "kept"], sources)
    assert not store.is_complete("float32")
    store.mark_complete("float32")
    assert CodeStore([tmp_path / "kept"], sources).is_complete("float32")
    assert not store.is_complete("float64")
    monkeypatch.setattr(code_store, "_processor", lambda: "of another machine")
    assert not store.is_complete("float32")


def test_no_mark_is_kept_where_a_loop_was_not(
    tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark is so small that it finds room on a disk that is full for a loop."""
    store = CodeStore([tmp_path / "kept"], sources)

    def write(path: Path, pieces: list[bytes]) -> None:
        if len(pieces[0]) > 1000:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_kept(path, pieces)

    monkeypatch.setattr(code_store, "write_kept", write)
    store.save(NAME, CODE)
    store.mark_complete("float32")
    assert not CodeStore([tmp_path / "kept"], sources).is_complete("float32")


def test_a_compiler_that_does_not_load_is_no_error(
    tmp_path: Path,
    sources: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    CodeStore([tmp_path / "kept"], sources).mark_complete("float32")

    def processor() -> str:
        raise OSError("libLLVM.so: cannot open shared object file")

    monkeypatch.setattr(code_store, "_processor", processor)
    assert not CodeStore([tmp_path / "kept"], sources).is_complete("float32")
    assert "libLLVM.so" in caplog.text


def test_a_compiler_of_no_known_version_keeps_no_code(
    tmp_path: Path,
    sources: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As in a bundle into which no metadata was put."""

    def version(package: str) -> str:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(code_store, "version", version)
    store = CodeStore([tmp_path / "kept"], sources)
    store.save(NAME, CODE)
    assert not store.is_complete("float32")
    assert not (tmp_path / "kept").exists()
    assert "numba" in caplog.text


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_a_folder_that_others_may_write_to_keeps_no_code(tmp_path: Path, sources: Path) -> None:
    """Whoever can change machine code can have it run."""
    shared, own = tmp_path / "shared", tmp_path / "own"
    shared.mkdir()
    shared.chmod(0o777)
    store = CodeStore([shared, own], sources)
    store.save(NAME, CODE)
    assert not list(shared.iterdir())
    assert CodeStore([own], sources).load(NAME) == CODE


def test_code_that_numba_compiled_by_other_wishes_is_not_found(
    monkeypatch: pytest.MonkeyPatch, sources: Path
) -> None:
    before = code_key(sources)
    monkeypatch.setenv("NUMBA_OPT", "0")
    assert code_key(sources) != before


def test_code_of_sources_that_were_edited_meanwhile_is_not_kept(
    tmp_path: Path, sources: Path
) -> None:
    store = CodeStore([tmp_path / "kept"], sources)
    (sources / "points.py").write_text("A = 0.76\n")
    store.save(NAME, CODE)
    assert kept_files(tmp_path / "kept") == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_no_code_and_the_next_takes_its_place(
    tmp_path: Path, sources: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / "kept"
    CodeStore([root], sources).save(NAME, CODE)
    DAMAGES[damage](kept_files(root)[0])
    store = CodeStore([root], sources)
    assert store.load(NAME) is None
    assert store.load(NAME) is None
    assert len(caplog.records) == (damage != "gone"), "said once"
    assert (NAME in caplog.text) == (damage != "gone")
    store.save(NAME, CODE)
    assert (store.load(NAME) == CODE) == (damage != "a folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes among files")
def test_a_pipe_in_place_of_code_keeps_nobody_waiting(
    tmp_path: Path, sources: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / "kept"
    CodeStore([root], sources).save(NAME, CODE)
    (path,) = kept_files(root)
    path.unlink()
    os.mkfifo(path)
    found: list[bytes | None] = [b"still waiting"]
    store = CodeStore([root], sources)
    reader = threading.Thread(target=lambda: found.__setitem__(0, store.load(NAME)), daemon=True)
    reader.start()
    reader.join(5)
    assert found == [None]
    assert "it is no regular file" in caplog.text


def test_where_the_sources_cannot_be_read_nothing_is_kept(
    tmp_path: Path, sources: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (sources / "hidden.py").mkdir()  # as a file that may not be read is for other users
    store = CodeStore([tmp_path / "kept"], sources)
    store.save(NAME, CODE)
    assert store.load(NAME) is None
    assert kept_files(tmp_path / "kept") == []
    assert "cannot be read" in caplog.text


def test_a_folder_that_cannot_be_written_leaves_it_to_the_next(
    tmp_path: Path, sources: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    roots = [tmp_path / "file" / "kept", tmp_path / "kept"]
    CodeStore(roots, sources).save(NAME, CODE)
    assert CodeStore(roots, sources).load(NAME) == CODE
    assert len(kept_files(tmp_path / "kept")) == 1
    assert not caplog.records


def test_code_that_a_user_may_only_read_is_read(tmp_path: Path, sources: Path) -> None:
    """Such as what the administrator has compiled beside the source."""
    CodeStore([tmp_path / "theirs"], sources).save(NAME, CODE)
    store = CodeStore([tmp_path / "theirs", tmp_path / "mine"], sources)
    assert store.load(NAME) == CODE
    assert not (tmp_path / "mine").exists()


def test_where_nothing_can_be_written_the_log_says_so_once(
    tmp_path: Path, sources: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = CodeStore([tmp_path / "file" / "a", tmp_path / "file" / "b"], sources)
    store.save(NAME, CODE)
    store.save("another", CODE)
    assert store.load(NAME) is None
    assert len(caplog.records) == 1
    assert "cannot be kept" in caplog.text
    assert "Not a directory" in caplog.text


def test_a_full_disk_is_no_error_and_leaves_no_piece(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sources: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(path: Path, _target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "replace", fail)
    CodeStore([tmp_path / "kept"], sources).save(NAME, CODE)
    assert kept_files(tmp_path / "kept") == []
    assert "No space left on device" in caplog.text


def test_a_user_without_a_home_has_no_folder_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    with_home = usual_roots()
    monkeypatch.setattr(code_store, "home", nowhere)
    assert usual_roots() == with_home[:-1]


def test_folders_of_other_keys_go_when_they_are_old_or_too_many(
    tmp_path: Path, sources: Path
) -> None:
    root, now = tmp_path / "kept", time.time()
    for age in range(KEPT + 3):
        (root / f"young {age}").mkdir(parents=True)
        (root / f"young {age}" / "code").write_bytes(b"code")
        os.utime(root / f"young {age}", (now - 60 * age, now - 60 * age))
    (root / "old").mkdir()
    os.utime(root / "old", (now - KEPT_SECONDS - 60,) * 2)
    own = root / code_key(sources)
    own.mkdir()
    os.utime(own, (now - 2 * KEPT_SECONDS,) * 2)
    CodeStore([root], sources)
    left = {path.name for path in root.iterdir()}
    assert left == {own.name, *(f"young {age}" for age in range(KEPT))}
    assert own.stat().st_mtime > now - 60, "it is in use again"


def test_an_old_folder_goes_though_there_are_few(tmp_path: Path, sources: Path) -> None:
    (tmp_path / "kept" / "old").mkdir(parents=True)
    os.utime(tmp_path / "kept" / "old", (time.time() - KEPT_SECONDS - 60,) * 2)
    CodeStore([tmp_path / "kept"], sources)
    assert list((tmp_path / "kept").iterdir()) == []
