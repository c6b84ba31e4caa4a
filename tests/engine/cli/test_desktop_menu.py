"""The entry in the applications menu: what a desktop's own programs make of it."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.cli import desktop_menu
from engine.cli.desktop_menu import add_to_menu, is_in_menu, remove_from_menu, start_command
from engine.errors import LayerscopeError
from main import main
from tests.paths import ROOT

TYPE = "application/x-layerscope-project"
linux = pytest.mark.skipif(sys.platform != "linux", reason="no other system has such menus")


@pytest.fixture(autouse=True)
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the data of all programs, which is a test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path / "share"


def desktop(*command: str | Path) -> str:
    """Return what a program of the desktop says; skip the test where it is not installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def files(folder: Path) -> set[str]:
    """List the files in a folder, but for those that programs of the desktop keep there."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in found if Path(name).stem in ("layerscope", "other")}


@linux
def test_it_is_added_once_and_removed_without_a_trace(
    share: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = share / "applications" / "other.desktop"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("[Desktop Entry]\n")
    for _ in range(2):
        with pytest.raises(SystemExit, match="0"):
            main(["--add-to-menu"])
        assert is_in_menu()
    assert len(files(share)) == 1 + 1 + 1 + 4  # the others' entry, ours, the type, the icons
    with pytest.raises(SystemExit, match="0"):
        main(["--remove-from-menu"])
    assert not is_in_menu()
    assert files(share) == {"applications/other.desktop"}
    assert not (share / "icons").exists()
    assert remove_from_menu() == "Layerscope is not in the applications menu."
    added, _, removed = capsys.readouterr().out.splitlines()
    assert added.startswith("Layerscope is in the applications menu now")
    assert removed == "Layerscope is no longer in the applications menu."


@linux
def test_the_desktop_knows_project_files_while_it_is_there(tmp_path: Path) -> None:
    project = tmp_path / "a.layerscope"
    assert main(["new", "notebook", str(project)]) == 0
    if shutil.which("update-mime-database") is None:
        pytest.skip("nothing tells the desktop of types")

    def known() -> str:
        return desktop("gio", "info", "-a", "standard::content-type", project)

    assert TYPE not in known()
    add_to_menu()
    assert f"standard::content-type: {TYPE}" in known()
    assert "layerscope.desktop" in desktop("gio", "mime", TYPE)
    remove_from_menu()
    assert TYPE not in known()


@linux
def test_its_files_are_as_the_standards_have_them(share: Path) -> None:
    desktop("desktop-file-validate", desktop_menu.SHARE / "applications" / "layerscope.desktop")
    add_to_menu()
    assert desktop("desktop-file-validate", share / "applications" / "layerscope.desktop") == ""
    desktop("xmllint", "--noout", share / "mime" / "packages" / "layerscope.xml")


@linux
def test_a_desktop_starts_what_lies_in_a_folder_of_any_name(
    share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / 'it\'s "a" $HOME\\ `x` ä'
    folder.mkdir()
    program = folder / "layer scope"
    program.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$@" > "$(dirname "$0")/given.tmp"\n'
        'mv "$(dirname "$0")/given.tmp" "$(dirname "$0")/given"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(desktop_menu, "start_command", lambda: [str(program), "a $b 5%f"])
    add_to_menu()
    project = tmp_path / "my net.layerscope"
    desktop("gio", "launch", share / "applications" / "layerscope.desktop", project)
    end = time.monotonic() + 60
    while not (folder / "given").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    assert (folder / "given").read_text("utf-8").splitlines() == ["a $b 5%f", str(project)]


@linux
def test_without_the_programs_of_a_desktop_the_files_are_there(
    share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    add_to_menu()
    assert len(files(share)) == 6


def test_a_checkout_is_started_by_its_own_python() -> None:
    assert start_command() == [sys.executable, str(ROOT / "main.py")]


@pytest.mark.parametrize(("platform", "do"), [("win32", "Pin to Start"), ("darwin", "Terminal")])
def test_other_systems_say_what_to_do(
    platform: str, do: str, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(LayerscopeError, match=do):
        add_to_menu()
    assert not share.exists()
