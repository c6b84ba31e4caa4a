"""Loops are compiled by a process of low priority, while networks compute in plain numpy."""

import logging
import os
import pickle
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.compute import numerics as choice
from engine.compute.native.machine_code import code_store as store
from engine.compute.numerics import numerics
from engine.compute.plain_numerics import PlainNumerics
from engine.model.templates import notebook
from engine.training import preparation
from engine.training.preparation import LOOPS, THREAD, Preparation
from tests.engine.marks import needs_the_compiler
from tests.paths import ROOT
from tests.programs import Programs

Prints = Callable[[str], None]
PROJECT = notebook()
NETWORK = PROJECT.check(), PROJECT.settings


@pytest.fixture
def nothing_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process be one of a first start, in which no loop is kept."""
    monkeypatch.setattr(choice, "_compiles_here", False)
    monkeypatch.setattr(choice, "_compiled", {"float32": False, "float64": False})
    monkeypatch.setattr(choice, "are_kept", lambda loops: False)


@pytest.fixture
def prints(monkeypatch: pytest.MonkeyPatch, nothing_compiled: None) -> Iterator[Prints]:
    """Return what makes the process print some lines in place of compiling."""

    def use(code: str) -> None:
        whole = f"import sys, time; sys.stdin.buffer.read()\n{code}"
        command = [sys.executable, "-S", "-c", whole]  # it needs no packages
        monkeypatch.setattr(preparation, "_command", lambda dtype: command)

    yield use
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(30)
            assert not thread.is_alive()


class Followed:
    """A preparation, and what it said at each change."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.changed = threading.Semaphore(0)
        self.preparation = Preparation(*NETWORK, self._note)
        self.preparation.begin()

    def _note(self) -> None:
        self.words.append(self.preparation.words)
        self.changed.release()


def test_it_says_how_far_it_is_and_then_networks_are_compiled_ones(prints: Prints) -> None:
    prints(
        "for line in ('loops 12', 'loops 70', 'float32', 'float64'):\n"
        "    print(line, flush=True); time.sleep(0.2)"
    )
    assert numerics() is PlainNumerics
    followed = Followed()
    for _ in range(6):
        assert followed.changed.acquire(timeout=30)
    start = "Preparing the fast engine, once, about a minute:"
    said = [f"{start} {done} of {LOOPS}" for done in (0, 12, 70)]
    assert followed.words == [*said, "", "", ""]
    assert numerics() is numerics(np.float64) is choice.best_numerics()


def test_where_a_minute_was_not_enough_it_promises_none(
    prints: Prints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "_MINUTE", 0.0)
    prints("print('loops 12', flush=True)")
    followed = Followed()
    for _ in range(2):
        assert followed.changed.acquire(timeout=30)
    assert followed.words[:2] == [
        f"Preparing the fast engine, once: {done} of {LOOPS}" for done in (0, 12)
    ]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("sys.exit('There is no compiler.')", "There is no compiler."),
        ("print('no', 'room', end=''); sys.exit(1)", "no room"),
        ("sys.stdout.buffer.write(b'\\xff\\xfe loops 3'); sys.exit(1)", "\ufffd\ufffd loops 3"),
        ("print('loops many'); sys.stdout.flush(); 1 / 0", "ZeroDivisionError: division by zero"),
        ("sys.exit(3)", "It ended with 3."),
    ],
)
def test_a_process_that_cannot_compile_leaves_the_engine_in_plain_numpy_and_says_why(
    prints: Prints, caplog: pytest.LogCaptureFixture, code: str, fault: str
) -> None:
    prints(code)
    with caplog.at_level(logging.WARNING):
        followed = Followed()
        assert followed.changed.acquire(timeout=30)
        assert followed.changed.acquire(timeout=30)
    assert followed.words[-1] == ""
    assert followed.preparation.fault == f"The fast engine could not be prepared. {fault}"
    assert followed.preparation.fault in caplog.text
    assert numerics() is PlainNumerics


