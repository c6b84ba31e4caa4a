"""Editing asks no disk: one that is slow, or on a network, would hold up the window."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.blocks import Conv
from tests.gui.driving import Driver

ASKING = "stat", "lstat", "scandir", "listdir", "open", "readlink"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the window's thread asks the disk for from now on."""
    found: list[str] = []

    def watched(name: str) -> None:
        ask = getattr(os, name)

        def watch(path: object = ".", *args: object, **options: object) -> object:
            if threading.current_thread() is threading.main_thread():
                found.append(f"{name} {path!r}")
            return ask(path, *args, **options)

        monkeypatch.setattr(os, name, watch)

    for name in ASKING:
        watched(name)
    return found


def write_pictures(folder: Path) -> Path:
    for place in range(24):
        path = folder / "ab"[place % 2] / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), 10 * place, np.uint8)).save(path)
    return folder


def test_editing_with_own_pictures_asks_no_disk(
    driver: Driver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    window, own = driver.window, str(write_pictures(tmp_path / "own"))
    driver.type_into("setting.dataset", own)
    driver.wait(lambda: window.session.data is not None and window.session.data.key.data == own)
    driver.settle()
    edits, asked = window.edits, request.getfixturevalue("asked")
    conv = next(slot for slot in window.document.stack if isinstance(slot.block, Conv))
    edits.change_option(conv.id, "depth", 3)
    for field, value in (
        ("learning_rate", 0.02),
        ("epochs", 3),
        ("seed", 7),
        ("test_split", 30.0),
        ("limit", 9),
        ("classes", (1, 0)),
    ):
        edits.change_setting(field, value)
    edits.undo()
    edits.redo()
    assert asked == []
    driver.settle()  # the samples are chosen anew, a recovery file is written
    assert [each for each in asked if own in each] == []
