"""Exports: the question for a file, and what is said of it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from gui.storage import export_actions


class Owner(QObject):
    """Hears what became of an export."""

    exported = Signal(str)
    refused = Signal(str)


@pytest.mark.parametrize(
    ("typed", "chosen", "got"),
    [
        ("a.csv", "CSV table (*.csv)", "a.csv"),
        ("a.PNG", "CSV table (*.csv)", "a.PNG"),
        ("a", "PNG picture (*.png)", "a.png"),
        ("a.v2", "CSV table (*.csv)", "a.v2.csv"),
        ("a", "", "a.csv"),
        ("", "", None),
    ],
)
def test_the_ending_is_the_typed_or_the_chosen_one(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    typed: str,
    chosen: str,
    got: str | None,
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    name = str(tmp_path / typed) if typed else ""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (name, chosen))
    path = export_actions.ask_for_file(parent, "Export", tmp_path / "x.csv", (".csv", ".png"))
    assert path == (None if got is None else tmp_path / got)


def test_a_file_that_the_dialog_did_not_ask_about_stays_when_nobody_answers(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    (tmp_path / "a.csv").write_text("mine")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a"), "CSV"))
    assert export_actions.ask_for_file(parent, "Export", tmp_path / "x.csv", (".csv",)) is None


def test_what_became_of_it_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    owner, parent = Owner(), QWidget()
    qtbot.addWidget(parent)
    said = "Table", owner.exported, owner.refused, parent
    with qtbot.waitSignal(owner.exported) as done:
        assert export_actions.export(tmp_path / "a.csv", b"1", *said)
    assert done.args == [f"Table exported to {tmp_path / 'a.csv'}."]
    assert (tmp_path / "a.csv").read_bytes() == b"1"
    with qtbot.waitSignal(owner.refused) as refused:
        assert not export_actions.export(tmp_path, b"1", *said)
    assert "there is a folder of that name" in refused.args[0]