def test_a_python_that_is_gone_is_no_defect(
    prints: Prints, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(preparation, "_command", lambda dtype: [str(tmp_path / "python")])
    followed = Followed()
    assert followed.changed.acquire(timeout=30)
    assert "No such file or directory" in followed.preparation.fault


@pytest.mark.skipif(os.name != "posix", reason="no folder has such a name")
def test_the_process_finds_the_program_in_a_folder_of_any_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a:b").symlink_to(ROOT)
    (tmp_path / "engine.py").write_text("raise RuntimeError('of a stranger')\n")
    monkeypatch.setattr(preparation, "_ROOT", tmp_path / "a:b")
    ended = subprocess.run(
        preparation._command("float32"), cwd=tmp_path, input=b"", capture_output=True, timeout=60
    )
    assert ended.stderr.splitlines()[-1] == b"EOFError: Ran out of input"


def test_what_is_closed_ends_its_process_and_says_nothing_more(
    prints: Prints, caplog: pytest.LogCaptureFixture
) -> None:
    prints("print('loops 3', flush=True); time.sleep(600)")
    followed = Followed()
    for _ in range(2):
        assert followed.changed.acquire(timeout=30)
    process = followed.preparation._process
    assert process is not None
    followed.preparation.close()
    assert process.wait(30) != 0
    assert len(followed.words) == 2
    assert followed.preparation.fault == ""
    assert not caplog.records


def test_where_loops_are_compiled_in_this_process_no_other_is_begun(
    prints: Prints, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints("print('loops 3')")
    monkeypatch.setattr(choice, "_compiles_here", True)
    before = threading.active_count()
    preparing = Preparation(*NETWORK)
    preparing.begin()
    assert preparing.words == ""
    assert threading.active_count() == before


KEPT_IN = """
import sys
from pathlib import Path
from engine.compute.native.machine_code import code_store as store
from engine.training import preparation
store.usual_roots = lambda: [Path(sys.argv[1])]
"""

# It compiles no loops but those of the network. Of so low a priority it starves on a busy machine.
COMPILER = f"""{KEPT_IN}
import os, time
del os.nice
preparation.warm_up = lambda *_: time.sleep(600)
preparation.main("float32")
"""

FIRST_START = f"""{KEPT_IN}
import time
import engine
from engine.compute.numerics import compile_elsewhere, numerics
from engine.training.preparation import Preparation
from engine.training.warm_up import loops_of

preparation._command = lambda dtype: [sys.executable, "-c", {COMPILER!r}, sys.argv[1]]
compile_elsewhere()
stack = engine.Stack().appended(engine.Reshape(), engine.Dense(units=2), engine.Sigmoid())
settings = engine.Settings(loss="bce", batch_size=20, epochs=2)
report = stack.check(2, settings.loss)

def train():
    training = engine.Training(report, settings, *engine.load("mnist", (0, 1), 20))
    losses = [event.loss for event in training.run() if isinstance(event, engine.EpochDone)]
    state = training.state()
    training.close()
    return training, losses, state

first, losses, state = train()
compiling = Preparation(report, settings)
compiling.begin()
end = time.monotonic() + 300
while numerics(network=loops_of(report, settings)).TITLE == "plain numpy":
    time.sleep(0.05)
    assert time.monotonic() < end
compiling.close()
second, again, _ = train()
assert numerics().TITLE == "plain numpy", "other networks wait for their loops"
print(first.network.numerics.TITLE, "/", second.network.numerics.TITLE.split(" numba")[0])
print(max(abs(one - other) / one for one, other in zip(losses, again)) < 1e-5)
more = engine.Training(report, settings, *engine.load("mnist", (0, 1), 20), state=state,
                       kept=first.weights())
print(repr(first.note), more.note.split(" numba")[0])
more.close()
"""


@needs_the_compiler
def test_a_first_start_trains_at_once_and_compiles_the_open_network_first(
    programs: Programs, tmp_path: Path
) -> None:
    """What is kept lacks some of the loops that the network needs."""
    for folder in store.code_store()._folders:
        if folder.is_dir():
            lacking = shutil.ignore_patterns("complete-*", "*activations*")
            shutil.copytree(folder, tmp_path / folder.name, ignore=lacking, dirs_exist_ok=True)
    environment = os.environ | {"LAYERSCOPE_COMPUTE": ""}
    ended = programs.start("-c", FIRST_START, tmp_path, environment=environment).ended(400)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "plain numpy / loops compiled by",
        "True",
        "'' So far this network was trained in plain numpy, from here on in loops compiled by",
    ]


@needs_the_compiler
def test_loops_that_no_disk_takes_are_not_said_to_be_compiled(tmp_path: Path) -> None:
    """The next start would compile them anew, and keep its user waiting."""
    (tmp_path / "file").write_bytes(b"")
    nowhere = str(tmp_path / "file" / "folder")
    code = (
        "import pickle, sys\n"
        "from engine.compute.native.machine_code import code_store as store\n"
        "store.usual_roots = lambda: [store.Path(sys.argv[1])]\n"
        "from engine.training import preparation\n"
        "preparation.warm_up = preparation.warm_up_network = lambda *_: store.code_store().save("
        "'a loop', b'code')\n"
        "preparation.main('float32')"
    )
    network = pickle.dumps(NETWORK)
    done = subprocess.run(
        [sys.executable, "-c", code, nowhere], cwd=ROOT, input=network, capture_output=True
    )
    assert done.returncode == 1
    assert b"float" not in done.stdout
    assert b"Machine code cannot be kept" in done.stderr.splitlines()[-1]
