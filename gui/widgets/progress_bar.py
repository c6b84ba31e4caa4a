"""ProgressBar: how far something is, as a share of the whole."""

from PySide6.QtWidgets import QProgressBar

_STEPS = 1000


class ProgressBar(QProgressBar):
    """A bar without figures."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(0, _STEPS)
        self.setTextVisible(False)

    def show_fraction(self, fraction: float | None) -> None:
        """Fill a share of it, from 0 to 1; None: that is not known."""
        self.setRange(0, 0 if fraction is None else _STEPS)
        if fraction is not None:
            self.setValue(round(fraction * _STEPS))
