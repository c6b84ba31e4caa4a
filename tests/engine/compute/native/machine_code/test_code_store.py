"""Kept machine code: it is of the present sources and versions, and nothing there is an error."""

import errno
import os
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
from tests.failing import failing

CODE = bytes(range(256)) * 40
NAME = "engine.compute.native.pooling._max_pool-0123456789abcdef"


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    (folder / "room").mkdir(parents=True)
    (folder / "points.py").write_text("A = 0.75\n")
    (folder / "room" / "deep.py").write_text("B = 0.25\n")
    return folder


@pytest.fixture
def store(tmp_path: Path, sources: Path) -> CodeStore:
    return CodeStore([tmp_path / "kept"], sources)


def kept_files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_kept_is_found_by_another_program_with_the_same_sources(
    tmp_path: Path, sources: Path, store: CodeStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.save(NAME, CODE)
    assert CodeStore([tmp_path / "kept"], sources).load(NAME) == CODE
    assert store.load("another") is None
    # A user may only read what the administrator has compiled beside the source.
    other = CodeStore([tmp_path / "kept", tmp_path / "mine"], sources)
    assert other.load(NAME) == CODE
    assert not (tmp_path / "mine").exists()
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
def test_code_of_other_sources_is_neither_found_nor_kept(
    tmp_path: Path, sources: Path, store: CodeStore, edit: Callable[[Path], object]
) -> None:
    store.save(NAME, CODE)
    edit(sources)
    assert CodeStore([tmp_path / "kept"], sources).load(NAME) is None
    store.save("compiled of the sources before or after", CODE)
    assert len(kept_files(tmp_path / "kept")) == 1


@pytest.mark.parametrize("package", ["numba", "llvmlite", "numpy", "by other wishes"])
def test_code_of_another_version_is_not_found(
    monkeypatch: pytest.MonkeyPatch, sources: Path, package: str
) -> None:
    before = code_key(sources)
    if package == "by other wishes":
        monkeypatch.setenv("NUMBA_OPT", "0")
    monkeypatch.setattr(
        code_store, "version", lambda name: "0.0.1" if name == package else metadata.version(name)
    )
    assert code_key(sources) != before


def test_a_mark_that_all_loops_are_kept_is_for_their_sources_and_processor(
    tmp_path: Path,
    sources: Path,
    store: CodeStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not store.is_complete("float32")
    store.mark_complete("float32")
    assert CodeStore([tmp_path / "kept"], sources).is_complete("float32")
    assert not store.is_complete("float64")
    no_compiler = failing(OSError("libLLVM.so: cannot open shared object file"))
    for processor in (lambda: "of another machine", no_compiler):
        monkeypatch.setattr(code_store, "_processor", processor)
        assert not store.is_complete("float32")
    assert "libLLVM.so" in caplog.text


def test_no_mark_is_kept_where_a_loop_was_not(
    tmp_path: Path, sources: Path, store: CodeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark is so small that it finds room on a disk that is full for a loop."""

    def write(path: Path, pieces: list[bytes]) -> None:
        if len(pieces[0]) > 1000:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_kept(path, pieces)

    monkeypatch.setattr(code_store, "write_kept", write)
    store.save(NAME, CODE)
    store.mark_complete("float32")
    assert not CodeStore([tmp_path / "kept"], sources).is_complete("float32")


@pytest.mark.parametrize("what", ["a version", "a source", "all sources"])
def test_where_the_key_is_not_known_nothing_is_kept(
    tmp_path: Path,
    sources: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    what: str,
) -> None:
    """As in a bundle into which no metadata was put."""
    if what == "a version":
        monkeypatch.setattr(code_store, "version", failing(metadata.PackageNotFoundError("numba")))
    elif what == "all sources":
        for path in sources.rglob("*.py"):
            path.rename(path.with_suffix(".pyc"))
    else:
        (sources / "hidden.py").mkdir()  # as a file that may not be read is for other users
    store = CodeStore([tmp_path / "kept"], sources)
    store.save(NAME, CODE)
    assert store.load(NAME) is None
    assert not store.is_complete("float32")
    assert not (tmp_path / "kept").exists()
    assert "cannot be read" in caplog.text


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_a_folder_that_others_may_write_to_keeps_no_code(tmp_path: Path, sources: Path) -> None:
    """Whoever can change machine code can have it run."""
    shared, own = tmp_path / "shared", tmp_path / "own"
    shared.mkdir()
    shared.chmod(0o777)
    CodeStore([shared, own], sources).save(NAME, CODE)
    assert not list(shared.iterdir())
    assert CodeStore([own], sources).load(NAME) == CODE


def test_a_damaged_file_is_no_code_and_the_next_takes_its_place(
    tmp_path: Path, store: CodeStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.save(NAME, CODE)
    (path,) = kept_files(tmp_path / "kept")
    path.write_bytes(path.read_bytes()[:-1] + b"\xfe")
    assert store.load(NAME) is None
    assert store.load(NAME) is None
    assert len(caplog.records) == 1, "said once"
    assert NAME in caplog.text
    store.save(NAME, CODE)
    assert store.load(NAME) == CODE


def test_a_folder_that_cannot_be_written_leaves_it_to_the_next(
    tmp_path: Path, sources: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    roots = [tmp_path / "file" / "a", tmp_path / "file" / "b"]
    CodeStore([*roots, tmp_path / "kept"], sources).save(NAME, CODE)
    assert CodeStore([*roots, tmp_path / "kept"], sources).load(NAME) == CODE
    assert not caplog.records
    store = CodeStore(roots, sources)
    store.save(NAME, CODE)
    store.save("another", CODE)
    assert store.load(NAME) is None
    assert len(caplog.records) == 1
    assert "cannot be kept" in caplog.text
    assert "Not a directory" in caplog.text


def test_a_user_without_a_home_has_no_folder_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with_home = usual_roots()
    monkeypatch.setattr(code_store, "home", failing(RuntimeError("There is no home directory.")))
    assert usual_roots() == with_home[:-1]


def test_folders_of_other_keys_go_when_they_are_old_or_too_many(
    tmp_path: Path, sources: Path
) -> None:
    root, now = tmp_path / "kept", time.time()

    def make(name: str, age: float) -> None:
        (root / name).mkdir(parents=True)
        (root / name / "code").write_bytes(b"code")
        os.utime(root / name, (now - age, now - age))

    own = code_key(sources)
    make("old", KEPT_SECONDS + 60)
    make(own, 2 * KEPT_SECONDS)
    CodeStore([root], sources)
    assert [path.name for path in root.iterdir()] == [own]
    assert (root / own).stat().st_mtime > now - 60, "it is in use again"
    for age in range(KEPT + 3):
        make(f"young {age}", 60 * age)
    CodeStore([root], sources)
    left = {path.name for path in root.iterdir()}
    assert left == {own, *(f"young {age}" for age in range(KEPT))}
