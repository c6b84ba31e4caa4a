"""KnownSetsWindow: the data sets that have a name, to be downloaded and used."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QSizePolicy, QWidget

from engine.data.known.known_sets import KnownSet, megabytes
from gui.theme import GRID, text_font
from gui.widgets.dialogs import bring_to_front, button_row, lay_out, push_button
from gui.widgets.labels import ProblemLabel, plain_label
from gui.widgets.layouts import bring_into_view, in_column, in_row, named
from gui.widgets.progress_bar import ProgressBar

_BUTTON = 14 * GRID  # px, of one width in all rows


class SetRow(QWidget):
    """One data set: what it is, from where, and a button to download it, to cancel or to use it.

    A click on it calls `act` with which of the three, and the name of the set.
    """

    def __init__(self, known: KnownSet, address: str, act: Callable[[str, str], None]) -> None:
        super().__init__()
        self._known = known
        name = f"known_set.{known.name}"
        self.setObjectName(name)
        self.setAccessibleName(known.title)
        title = QLabel(known.title)
        title.setFont(text_font(bold=True))
        self.facts = _words(f"{name}.facts")
        self.facts.setText(
            f"{known.training:,} training and {known.test:,} test images, {known.images} · "
            f"{megabytes(known.size)} · licence: {known.licence}"
        )
        self.place = _words(f"{name}.place")
        self._address = address
        self.problem = named(ProblemLabel(), f"{name}.problem")
        self.button = push_button(f"{name}.button", "", "")
        self.button.setMinimumWidth(_BUTTON)
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._does = ""  # what a click on it does
        self._running = QWidget()
        spoken = f"Progress of the download of {known.title}"
        self.progress = named(ProgressBar(), f"{name}.progress", spoken)
        self.progress.setFixedHeight(GRID)
        self.amount = named(plain_label(), f"{name}.amount", muted=True)
        in_row((self.progress, 1), self.amount, of=self._running, gap=GRID)
        words = in_column(title, self.facts, self.place, self._running, self.problem)
        top = Qt.AlignmentFlag.AlignTop
        in_row((words, 1), (self.button, 0, top), of=self, gap=2 * GRID)
        self.button.clicked.connect(lambda: act(self._does, known.name))

    def show_state(
        self, folder: str, *, in_use: bool, downloading: bool, why_no_download: str, why_no_use: str
    ) -> None:
        """Show where the set is, and what can be done.

        `folder` is empty if it is not here. Empty reasons mean that it can be done.
        """
        self.place.setText(f"here, in {folder}" if folder else f"from {self._address}")
        self._running.setVisible(downloading)
        size = megabytes(self._known.size)
        why, tip = "", "End the download; nothing is kept"
        self._does = words = "cancel"
        if folder:
            self._does, words = "use", "in use" if in_use else "use"
            why, tip = why_no_use, "Train and test on this data set"
        elif not downloading:
            self._does = words = "download"
            why, tip = why_no_download, f"Download {size}; training goes on meanwhile"
        self.button.setText(words.capitalize())
        self.button.setAccessibleName(f"{words.capitalize()} {self._known.title}")
        self.button.setEnabled(not why and not (folder and in_use))
        self.button.setToolTip(why or tip)

    def show_progress(self, fraction: float) -> None:
        """Show how much is here."""
        self.progress.show_fraction(fraction)
        size = self._known.size
        self.amount.setText(f"{megabytes(round(fraction * size))} of {megabytes(size)}")


class KnownSetsWindow(QDialog):
    """Lists the sets, a row each. `wanted` carries what a click does, and the set."""

    wanted = Signal(str, str)

    def __init__(self, sets: Iterable[tuple[KnownSet, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("known_sets")
        self.setWindowTitle("Known data sets")
        self.rows: dict[str, SetRow] = {}
        column = in_column()
        for known, address in sets:
            if self.rows:
                line = QFrame(frameShape=QFrame.Shape.HLine, frameShadow=QFrame.Shadow.Sunken)
                column.addWidget(line)
            row = self.rows[known.name] = SetRow(known, address, self.wanted.emit)
            column.addWidget(row)
        column.addStretch(1)
        lay_out(self, column, button_row(self), 98, 64)

    def open_at(self, name: str) -> None:
        """Come to the front, with the focus at a set if it is named."""
        bring_to_front(self)
        row = self.rows.get(name)
        if row is not None:
            row.button.setFocus(Qt.FocusReason.OtherFocusReason)
            bring_into_view(row)


def _words(name: str) -> QLabel:
    label = named(plain_label(muted=True, wraps=True), name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
