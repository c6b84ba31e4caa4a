"""Which twin computes: chosen once, by the environment or by what works, and said in words."""

import builtins
import os
import subprocess
import sys
from importlib import metadata

import pytest

from engine.data.sources import load
from engine.model.templates import lenet, notebook
from engine.training.events import BatchDone
from engine.training.run import Training
from tests.engine.marks import needs_the_compiler
from tests.engine.new_python import in_new_python
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


CHOSEN = """
import engine, logging
logging.basicConfig(format="log: %(message)s", stream=__import__("sys").stdout)
from engine.compute.numerics import numerics, numerics_in_words
try:
    print(numerics().__name__, numerics() is numerics())
    print(numerics_in_words(), numerics().TITLE, sep=": ")
except Exception as error:
    print(type(error).__name__, error)
"""
MISSING = """
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "numba" else real(name)
"""
UNFIT = """
import sys
class Unfit:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "numba" and name != "numba":
            raise ImportError("Numba needs NumPy 2.2 or less")
sys.meta_path.insert(0, Unfit())
"""
PLAIN_NAME = "PlainNumerics True"


def test_the_environment_chooses_the_plain_twin_without_loading_numba() -> None:
    code = CHOSEN + "import sys; print('numba' in sys.modules)"
    name, words, loaded = in_new_python(code, LAYERSCOPE_COMPUTE="numpy").splitlines()
    assert (name, loaded) == (PLAIN_NAME, "False")
    assert words == "plain numpy, as LAYERSCOPE_COMPUTE asks: plain numpy"


@needs_the_compiler
def test_the_title_of_the_native_twin_names_its_compiler() -> None:
    said = in_new_python(CHOSEN, LAYERSCOPE_COMPUTE="native")
    title = f"loops compiled by numba {metadata.version('numba')}"
    assert said == f"NativeNumerics True\n{title}: {title}\n"


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (MISSING, "numba is not installed"),
        pytest.param(
            UNFIT,
            "numba cannot compile here (Numba needs NumPy 2.2 or less)",
            marks=needs_the_compiler,
        ),
    ],
    ids=["missing", "unfit"],
)
def test_where_numba_does_not_work_the_plain_twin_computes_and_the_log_says_so(
    block: str, fault: str
) -> None:
    said, name, words = in_new_python(block + CHOSEN, LAYERSCOPE_COMPUTE="").splitlines()
    assert name == PLAIN_NAME
    assert said == f"log: The engine computes in plain numpy, which is slower: {fault}."
    assert words == f"plain numpy, which is slower: {fault}: plain numpy"


@needs_the_compiler
def test_a_loop_that_cannot_be_compiled_is_noticed() -> None:
    broken = (
        "import engine\nfrom engine.compute.native import copying\n"
        "def fail(*_): raise OSError('no memory may be run as code')\n"
        "copying.copy = fail\n"
    )
    said = in_new_python(broken + CHOSEN, LAYERSCOPE_COMPUTE="").splitlines()
    assert said[1] == PLAIN_NAME
    assert "cannot compile here (no memory may be run as code)" in said[2]


def test_the_native_twin_that_is_asked_for_and_missing_is_an_error_in_one_sentence() -> None:
    (said,) = in_new_python(MISSING + CHOSEN, LAYERSCOPE_COMPUTE="native").splitlines()
    assert said == (
        "ComputeError LAYERSCOPE_COMPUTE in the environment is native, but numba is not installed: "
        "install numba (pip install numba), or unset it to compute in plain numpy."
    )


@pytest.mark.parametrize("arguments", [["bench", "--seconds", "0.05"], []])
def test_a_twin_that_does_not_exist_is_refused_before_anything_begins(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", *arguments],
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
