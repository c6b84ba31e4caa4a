"""Context: what every view and dialog of one window works with."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from gui.background.jobs import Jobs
from gui.background.session import Session
from gui.background.view import View
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.storage.preferences import PreferencesStore
from gui.widgets.messages import MessageBar


@dataclass(frozen=True, eq=False)
class Context:
    """The open project with what changes, trains and looks at it, and where the window says what.

    `show_view` brings the view of a title into sight, `enlarge_view` gives it the room of others.
    """

    window: QMainWindow
    document: Document
    edits: Edits
    kernel_edits: KernelEdits
    session: Session
    view: View
    jobs: Jobs
    preferences: PreferencesStore
    messages: MessageBar
    show_view: Callable[[str], object]
    enlarge_view: Callable[[str], object]


class Presenter(QObject):
    """One that stands between the context and something that is shown; it ends with the window."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.window)
        self._window, self._show_view = context.window, context.show_view
        self._document, self._edits = context.document, context.edits
        self._kernel_edits = context.kernel_edits
        self._session, self._view, self._jobs = context.session, context.view, context.jobs
        self._preferences, self._messages = context.preferences, context.messages
