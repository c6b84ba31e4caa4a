import os
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

import main as program
from engine.cli import check
from engine.errors import ProjectError
from engine.files import open_project
from engine.model.templates import notebook
from engine.version import version
from main import main
from tests.engine.cli.console import write_data, write_project
from tests.failing import failing
from tests.paths import ROOT
from tests.programs import Programs


@pytest.fixture(autouse=True)
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let each test have a log of its own; return where it is."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    yield tmp_path / "home" / "layerscope.log"
    # A window does not wait for the data that it reads, but the next test's log would tell of it.
    for thread in threading.enumerate():
        if thread.name == "loading":
            thread.join()


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """What the window was asked to open."""
    asked: list[Path | None] = []

    def run(project: Path | None) -> int:
        asked.append(project)
        return 0

    monkeypatch.setattr("gui.app.run", run)
    return asked


@pytest.mark.parametrize(
    "given", [["tarin"], ["tarin", "a.layerscope"], ["bench", "now"], ["--nothing"]]
)
def test_a_slip_of_the_pen_is_wrong_usage(
    given: list[str], opened: list[Path | None], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(given)
    assert "usage: main.py" in capsys.readouterr().err
    assert opened == []


def test_the_window_opens_with_the_project_or_without(opened: list[Path | None]) -> None:
    assert main([]) == 0
    assert main(["some/net.layerscope"]) == 0  # the window says what is wrong with it
    assert opened == [None, Path("some/net.layerscope")]


@pytest.mark.usefixtures("no_display")
def test_a_project_cannot_be_shown_without_a_display(
    opened: list[Path | None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["net.layerscope"]) == 1
    assert "There is no display to show net.layerscope on" in capsys.readouterr().err
    assert opened == []


@pytest.mark.usefixtures("no_display")
def test_without_a_display_the_notebook_is_trained_in_the_terminal(
    tmp_path: Path,
    opened: list[Path | None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    short = notebook().settings.with_changes(epochs=3)
    project = notebook()
    monkeypatch.setattr("engine.cli.train.notebook", lambda: type(project)(project.stack, short))
    monkeypatch.setattr(program, "_take_picture", lambda _, picture: picture.write_bytes(b"png"))
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # the second time it replaces its own files
        assert main([]) == 0
    folder = tmp_path / "layerscope-out"
    assert sorted(path.name for path in folder.iterdir()) == [
        "notebook.layerscope",
        "weights.npz",
        "weights.safetensors",
        "window.png",
    ]
    said = capsys.readouterr().out
    assert "There is no display" in said
    assert said.count("epoch 3 of 3") == 2
    accuracy = said.rpartition("Test accuracy ")[2].partition(" %")[0]
    assert float(accuracy) >= 98
    trained = open_project(folder / "notebook.layerscope")
    assert trained.trained_epochs == 3
    np.testing.assert_array_equal(
        np.load(folder / "weights.npz")["3.dense.weight"], trained.weights[4]["weight"]
    )
    assert opened == []


def test_the_picture_is_of_the_window(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "PICTURE_MILLISECONDS", 50)
    monkeypatch.setenv("QT_LOGGING_RULES", "")
    assert main(["new", "notebook", str(tmp_path / "a.layerscope")]) == 0
    program._take_picture(tmp_path / "a.layerscope", tmp_path / "window.png")
    image = QImage(str(tmp_path / "window.png"))
    assert (image.width(), image.height()) == (1280, 800)
    colours = {image.pixel(x, y) for x in range(0, 1280, 4) for y in range(0, 800, 4)}
    assert len(colours) > 20
    with pytest.raises(ProjectError, match="could not be written"):
        program._take_picture(tmp_path / "a.layerscope", tmp_path / "missing" / "window.png")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "main.py: Stopped.\n"),
        (MemoryError(), 1, "main.py: There is not enough memory for this."),
        (OSError(28, "No space left on device"), 1, "main.py: The output could not be written: No"),
        (ZeroDivisionError("by 0\nand 0"), 1, "main.py: Something went wrong inside Layerscope"),
        (OSError("cannot load by 0"), 1, "main.py: Something went wrong inside Layerscope"),
    ],
)
def test_no_traceback_reaches_a_user(
    error: BaseException,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    own_log: Path,
) -> None:
    monkeypatch.setattr(check, "COMMAND", check.COMMAND._replace(run=failing(error)))
    assert main(["check", "a.layerscope"]) == code
    said = capsys.readouterr().err
    assert said.startswith(words)
    assert said.count("\n") == 1
    log, is_defect = own_log.read_text("utf-8"), "Something went wrong" in words
    assert (f"{type(error).__name__}: {error}" in log) == is_defect
    assert ("Traceback" in log) == is_defect
    assert (f"Please report it, with {own_log}." in said) == is_defect


def test_the_log_says_what_was_done_and_what_was_refused(own_log: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.layerscope"
    assert main(["new", "notebook", str(path)]) == 0
    assert main(["train", str(path), "--epochs", "1"]) == 0
    assert main(["train", str(path), "--overwrite", "--data", "nowhere"]) == 1
    assert main(["check", str(tmp_path / "gone.layerscope")]) == 1
    log = own_log.read_text("utf-8")
    said = [line.partition(": ")[2] for line in log.splitlines()]
    program_line = f"Layerscope {version()}, Python {sys.version.split()[0]}"
    assert [line.startswith(program_line) for line in said].count(True) == 4
    expected = [
        f"Saved {path}",
        f"Opened {path}",
        "mnist: 200 training and 409 test samples",
        "A run begins at epoch 0.00, up to epoch 1",
        "The run ended at epoch 1.00: finished",
        "Data is refused: There is no data set, folder or file 'nowhere'",
        "Refused: There is no data set, folder or file 'nowhere'",
        f"Refused: {tmp_path / 'gone.layerscope'} does not exist",
    ]
    places = [next(i for i, line in enumerate(said) if line.startswith(each)) for each in expected]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("flags", "first"),
    [
        ("", True),
        ("-v", True),
        ("--verbose", False),
        ("-v -v", False),
    ],
)
def test_with_v_the_terminal_has_the_log_as_well(
    flags: str, first: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.layerscope"
    assert main(["new", "notebook", str(path)]) == 0
    capsys.readouterr()
    command, given = ["train", str(path), "--epochs", "1"], flags.split()
    assert main([*given, *command] if first else [*command, *given]) == 0
    said = capsys.readouterr()
    assert (f"Opened {path}" in said.err) == bool(flags)
    assert ("DEBUG engine.training.run: Epoch 1: loss" in said.err) == (flags == "-v -v")
    assert "Opened" not in said.out


def test_a_home_that_cannot_be_written_is_no_fault_and_no_log_is_named(
    own_log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own_log.parent.write_text("a file is in the way")
    monkeypatch.setattr(check, "COMMAND", check.COMMAND._replace(run=failing(ValueError("x"))))
    assert main(["check", "a.layerscope"]) == 1
    assert capsys.readouterr().err == (
        "main.py: Something went wrong inside Layerscope (ValueError: x). Please report it.\n"
    )


FAILING_THREAD = """
import threading
import main
main.start_log()
def far_away():
    raise ValueError("seven is odd")
main._catch_the_rest()
thread = threading.Thread(target=far_away)
thread.start()
thread.join()
print("alive")
"""


def test_a_defect_in_a_thread_is_a_sentence_and_its_traceback_is_in_the_log(
    programs: Programs, tmp_path: Path
) -> None:
    environment = {**os.environ, "LAYERSCOPE_HOME": str(tmp_path)}
    ended = programs.start("-c", FAILING_THREAD, environment=environment).ended()
    assert (ended.code, ended.out) == (0, "alive\n")
    assert "(ValueError: seven is odd)" in ended.err
    assert "Traceback" not in ended.err
    log = (tmp_path / "layerscope.log").read_text(encoding="utf-8")
    assert "far_away" in log
    assert "seven is odd" in log


def ask_for_the_version(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the program in a folder, as another Python would."""
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--version"],
        env=os.environ | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a program")
def test_an_interrupt_while_modules_load_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text(
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(5)\n"
    )
    ended = ask_for_the_version(tmp_path, PYTHONPATH=str(tmp_path))
    assert ended.returncode in (-signal.SIGINT, 130)
    assert "Traceback" not in ended.stderr


def test_started_beside_files_of_a_stranger_it_says_its_version(
    tmp_path: Path,
) -> None:
    (tmp_path / "engine.py").write_text("raise RuntimeError('of a stranger')\n")
    ended = ask_for_the_version(tmp_path, PYTHONSAFEPATH="1")
    written = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    said = f"Layerscope {written}\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, said, "")


# The program with some of its streams closed, or onto a disk that is full.
STREAMS = """
import os, runpy, sys
_, how, streams, *given = sys.argv
for number in map(int, streams):
    if how == "full":
        os.dup2(os.open("/dev/full", os.O_WRONLY), number)
    else:
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
    call = ["-c", STREAMS, "closed", closed]
    begun = (programs.start(*call, *given, environment=environment) for given in commands)
    assert [program.ended().code for program in begun] == CODES
    assert open_project(path).trained_epochs == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("given", [["data", "list", "--json"], ["--help"]])
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
@pytest.mark.parametrize("streams", ["2", "12"])
def test_words_that_cannot_be_written_change_no_exit_code(
    commands: list[list[str]], streams: str, programs: Programs
) -> None:
    environment = {**os.environ, "LAYERSCOPE_COMPUTE": "numpy"}
    for given, code in zip(commands, CODES, strict=True):
        if "check" in given and not code:  # which is shown with closed streams
            continue
        call = ["-c", STREAMS, "full", streams, *given]
        ended = programs.start(*call, environment=environment).ended()
        assert ended.code == (code or int(streams == "12")), given


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_what_a_training_learns_is_kept_where_its_output_cannot_be_written(
    path: Path, programs: Programs
) -> None:
    environment = {**os.environ, "LAYERSCOPE_COMPUTE": "numpy"}
    call = ["-c", STREAMS, "full", "1", "train", str(path), "--json", "--epochs", "9"]
    ended = programs.start(*call, environment=environment).ended()
    assert (ended.code, ended.err) == (
        1,
        "main.py: The output could not be written: No space left on device. Stopped after 1 epoch; "
        f"what was learned is in {path}.\n",
    )
    assert open_project(path).trained_epochs == 1
