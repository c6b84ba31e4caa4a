"""The wheel, installed into an environment of its own outside the checkout, without a network.

The environment has what the wheel asks for, with the extra `onnx`, as links to the packages of the
checkout's environment, and nothing of the tools of development.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from engine.compute.native.machine_code.code_store import SOURCES
from engine.version import version
from tests.paths import ROOT

pytestmark = [
    pytest.mark.wheel,
    pytest.mark.skipif(os.name != "posix", reason="environments have another form there"),
]
WHEEL = ROOT / "dist" / f"layerscope-{version()}-py3-none-any.whl"
NOWHERE = "http://127.0.0.1:9"  # where no proxy listens
SECONDS = 300.0


class Installed(NamedTuple):
    """The environment, the folder of its packages, and one to work in, with a home."""

    environment: Path
    packages: Path
    folder: Path

    def run(self, *command: str | Path, code: int = 0, **variables: str) -> str:
        """Run a program of the environment; return what it said."""
        ended = subprocess.run(
            [self.environment / "bin" / command[0], *command[1:]],
            cwd=self.folder,
            env=self.variables | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        assert ended.returncode == code, ended.stdout
        return ended.stdout

    @property
    def variables(self) -> dict[str, str]:
        """What the programs have in their environment: nothing of the tests' but the path."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LAYERSCOPE_HOME": str(self.folder / "home"),
            "LAYERSCOPE_UNATTENDED": "1",
            "QT_QPA_PLATFORM": "offscreen",
            **dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), NOWHERE),
        }


