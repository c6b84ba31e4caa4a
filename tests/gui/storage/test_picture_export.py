"""Exports: the question for a file, and what is said of it."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.storage import export_actions
from gui.widgets.messages import MessageBar


def test_the_ending_is_the_typed_or_the_chosen_one(
    window: QWidget, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def asked(typed: str, chosen: str) -> Path | None:
        name = str(tmp_path / typed) if typed else ""
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (name, chosen))
        filters = {each: export_actions.FILTERS[each] for each in (".csv", ".png")}
        return export_actions.ask_for_file(window, "Export", tmp_path / "x.csv", filters)

    for typed, chosen, got in (
        ("a.csv", "CSV table (*.csv)", "a.csv"),
        ("a.PNG", "CSV table (*.csv)", "a.PNG"),
        ("a", "PNG picture (*.png)", "a.png"),
        ("a.v2", "CSV table (*.csv)", "a.v2.csv"),
        ("a", "", "a.csv"),
    ):
        assert asked(typed, chosen) == tmp_path / got
    assert asked("", "") is None
    (tmp_path / "a.csv").write_text("mine")
    assert asked("a", "") is None, "the dialog did not ask about it, and nobody answers"


def test_what_became_of_it_is_said(window: QWidget, messages: MessageBar, tmp_path: Path) -> None:
    assert export_actions.export(tmp_path / "a.csv", b"1", "Table", messages, window)
    assert messages.text.text() == f"Table exported to {tmp_path / 'a.csv'}."
    assert (tmp_path / "a.csv").read_bytes() == b"1"
    assert not export_actions.export(tmp_path, b"1", "Table", messages, window)
    assert "there is a folder of that name" in messages.text.text()
