"""`main.py train` on folders of images, and what is said while they are read."""

from pathlib import Path

import pytest

from tests.engine.cli.console import Console, write_data
from tests.engine.data.pictures import image_bytes, noise, write_files


def test_train_reads_a_folder_of_images_and_says_how_far_it_is_on_a_terminal(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = image_bytes(noise(9, 9, 1))
    names = [f"{label}/{number}.png" for label in ("cat", "dog") for number in range(40)]
    folder = write_files(tmp_path / "pets", dict.fromkeys(names, content))
    project = tmp_path / "net.layerscope"
    console.run("new", "digits", project, "--data", folder)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("engine.cli.output._REDRAW_SECONDS", 0)
    answer = console.run("train", project, "--epochs", "1")
    assert answer.code == 0
    assert "on 64 samples, testing on 16; classes cat, dog" in answer.out
    assert "\r\x1b[Kreading: 100%" in answer.err
    assert answer.err.endswith("\r\x1b[K")


def test_on_a_terminal_a_line_says_how_far_it_is_and_goes(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_data(tmp_path / "data")
    plain = console.run("data", "check", data)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("engine.cli.output._REDRAW_SECONDS", 0)
    answer = console.run("data", "check", data)
    assert answer.out == plain.out
    assert "\r\x1b[Kexamining: 100%" in answer.err
    assert answer.err.endswith("\r\x1b[K")
