"""Compiled functions: kept between two starts, of the present sources, and right in any case."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.compute.native.machine_code import compiled as compiling
from engine.compute.native.machine_code.code_store import CodeStore
from engine.compute.native.machine_code.compiled import compiled
from tests.engine.compute.native.machine_code.test_code_store import kept_files
from tests.failing import failing
from tests.paths import ROOT
from tests.programs import Programs


def add_seven(number: float) -> float:
    return number + 7


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keep machine code in a folder of the test's own; what is kept is found by a new store."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(compiling, "code_store", lambda: CodeStore([tmp_path / "kept"]))
    return tmp_path / "kept"


def hits(function: Any) -> int:
    return sum(function.dispatcher.stats.cache_hits.values())


def test_a_function_is_compiled_once_for_all_starts(root: Path) -> None:
    first, second = compiled(add_seven), compiled(add_seven)
    assert (first(1), hits(first)) == (8, 0)
    assert (second(1), hits(second)) == (8, 1)
    assert second(1.5) == 8.5, "other types are compiled by themselves"
    assert hits(second) == 1
    assert len(kept_files(root)) == 2


def test_a_loop_that_was_kept_is_called_by_one_that_is_compiled(root: Path) -> None:
    compiled(add_seven)(1)
    kept: Any = compiled(add_seven)
    assert (kept(1), hits(kept)) == (8, 1)
    (overload,) = kept.dispatcher.overloads.values()
    assert overload.library._shared_module is None, "what only a compiler needs is not read"

    def add_fourteen(number: float) -> float:
        result: float = kept(kept(number))
        return result

    assert compiled(add_fourteen)(1) == 15
    assert overload.library._shared_module is not None
    assert kept(2) == 9


@pytest.mark.parametrize("whole", [False, True])
def test_code_that_does_not_load_is_compiled_anew_and_kept_again(
    root: Path, caplog: pytest.LogCaptureFixture, whole: bool
) -> None:
    compiled(add_seven)(1)
    (path,) = kept_files(root)
    if whole:
        CodeStore([root]).save(path.name, b"a whole file, but no pickle")
    else:
        path.write_bytes(path.read_bytes()[:-100])
    again, third = compiled(add_seven), compiled(add_seven)
    assert (again(1), hits(again)) == (8, 0)
    assert ("does not load" in caplog.text) == whole
    assert (third(1), hits(third)) == (8, 1)


def test_code_that_numba_cannot_pack_is_used_all_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "dumps", failing(ValueError("nothing can be packed")))
    assert compiled(add_seven)(1) == 8
    assert kept_files(root) == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what loops need of the engine, and add one that calls one of another file."""
    copy = tmp_path / "checkout"

    def unwanted(folder: str, names: list[str]) -> set[str]:
        """Python's byte code comes along, for it takes a while to make; not what was compiled."""
        if Path(folder) == ROOT / "engine":
            rooms = {name for name in names if (ROOT / "engine" / name).is_dir()}
            return rooms - {"__pycache__", "compute", "machine"}
        return {"__pycache__"} if folder.endswith("native") else set()

    shutil.copytree(ROOT / "engine", copy / "engine", ignore=unwanted)
    loops = copy / "engine" / "compute" / "native"
    head = "from engine.compute.native.machine_code.compiled import compiled\n"
    (loops / "called.py").write_text(f"{head}@compiled\ndef called(x):\n    return x + 1\n")
    (loops / "calling.py").write_text(
        f"{head}from engine.compute.native.called import called\n"
        "@compiled\ndef calling(x):\n    return called(x)\n"
    )
    return copy


@pytest.fixture(scope="module")
def programs() -> Iterator[Programs]:
    """Return what starts programs that need numba, but not the engine of this checkout."""
    programs = Programs("tests.engine.compute.native.machine_code.ready_compiler")
    yield programs
    programs.close()


def in_checkout(programs: Programs, checkout: Path, tmp_path: Path) -> str:
    script = (
        "from engine.compute.native.calling import calling\n"
        "print(calling(1), sum(calling.dispatcher.stats.cache_hits.values()))"
    )
    environment = {"PATH": "", "LAYERSCOPE_HOME": str(tmp_path / "home")}
    ended = programs.start("-c", script, environment=environment, folder=checkout).ended(120)
    assert (ended.code, ended.err) == (0, "")
    return ended.out.strip()


def test_an_edit_of_a_called_function_in_another_file_takes_effect(
    programs: Programs, checkout: Path, tmp_path: Path
) -> None:
    assert in_checkout(programs, checkout, tmp_path) == "2 0"
    assert in_checkout(programs, checkout, tmp_path) == "2 1"
    called = checkout / "engine" / "compute" / "native" / "called.py"
    # Of another length: Python itself takes old byte code for a file of the same second and size.
    called.write_text(called.read_text().replace("x + 1", "x + 99"))
    assert in_checkout(programs, checkout, tmp_path) == "100 0"
    assert in_checkout(programs, checkout, tmp_path) == "100 1"


def test_every_compiled_loop_is_among_the_sources_of_the_key() -> None:
    """The key is of the files in `engine/compute/native` alone."""
    packages = [ROOT / "engine", ROOT / "gui"]
    files = [path for package in packages for path in package.rglob("*.py")]
    wanted = re.compile(
        r"^(from|import) (numba|llvmlite|engine\.compute\.native\.machine_code\.compiled)", re.M
    )
    using = {path for path in files if wanted.search(path.read_text("utf-8"))}
    folder = ROOT / "engine" / "compute" / "native"
    assert using
    assert not [path for path in using if not path.is_relative_to(folder)]
