"""Which twin computes: chosen once, by the environment or by what works, and said in words."""

import builtins
import importlib.util
import os
import subprocess
import sys
from importlib import metadata

import pytest

from engine.compute import numerics as choice
from engine.compute.plain_numerics import PlainNumerics
from engine.data.sources import load
from engine.errors import ComputeError
from engine.model.templates import lenet, notebook
from engine.training.events import BatchDone
from engine.training.run import Training
from tests.engine.marks import needs_the_compiler
from tests.engine.new_python import in_new_python
from tests.failing import failing
from tests.paths import ROOT


@pytest.mark.parametrize("kind", ["notebook", "lenet"])
def test_a_step_imports_nothing(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    project = {"notebook": notebook, "lenet": lenet}[kind]()
    settings = project.settings.with_changes(limit=20, batch_size=10)
    training = Training(
        project.check(), settings, *load(settings.dataset, settings.classes, settings.limit)
    )
    events = training.run()
    for _ in range(3):  # the first steps may load what others of their size need: they are captured
        assert isinstance(next(events), BatchDone)
    imported: list[str] = []
    real = builtins.__import__

    def watched(name: str, *arguments: object, **named: object) -> object:
        imported.append(name)
        return real(name, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", watched)
    assert isinstance(next(events), BatchDone)
    monkeypatch.undo()
    training.close()
    assert imported == []


PLAIN = "plain numpy"


def chosen(patch: pytest.MonkeyPatch, asked: str) -> choice.Chosen:
    """Choose a twin as a process does that begins with this in its environment."""
    patch.setenv(choice.CHOICE, asked)
    return choice._chosen.__wrapped__()


@pytest.fixture
def no_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let numba be missing."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "numba" else find(name)
    )


def test_the_environment_chooses_the_plain_twin_without_a_look_at_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choice, "has_numba", lambda: pytest.fail("nobody asked for it"))
    asked = choice.Chosen(PlainNumerics, f"{PLAIN}, as LAYERSCOPE_COMPUTE asks", compiles=False)
    assert chosen(monkeypatch, "numpy") == asked


@needs_the_compiler
def test_the_title_of_the_native_twin_names_its_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.compute.native.native_numerics import NativeNumerics

    title = f"loops compiled by numba {metadata.version('numba')}"
    assert title == NativeNumerics.TITLE
    for asked in ("native", ""):
        found = choice.Chosen(NativeNumerics, title, compiles=True)
        assert chosen(monkeypatch, asked) == found


@needs_the_compiler
def test_where_the_loops_do_not_work_the_plain_twin_computes_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from engine.compute.native import copying

    monkeypatch.setattr(copying, "copy", failing(OSError("no memory may be run as code")))
    fault = "numba cannot compile here (no memory may be run as code)"
    found = chosen(monkeypatch, "")
    assert found == choice.Chosen(PlainNumerics, f"{PLAIN}, which is slower: {fault}", False)
    assert caplog.messages == [f"The engine computes in plain numpy, which is slower: {fault}."]
    with pytest.raises(ComputeError, match="is native, but numba cannot compile here"):
        chosen(monkeypatch, "native")


@pytest.mark.usefixtures("no_numba")
def test_without_numba_the_plain_twin_computes_unless_the_other_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = f"{PLAIN}, which is slower: numba is not installed"
    assert chosen(monkeypatch, "") == choice.Chosen(PlainNumerics, words, compiles=False)
    assert caplog.messages == [f"The engine computes in {words}."]
    with pytest.raises(ComputeError) as caught:
        chosen(monkeypatch, "native")
    assert str(caught.value) == (
        "LAYERSCOPE_COMPUTE in the environment is native, but numba is not installed: "
        "install numba (pip install numba), or unset it to compute in plain numpy."
    )


def test_a_twin_that_does_not_exist_is_refused_before_anything_begins() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", "bench", "--seconds", "0.05"],
        env={**os.environ, "LAYERSCOPE_COMPUTE": "cuda"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "main.py: LAYERSCOPE_COMPUTE in the environment is 'cuda': set it to numpy (plain numpy) "
        "or native (compiled loops), or unset it.\n"
    )


MISSING = """
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "numba" else real(name)
"""


def test_a_network_trains_without_numba() -> None:
    code = (
        MISSING
        + """
import engine
project = engine.TEMPLATES["notebook"]()
settings = project.settings.with_changes(limit=20, epochs=3)
training = engine.Training(project.check(), settings, *engine.load("mnist", (0, 1), 20))
losses = [event.loss for event in training.run() if isinstance(event, engine.EpochDone)]
training.close()
print(len(losses), losses[-1] < losses[0], "numba" in __import__("sys").modules)
"""
    )
    assert in_new_python(code, LAYERSCOPE_COMPUTE="").split() == ["3", "True", "False"]
