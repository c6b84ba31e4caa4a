"""What the program does where its streams are closed, or nobody reads them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.files import open_project
from tests.engine.cli.console import write_data, write_project
from tests.paths import ROOT
from tests.programs import Programs

# The program with some of its streams closed.
CLOSED = """
import os, runpy, sys
_, closed, *given = sys.argv
for number in map(int, closed):
    os.close(number)
    setattr(sys, ("stdin", "stdout", "stderr")[number], None)
sys.argv = ["main.py", *given]
runpy.run_path("main.py", run_name="__main__")
"""
CODES = [0, 0, 0, 0, 1, 2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the project that is trained."""
    return write_project(tmp_path / "a.layerscope", write_data(tmp_path / "data"))


@pytest.fixture
def commands(path: Path, tmp_path: Path) -> list[list[str]]:
    """Return commands that end with CODES."""
    new, missing = str(tmp_path / "new.layerscope"), str(tmp_path / "missing.layerscope")
    return [
        ["new", "notebook", new],
        ["check", new],
        ["train", str(path), "--epochs", "1"],
        ["check", str(path), "--gradients"],
        ["check", missing],
        ["tarin"],
    ]


@pytest.mark.parametrize("closed", ["1", "012"])
def test_closed_streams_are_no_fault(
    closed: str, commands: list[list[str]], path: Path, programs: Programs
) -> None:
    # The plain twin starts sooner; what the native one would print, it would print to all.
    environment = {**os.environ, "LAYERSCOPE_COMPUTE": "numpy"}
    call = ["-c", CLOSED, closed]
    begun = (programs.start(*call, *given, environment=environment) for given in commands)
    assert [program.ended().code for program in begun] == CODES
    assert open_project(path).trained_epochs == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("given", [["data", "list", "--json"], ["data", "list"], ["--help"]])
def test_output_that_cannot_be_written_is_one_sentence(given: list[str]) -> None:
    environment = os.environ.copy()
    environment.pop("PYTHONUNBUFFERED", None)  # or argparse says nothing of it
    call = [sys.executable, str(ROOT / "main.py"), *given]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            call, stdout=full, stderr=subprocess.PIPE, env=environment, text=True, timeout=100
        )
    assert (ended.returncode, ended.stderr) == (
        1,
        "main.py: The output could not be written: No space left on device. Send it elsewhere.\n",
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("streams", [("stderr",), ("stdout", "stderr")])
def test_words_that_cannot_be_written_change_no_exit_code(
    commands: list[list[str]], streams: tuple[str, ...]
) -> None:
    environment = os.environ | {"PYTHONUNBUFFERED": "", "LAYERSCOPE_COMPUTE": "numpy"}
    with open("/dev/full", "w") as full:
        out = full if "stdout" in streams else subprocess.DEVNULL
        for given, code in zip(commands, CODES, strict=True):
            if "check" in given and not code:  # which is shown with closed streams
                continue
            call = [sys.executable, str(ROOT / "main.py"), *given]
            ended = subprocess.run(call, stdout=out, stderr=full, env=environment, timeout=100)
            assert ended.returncode == (code or int(out is full)), given


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("buffered", [True, False])
def test_what_a_training_learns_is_kept_where_its_output_cannot_be_written(
    path: Path, buffered: bool
) -> None:
    environment = os.environ | {"LAYERSCOPE_COMPUTE": "numpy"}
    environment |= {"PYTHONUNBUFFERED": "" if buffered else "1"}
    call = [sys.executable, str(ROOT / "main.py"), "train", str(path), "--json", "--epochs", "9"]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            call, stdout=full, stderr=subprocess.PIPE, env=environment, text=True, timeout=100
        )
    assert (ended.returncode, ended.stderr) == (
        1,
        "main.py: The output could not be written: No space left on device. Stopped after 1 epoch; "
        f"what was learned is in {path}.\n",
    )
    assert open_project(path).trained_epochs == 1
