import tempfile
from pathlib import Path

import pytest

from engine import paths
from tests.failing import failing


def test_the_environment_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    assert paths.home() == tmp_path


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "/home/ada/.local/share/layerscope"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/layerscope"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/ada/.local/share/layerscope"),
        ("darwin", {}, "/home/ada/Library/Application Support/Layerscope"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/Layerscope"),
        ("win32", {}, "/home/ada/AppData/Local/Layerscope"),
    ],
)
def test_else_it_is_where_the_platform_keeps_data(
    platform: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LAYERSCOPE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ada"))
    monkeypatch.setattr("sys.platform", platform)
    assert paths.home() == Path(expected)


no_home = failing(RuntimeError("Could not determine home directory."))


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_user_without_a_home_gets_one_temporary_folder(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LAYERSCOPE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sys.platform", platform)
    paths._temporary_home.cache_clear()
    found = paths.home()
    assert found.is_relative_to(tmp_path)
    assert paths.home() == found
    paths._temporary_home.cache_clear()
    assert paths.home() != found  # no other user can have made it before


def test_without_any_place_to_write_there_is_still_a_folder_to_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LAYERSCOPE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    no_place = FileNotFoundError("No usable temporary directory found")
    monkeypatch.setattr(tempfile, "gettempdir", failing(no_place))
    paths._temporary_home.cache_clear()
    assert paths.home().parts
    paths._temporary_home.cache_clear()
