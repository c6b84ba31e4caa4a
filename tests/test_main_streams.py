"""What the program does where its streams are closed, or nobody reads them."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from engine.files import open_project
from tests.engine.cli.console import write_data, write_project
from tests.paths import ROOT

# A process for each command. What they load is loaded before, since that takes half a second.
EACH_IN_A_PROCESS = """
import gc, json, os, runpy, sys
from pathlib import Path
import engine.cli.gradients, engine.cli.parser
from engine.training.warm_up import warm_up
warm_up()
gc.freeze()
codes, ended = Path(sys.argv[1]), []
for given in json.loads(sys.argv[2]):
    child = os.fork()
    if child == 0:
        sys.argv = ["main.py", *given]
        runpy.run_path("main.py", run_name="__main__")
    ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
codes.write_text(json.dumps(ended))
"""


@pytest.mark.skipif(os.name != "posix", reason="closes streams as a shell does")
@pytest.mark.parametrize(
    ("closed", "twin"),
    # The plain twin starts sooner; what the native one would print, it would print to all.
    [(">&-", "numpy"), ("2>&-", "numpy"), (">&- 2>&-", "numpy"), ("<&- >&- 2>&-", "")],
)
def test_closed_streams_are_no_fault(closed: str, twin: str, tmp_path: Path) -> None:
    new, missing = str(tmp_path / "new.layerscope"), str(tmp_path / "missing.layerscope")
    path = write_project(tmp_path / "a.layerscope", write_data(tmp_path / "data"))
    given = [
        ["new", "notebook", new],
        ["check", new],
        ["train", str(path), "--epochs", "1"],
        ["check", str(path), "--gradients"],
        ["check", missing],
        ["tarin"],
    ]
    codes = tmp_path / "codes.json"
    call = shlex.join([sys.executable, "-c", EACH_IN_A_PROCESS, str(codes), json.dumps(given)])
    environment = {**os.environ, **({"LAYERSCOPE_COMPUTE": twin} if twin else {})}
    run = subprocess.run(["sh", "-c", f"{call} {closed}"], cwd=ROOT, env=environment, timeout=100)
    assert run.returncode == 0
    assert json.loads(codes.read_text()) == [0, 0, 0, 0, 1, 2]
    assert open_project(path).trained_epochs == 1


def test_as_a_program_with_a_reader_that_leaves(tmp_path: Path) -> None:
    path = tmp_path / "a.layerscope"
    call = [sys.executable, str(ROOT / "main.py")]
    made = subprocess.run([*call, "new", "blank", str(path)], capture_output=True, text=True)
    assert (made.returncode, made.stderr) == (0, "")
    checked = subprocess.run([*call, "check", str(path)], capture_output=True, text=True)
    assert checked.returncode == 1
    assert checked.stderr.count("\n") == 1
    reading = subprocess.Popen([*call, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert reading.stdout is not None
    reading.stdout.close()
    assert b"Traceback" not in reading.communicate()[1]
