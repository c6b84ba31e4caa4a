from pathlib import Path

import pytest

from engine import folders


def test_the_environment_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    assert folders.home() == tmp_path


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
    assert folders.home() == Path(expected)
