"""What `new`, `check`, `data list` and `data check` say, in one approved file."""

from pathlib import Path

import numpy as np
import pytest

from tests.approved import assert_approved
from tests.engine.cli.console import Console
from tests.engine.cli.said import Transcript
from tests.engine.cli.test_data_check import ill_data
from tests.engine.data.known.test_known_sets import write_four
from tests.engine.data.pictures import shades, write_files


def test_what_commands_say(
    console: Console, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("engine.data.known.known_sets.PACKAGES", tmp_path / "packages")
    said = Transcript(console, tmp_path)
    said.run("new notebook a.layerscope", "check a.layerscope", "check a.layerscope --json")
    write_four(home / "data" / "kmnist", 1)
    write_four(tmp_path / "packages" / "fashion-mnist", 1)
    said.run("data list", "data get fashion-mnist")
    ill_data(tmp_path / "ill.npz")
    np.savez(tmp_path / "flat.npz", x=np.zeros((500, 4, 4), np.uint8), y=np.arange(500) % 2)
    (tmp_path / "junk.csv").write_text("what\nis this\n")
    np.savez(tmp_path / "single.npz", x=np.zeros((1, 4, 4), np.uint8), y=np.zeros(1, np.int64))
    # Of the two images of the only class one is no image: none is left for the test.
    write_files(tmp_path / "pets", shades(["cat/1.png"]) | {"cat/2.png": b""})
    for data in ("ill.npz", "flat.npz", "mnist", "nowhere", "junk.csv", "single.npz", "pets"):
        said.run(f"data check {data}", f"data check {data} --json")
    assert_approved("commands.txt", said.text)
