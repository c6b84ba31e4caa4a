"""The page of the doctor's findings: its rows, their buttons, and the files that they list."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.data.doctor import HEALTHY, Finding
from engine.data.parts import Refused
from gui.panels.data_findings import EXAMINING, FindingRow, FindingsPage, SeverityMark
from gui.widgets.empty_state import EmptyState
from tests.gui.finding import child, focusable, unnamed
from tests.gui.showing import on_screen

REFUSED = (Refused("a/1.png", "It is cut off."), Refused("b/2.png", "It is empty."))
FINDINGS = (
    Finding(
        "leaks",
        "3 test images leak.",
        "Take them out.",
        np.array([4]),
        np.array([1, 2, 3]),
    ),
    Finding("refused", "2 files could not be read.", "Repair them.", files=("a/1.png", "b/2.png")),
    Finding("few_samples", "Few <b>.", "Leave it out.", without_classes=(2,)),
    Finding("reading", "So it was read.", ""),
)
SOURCE = Path("/data/ill")


@pytest.fixture
def page(qtbot: QtBot) -> FindingsPage:
    page = on_screen(qtbot, FindingsPage(), 420, 460)
    page.show_findings(FINDINGS, REFUSED, SOURCE)
    return page


def row(page: FindingsPage, kind: str) -> FindingRow:
    (found,) = (row for row in page.rows if row.finding.kind == kind)
    return found


def test_each_finding_has_a_row_with_its_mark_and_what_can_be_done(page: FindingsPage) -> None:
    assert [row.finding for row in page.rows] == list(FINDINGS)
    assert [child(row, SeverityMark).severity for row in page.rows] == [
        "serious",
        "warning",
        "warning",
        "note",
    ]
    shown = {
        row.finding.kind: [
            each.objectName() for each in (row.remedy, row.images, row.files) if each.isVisible()
        ]
        for row in page.rows
    }
    assert shown == {
        "leaks": ["images"],
        "refused": ["files"],
        "few_samples": ["remedy"],
        "reading": [],
    }
    assert page.head.text() == "1 serious finding, 2 warnings, 1 note"
    assert unnamed(focusable(page)) == []
    assert page.rows[0].accessibleName() == "Serious: 3 test images leak."


def test_no_part_of_it_is_a_window_for_a_moment(
    page: FindingsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    show = QWidget.setVisible

    def noted(widget: QWidget, visible: bool) -> None:
        if visible and widget.isWindow():
            shown.append(widget.objectName())
        show(widget, visible)

    monkeypatch.setattr(QWidget, "setVisible", noted)
    page.show_findings(FINDINGS, REFUSED, SOURCE)
    assert shown == []


def test_while_training_no_remedy_can_be_taken(page: FindingsPage) -> None:
    remedy = row(page, "few_samples").remedy
    page.set_locked("It trains.")
    assert not remedy.isEnabled()
    assert remedy.toolTip() == "It trains."
    page.show_findings(FINDINGS, REFUSED, SOURCE)
    assert not row(page, "few_samples").remedy.isEnabled()
    page.set_locked("")
    assert row(page, "few_samples").remedy.isEnabled()


def test_data_in_good_health_are_told_so(page: FindingsPage) -> None:
    page.show_findings((), (), SOURCE)
    assert child(page, EmptyState).sentence() == HEALTHY
    assert page.rows == []


def test_before_there_is_a_report_it_says_why(page: FindingsPage) -> None:
    page.show_nothing()
    assert "will be here when there is data" in child(page, EmptyState).sentence()
    page.show_nothing(busy=True)
    assert child(page, EmptyState).sentence() == EXAMINING


def test_after_a_narrow_panel_nothing_empty_is_left_below_the_findings(qtbot: QtBot) -> None:
    long = Finding("leaks", "One test image is also in the training part. " * 3, "")
    page = on_screen(qtbot, FindingsPage(), 220, 200)
    page.show_findings([long] * 8, (), SOURCE)
    column = page.rows[0].parentWidget()
    assert column is not None
    tall = column.height()
    page.resize(600, 200)
    qtbot.waitUntil(lambda: page.rows[-1].geometry().bottom() + 1 == column.height())
    assert column.height() < tall