def needed(requirements: list[str], extras: set[str]) -> Iterator[Distribution]:
    """Give each package that is asked for, and those that it asks for."""
    for requirement in map(Requirement, requirements):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            found = distribution(requirement.name)
            yield found
            yield from needed(found.requires or [], requirement.extras)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment with what the wheel needs, but without it."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    (packages,) = (folder / "venv").glob("lib/python3*/site-packages")
    with ZipFile(WHEEL) as wheel:
        (metadata,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
        asked = re.findall(r"(?m)^Requires-Dist: (.*)$", wheel.read(metadata).decode())
    for package in needed(asked, {"onnx"}):
        for top in {file.parts[0] for file in package.files or []} - {"..", "__pycache__"}:
            link = packages / top
            if not link.exists():
                link.symlink_to(Path(str(package.locate_file(top))))
    return Installed(folder / "venv", packages, folder)


@pytest.fixture(scope="module")
def installed(bare: Installed) -> Installed:
    """The same with the wheel; pip finds all that it asks for there."""
    pip(bare, "install", "--no-index", f"{WHEEL}[onnx]")
    return bare


def pip(place: Installed, *arguments: str) -> None:
    python = str(place.environment / "bin" / "python")
    command = [sys.executable, "-m", "pip", "--quiet", "--python", python, *arguments]
    subprocess.run(command, check=True, env=place.variables, timeout=SECONDS)


def test_the_wheel_holds_each_file_of_the_program_and_no_other() -> None:
    listed = ["git", "ls-files", "-z", "docs", "engine", "gui", "resources", "main.py"]
    kept = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    expected = {f"layerscope/{name}" for name in kept.split("\0") if name}
    with ZipFile(WHEEL) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    own = {"layerscope/__init__.py", "layerscope/start/__main__.py"}
    assert names == expected | own


@pytest.mark.parametrize(
    "call", [["layerscope"], ["python", "-m", "layerscope"], ["python", "-P", "-m", "layerscope"]]
)
def test_it_starts_by_its_command_and_as_a_module(installed: Installed, call: list[str]) -> None:
    for name in ("engine", "main"):  # what lies where it is called
        (installed.folder / f"{name}.py").write_text("raise RuntimeError('of a stranger')\n")
    assert installed.run(*call, "--version") == f"Layerscope {version()}\n"
    assert "usage: layerscope [-v] [PROJECT]" in installed.run(*call, "--help")
    assert installed.run(*call, "check", "gone.layerscope", code=1).startswith("layerscope: gone")


SCRIPT = """
import layerscope
from layerscope import Conv, Settings, TEMPLATES
import engine, gui.state, sys
assert dir(layerscope) == dir(engine)
for name in dir(engine):
    assert name.startswith("_") or getattr(layerscope, name) is getattr(engine, name)
twice = [name for name in sys.modules if name.startswith("layerscope.")]
assert not twice, twice
try:
    import layerscope.engine
except ModuleNotFoundError:
    print(Conv.__module__)
"""


def test_a_script_has_the_public_face_and_no_module_twice(installed: Installed) -> None:
    assert installed.run("python", "-P", "-c", SCRIPT) == "engine.blocks.conv\n"


def test_a_network_is_made_trained_and_exported_with_proof(installed: Installed) -> None:
    def do(*arguments: str) -> str:
        return installed.run("layerscope", *arguments)

    do("new", "notebook", "a.layerscope")
    assert "All blocks fit." in do("check", "a.layerscope")
    assert "no trained weights. Train it (layerscope train a.layerscope)" in installed.run(
        "layerscope", "evaluate", "a.layerscope", code=1
    )
    do("train", "a.layerscope", "--epochs", "2", "--run", "first")
    assert "first" in do("runs", "list")
    assert json.loads(do("evaluate", "a.layerscope", "--json"))["accuracy"] > 0.9
    proved = json.loads(do("export", "a.layerscope", "a.onnx", "--json"))
    assert (proved["verified"], proved["agree"]) == ("onnxruntime", proved["samples"])
    do("import", "a.onnx", "b.layerscope")
    assert "pip install 'layerscope[notebook]'" in do("export", "a.layerscope", "a.ipynb")
    do("export", "a.layerscope", "folder", "--format", "pytorch", "--no-verify")
    readme = (installed.folder / "folder" / "README.md").read_text("utf-8")
    assert "`layerscope import RUN NEW.layerscope`" in readme


WINDOW = """
import sys, time
from pathlib import Path
import layerscope
from engine.paths import home
from gui.app import create_window
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

def wait_until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        app.processEvents()
        time.sleep(0.01)

app = QApplication(sys.argv)
window = create_window()
window.show()
wait_until(lambda: window.windowHandle().isExposed())
window.grab()
print("numba" in sys.modules, (home() / "compiled").exists())
train = window.findChild(QAction, "action.train")
wait_until(train.isEnabled)
losses = []
window.session.losses_added.connect(lambda positions, found: losses.extend(found))
train.trigger()
wait_until(lambda: losses)
window.close()
"""


def test_the_window_opens_before_anything_is_compiled_and_trains(installed: Installed) -> None:
    home = installed.folder / "another home"
    said = installed.run("python", "-P", "-c", WINDOW, LAYERSCOPE_HOME=str(home))
    assert said.splitlines()[-1] == "False False"


def test_the_second_start_compiles_nothing(installed: Installed) -> None:
    """What the checkout has compiled of the same sources is what a first start leaves."""
    home = installed.folder / "third home"
    home.mkdir()
    kept = home / "compiled"
    kept.symlink_to(SOURCES / "__pycache__" / "loops")
    before = sorted(kept.glob("*/*"))
    log = home / "layerscope.log"
    project = installed.folder / "window.layerscope"
    installed.run("layerscope", "new", "digits", project)
    with subprocess.Popen(
        [installed.environment / "bin" / "layerscope", project],
        env=installed.variables | {"LAYERSCOPE_HOME": str(home)},
        cwd=installed.folder,
    ) as window:
        end = time.monotonic() + SECONDS
        while "The window is open" not in (log.read_text("utf-8") if log.exists() else ""):
            assert time.monotonic() < end
            time.sleep(0.05)
        window.send_signal(signal.SIGTERM)
    said = log.read_text("utf-8")
    assert f"Opened {project}" in said
    train = ("layerscope", "-v", "train", project, "--epochs", "1", "--limit", "20")
    trained = installed.run(*train, LAYERSCOPE_HOME=str(home))
    assert "plain numpy" not in trained
    assert sorted(kept.glob("*/*")) == before


@pytest.mark.skipif(sys.platform != "linux", reason="no other system has such menus")
def test_the_entry_of_the_menu_starts_its_command(installed: Installed) -> None:
    said = installed.run("layerscope", "--add-to-menu")
    assert "layerscope --remove-from-menu, undoes this" in said
    share = installed.folder / ".local" / "share"
    entry = (share / "applications" / "layerscope.desktop").read_text("utf-8").splitlines()
    command = installed.environment / "bin" / "layerscope"
    assert {f"TryExec={command}", f'Exec="{command}" %f'} <= set(entry)
    installed.run("layerscope", "--remove-from-menu")


def test_nothing_is_left_of_it(bare: Installed, installed: Installed) -> None:
    assert {path.name for path in installed.packages.iterdir() if "scope" in path.name} == {
        "layerscope",
        f"layerscope-{version()}.dist-info",
    }
    pip(bare, "uninstall", "--yes", "layerscope")
    for place in (bare.packages, bare.environment / "bin"):
        assert [path.name for path in place.iterdir() if "scope" in path.name] == []
