"""Preferences: what is remembered in a file, and files that say nothing."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QApplication, QComboBox

from engine.files.atomic import write_atomically
from gui.storage.preferences import Preferences, PreferencesStore
from gui.theme import apply_theme
from tests.gui.conftest import OpenWindow


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "preferences.json"


def change(file: Path) -> PreferencesStore:
    """Change a preference; return the store that did it."""
    store = PreferencesStore(file)
    with store.changing() as preferences:
        preferences.tour_offered = True
    return store


def test_what_is_changed_is_there_for_the_next_and_for_windows_that_are_open(file: Path) -> None:
    assert PreferencesStore(file).current == Preferences()
    assert not file.exists()
    other, store = PreferencesStore(file), change(file)
    with store.changing() as preferences:
        preferences.window.scheme = "dark"
        preferences.panels.choices["glass.speed"] = "fast"
    assert store.written
    with other.changing() as preferences:
        preferences.recent = ["/a.layerscope"]
    assert store.reload().recent == ["/a.layerscope"]
    later = PreferencesStore(file).current
    assert (later.window.scheme, later.tour_offered) == ("dark", True)
    assert later.panels.choices == {"glass.speed": "fast"}
    assert Preferences().panels.choices == {}, "the defaults hold no choice"


def test_a_file_of_a_newer_version_gives_what_is_known(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"window": {"scheme": "dark", "glow": 3}, "sound": [10' + "0" * 30 + "]}")
    assert PreferencesStore(file).current.window.scheme == "dark"


FAULTS = [
    b"",
    b"[1]",
    b"\xff",
    b'{"tour_offered": 1}',
    b'{"window": {"scheme": "pink"}}',
    b'{"window": {"size": [0, 800]}}',
    b'{"window": {"size": [1e308, 800]}}',
    b'{"stage": {"across": [248, -1, 266], "down": [560, 124], "views": []}}',
    b'{"recent": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"recent": ["' + b"a" * 2_000_000 + b'"]}',
]


@pytest.mark.parametrize("content", FAULTS, ids=range(len(FAULTS)))
def test_a_file_that_cannot_be_understood_is_as_none_and_the_log_says_so(
    file: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert PreferencesStore(file).current == Preferences()
    assert "The preferences are not used" in caplog.text
    assert str(file) in caplog.text
    assert change(file).written
    assert PreferencesStore(file).current == Preferences(tour_offered=True)


WHOLE = json.dumps(
    {
        "window": {"scheme": "dark", "size": [900, 700], "maximized": True},
        "stage": {"across": [248, 734, 266], "down": [560, 124], "views": ["Draw"]},
        "panels": {"choices": {"glass.speed": "fast"}},
        "recent": ["/a", "/b"],
        "tour_offered": True,
    }
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@st.composite
def cut_or_overwritten(draw: st.DrawFn) -> bytes:
    data = bytearray(WHOLE.encode())
    place = draw(st.integers(0, len(data)))
    return bytes(data[:place] + draw(st.binary(max_size=4)) + data[draw(st.integers(0, 400)) :])


@st.composite
def with_a_foreign_part(draw: st.DrawFn) -> bytes:
    held = json.loads(WHOLE)
    part = draw(st.sampled_from(["window", "stage", "panels", "recent", "tour_offered"]))
    inside = held[part]
    if isinstance(inside, dict) and draw(st.booleans()):
        inside[draw(st.sampled_from(sorted(inside)))] = draw(ANY)
    else:
        held[part] = draw(ANY)
    return json.dumps(held).encode()


@settings(max_examples=25)
@given(st.binary() | cut_or_overwritten() | with_a_foreign_part())
@example(WHOLE.encode())
def test_whatever_the_file_holds_there_are_preferences_that_can_be_changed(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("home") / "preferences.json"
    file.write_bytes(content)
    assert change(file).written
    assert PreferencesStore(file).current.tour_offered


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, None])
def test_where_nothing_can_be_written_they_last_as_long_as_the_window(
    file: Path, make: Callable[[Path], None] | None, caplog: pytest.LogCaptureFixture
) -> None:
    if make is None:
        file.parent.write_text("a file, not a folder")
    else:
        file.parent.mkdir()
        make(file)
    store = change(file)
    assert store.reload().tour_offered
    assert not store.written
    assert "cannot be written" in caplog.text
    assert not PreferencesStore(file).current.tour_offered


def test_a_disk_that_does_not_answer_holds_up_no_change_and_loses_none(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended = Event()

    def write(path: Path, data: bytes) -> None:
        assert mended.wait(60)
        write_atomically(path, data)

    monkeypatch.setattr("gui.storage.preferences.write_atomically", write)
    monkeypatch.setattr("gui.storage.preferences.PATIENCE", 0.1)
    began, store = time.perf_counter(), change(file)
    with store.changing() as preferences:
        preferences.coach = False
    assert time.perf_counter() - began < 5
    assert (store.written, file.exists()) == (False, False)
    assert (store.reload().tour_offered, store.reload().coach) == (True, False)
    mended.set()
    store.wait(30)
    assert store.written
    later = PreferencesStore(file).current
    assert (later.tour_offered, later.coach) == (True, False)


# --- in the window ------------------------------------------------------------------------------


CHOSEN = {
    "feature_maps.stage": "before and after",
    "gradients.shown": "update ÷ weights",
    "kernels.shown": "change in this run",
    "predictions.order": "hardest",
    "glass.speed": "fast",
}


def test_choices_colours_and_size_are_the_same_after_a_restart(
    open_window: OpenWindow, qapp: QApplication
) -> None:
    driver = open_window(None)
    driver.wait_for_first_looks()
    for name, text in CHOSEN.items():
        box = driver.find(QComboBox, name)
        box.setCurrentText(text)
        box.activated.emit(box.currentIndex())
        assert box.currentText() == text
    driver.choose("theme.dark")
    driver.window.resize(1000, 700)
    driver.settle()
    driver.window.showMaximized()
    driver.settle()
    driver.window.close()
    apply_theme(qapp, "light")
    again = open_window(None)
    again.wait_for_first_looks()
    assert again.window.palette().color(QPalette.ColorRole.Base).lightness() < 128
    names = ("theme.system", "theme.light", "theme.dark")
    checked = [again.find(QAction, f"action.{name}").isChecked() for name in names]
    assert checked == [False, False, True]
    again.window.stage.show_panel("Kernels")
    again.settle()
    assert {name: again.find(QComboBox, name).currentText() for name in CHOSEN} == CHOSEN
    assert again.window.isMaximized()
    again.window.showNormal()
    again.wait(lambda: (again.window.width(), again.window.height()) == (1000, 700))
