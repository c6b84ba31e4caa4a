"""ExportDialog: the formats, what one of them writes, where to, and what came of the check."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from engine.exports.export_format import ExportFormat
from engine.proof.prove import SAMPLES, missing_packages, program_of
from engine.proof.verdict import Verdict
from engine.text.words import joined
from gui.exchange.proof_view import ProofView
from gui.theme import GRID
from gui.widgets.dialogs import bring_to_front, button_row, lay_out, push_button
from gui.widgets.labels import ProblemLabel, label_for, plain_label, wrapping_label
from gui.widgets.layouts import bring_into_view, in_column, in_row, named

_NAME = "export_dialog"
_AWAITED = (
    "What the check finds will be here: how many images get the same answer, and how far the "
    "outputs of each block differ."
)


class ExportDialog(QDialog):
    """A window beside the main one: the network may change while it is open."""

    def __init__(
        self, formats: Sequence[str], progress: QWidget, parent: QWidget | None = None
    ) -> None:
        """List formats by their titles; `progress` shows how far an export is, and can end it."""
        super().__init__(parent)
        self.setObjectName(_NAME)
        self.setWindowTitle("Export")
        self.formats = named(QListWidget(), f"{_NAME}.formats", "Format")
        self.formats.addItems(formats)
        self.formats.setSpacing(GRID // 4)
        self.formats.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._texts = {
            name: wrapping_label(f"{_NAME}.{name}") for name in ("audience", "contents", "checks")
        }
        self.path = named(QLineEdit(), f"{_NAME}.path", "Where to")
        self.browse = push_button(f"{_NAME}.browse", "&Browse…", "Choose where to write")
        self.verify = named(QCheckBox("Check what was &written"), f"{_NAME}.verify")
        self.verify.setToolTip(
            "Read it back in independent ways, and compare its predictions with the network's"
        )
        self.problem = named(ProblemLabel(), f"{_NAME}.problem")
        self._progress = progress
        self.proof = ProofView(_NAME)
        self.export = push_button(f"{_NAME}.export", "&Export", "")
        self.export.setDefault(True)
        self._awaited = wrapping_label(f"{_NAME}.awaited", muted=True)
        self._awaited.setText(_AWAITED)
        self._awaited.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._arrange()
        chosen = self.formats.currentRowChanged
        for changed in (self.path.textChanged, self.verify.toggled, chosen):
            changed.connect(self.forget_outcome)

    def _arrange(self) -> None:
        choice = in_row(self._list(), (self._said(), 1), gap=2 * GRID)
        where = in_row(label_for(self.path, "Write &to"), (self.path, 1), self.browse, gap=GRID)
        below = (self._progress, self.problem, self.proof, (self._awaited, 1))
        column = in_column(choice, where, *below)
        lay_out(self, column, button_row(self, self.export), 92, 72)
        fields = self.formats, self.verify, self.path, self.browse
        for one, other in pairwise((*fields, self._progress, self.proof.table, self.export)):
            QWidget.setTabOrder(one, other)

    def _list(self) -> QVBoxLayout:
        """Lay out the formats, all of them in view."""
        listed = in_column(label_for(self.formats, "&Format"), self.formats, 1)
        self.formats.setFixedWidth(self.formats.sizeHintForColumn(0) + 4 * GRID)
        row = self.formats.sizeHintForRow(0) + 2 * self.formats.spacing()
        height = self.formats.count() * row + 2 * self.formats.frameWidth()
        self.formats.setFixedHeight(height)
        return listed

    def _said(self) -> QVBoxLayout:
        """Lay out what is said of the chosen format, with the choice to check below it."""
        said = QGridLayout()
        said.setHorizontalSpacing(2 * GRID)
        said.setVerticalSpacing(GRID)
        said.setColumnStretch(1, 1)
        said.addWidget(self._texts["audience"], 0, 0, 1, 2)
        for row, title in enumerate(("Writes", "Check"), 1):
            label = plain_label(title, muted=True)
            said.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        for row, name in enumerate(("contents", "checks"), 1):
            said.addWidget(self._texts[name], row, 1)
        said.addWidget(self.verify, 3, 1)
        return in_column(said, 1)

    def open_window(self) -> None:
        """Come to the front, with the focus in the list."""
        bring_to_front(self)
        self.formats.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_format(self, kind: ExportFormat) -> None:
        """Say who wants the chosen format, what it writes, and which programs check it."""
        programs = [program_of(way) for way in kind.ways if not missing_packages(way)]
        self._texts["audience"].setText(kind.audience)
        self._texts["contents"].setText(kind.contents)
        self._texts["checks"].setText(
            f"Up to {SAMPLES} test images are predicted from what was written, by "
            f"{joined(programs)}, and the answers compared with the network's."
            if programs
            else "There is none for this format."
        )

    def allow(self, unless: str) -> None:
        """Let the network be exported, or say why it cannot be."""
        self.export.setEnabled(not unless)
        self.export.setToolTip(unless or "Write it, then check it")

    def show_outcome(self, done: str, verdicts: Sequence[Verdict]) -> None:
        """Say what was written, and what came of each check."""
        self.problem.say("")
        self._awaited.clear()
        self.proof.show_outcome(done, verdicts)
        QTimer.singleShot(0, self, partial(bring_into_view, self.proof))  # when it has its height

    def say_problem(self, text: str) -> None:
        """Say what went wrong, in place of what came of the last export."""
        self._say_below("")
        self.problem.say(text)
        bring_into_view(self.problem)

    def say_cancelled(self) -> None:
        """Say that nothing was written because that was wished."""
        self._say_below("Cancelled. Nothing was written.")

    @Slot()
    def forget_outcome(self) -> None:
        """Say no longer what came of an export, when another one is chosen."""
        self._say_below(_AWAITED if self.verify.isChecked() else "")

    def _say_below(self, text: str) -> None:
        """Say this, in place of what came of the last export."""
        self.problem.say("")
        self.proof.show_nothing()
        self._awaited.setText(text)
