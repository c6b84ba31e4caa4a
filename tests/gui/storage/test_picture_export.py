"""Exports: the question for a file, and what is said of it."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.storage import export_actions


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
    assert asked("a.csv", "") == tmp_path / "a.csv", "the dialog has asked about that"
    assert asked("a", "") is None, "the dialog did not ask about it, and nobody answers"
    monkeypatch.setattr(export_actions, "ask_to_replace", lambda _parent, name: name == "a.csv")
    assert asked("a", "") == tmp_path / "a.csv"
