"""BasePanel: what all panels share."""

from collections.abc import Callable, Sequence

from gui.widgets.layouts import VisibilityNotifier


class BasePanel(VisibilityNotifier):
    """A panel of a name and a title, whose setters only store: it is drawn when `dirty`.

    One that is drawn bit by bit has `parts` of its own, any other `refresh`.
    """

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(f"panel.{name}")
        self.setAccessibleName(title)
        self.dirty = False

    def refresh(self) -> None:
        """Draw the newest values and be clean, at once."""
        for draw in self.parts():
            draw()

    def parts(self) -> Sequence[Callable[[], object]]:
        """Be clean, and return what draws the newest values, first what is said in words."""
        return [self.refresh]
