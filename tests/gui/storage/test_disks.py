"""Full disks and sealed folders, real ones where the machine lets a test make them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from engine.files.project_file import open_project
from tests.gui.driving import Driver
from tests.gui.finding import named

FULL = "the disk is full. Make room there, or choose another folder."
SEALED = "the file or its folder is read-only. Choose another folder, or change the permissions."


def works(*command: str | Path) -> bool:
    if shutil.which(str(command[0])) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("gui.storage.autosave.EDIT_SECONDS", 0.05)
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one megabyte, on which the notebook's weights have no room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not works("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk):
        pytest.skip("may not mount a disk")
    yield disk
    assert works("umount", "--lazy", disk)


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Path]:
    """Make a folder in which nothing can be written once it is sealed; give it unsealed."""
    folder = tmp_path / "sealed"
    folder.mkdir()
    if os.geteuid() == 0 and not works("chattr", "+i", folder):
        pytest.skip("nothing is read-only to a superuser here")
    unseal(folder)
    yield folder
    unseal(folder)


def seal(folder: Path) -> None:
    assert works("chattr", "+i", folder) if os.geteuid() == 0 else works("chmod", "555", folder)


def unseal(folder: Path) -> None:
    assert works("chattr", "-i", folder) if os.geteuid() == 0 else works("chmod", "755", folder)


def test_on_a_full_disk_nothing_is_lost(driver: Driver, tiny_disk: Path, tmp_path: Path) -> None:
    path = tiny_disk / "mine.layerscope"
    driver.project(path)
    before = path.read_bytes()
    driver.type_into("setting.seed", "8")
    driver.wait((tiny_disk / ".mine.layerscope-recovery").exists)
    driver.run("step_batch", "Paused")
    own = tmp_path / "home" / "recovery" / "mine.layerscope-recovery"
    driver.wait(lambda: own.exists() and bool(open_project(own).weights))
    driver.wait(lambda: os.listdir(tiny_disk) == [path.name])  # what it said is out of date
    driver.choose("save")
    assert driver.message() == f"{path} was not written: {FULL}"
    assert driver.window.isWindowModified()
    for name in ("w.npz", "w.safetensors"):
        dialog = driver.export(tiny_disk / name)
        said = named(dialog, QLabel, "export_dialog.problem").text()
        assert said == f"{tiny_disk / name} was not written: {FULL}"
        dialog.close()
    assert path.read_bytes() == before
    assert os.listdir(tiny_disk) == [path.name]
    assert (
        open_project(own).weights.keys() == driver.project(tmp_path / "b.layerscope").weights.keys()
    )
    driver.wait(lambda: os.listdir(own.parent) == [])


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("way", ["sealed", "gone"])
def test_in_a_folder_that_cannot_be_written_nothing_is_lost(
    driver: Driver, request: pytest.FixtureRequest, tmp_path: Path, way: str
) -> None:
    is_sealed = way == "sealed"
    folder: Path = request.getfixturevalue("sealed") if is_sealed else tmp_path / "stick"
    folder.mkdir(exist_ok=True)
    path = folder / "mine.layerscope"
    driver.project(path)
    before = path.read_bytes()
    seal(folder) if is_sealed else shutil.rmtree(folder)
    driver.click("add.tanh")
    own = tmp_path / "home" / "recovery" / "mine.layerscope-recovery"
    driver.wait(own.exists)
    assert "Autosave" not in driver.message()
    driver.choose("save")
    gone = f"the folder {folder} does not exist. Create it, or choose another."
    assert driver.message() == f"{path} was not written: {SEALED if is_sealed else gone}"
    assert driver.window.isWindowModified()
    if is_sealed:
        driver.answer_dialog("getSaveFileName", folder / "d.png")
        driver.window.panels.drawing.export_action.trigger()
        assert driver.message() == f"{folder / 'd.png'} was not written: {SEALED}"
        assert os.listdir(folder) == [path.name]
        assert path.read_bytes() == before
        unseal(folder)
    folder.mkdir(exist_ok=True)
    driver.choose("save")
    assert len(open_project(path).stack) == 8
    driver.wait(lambda: os.listdir(own.parent) == [])
