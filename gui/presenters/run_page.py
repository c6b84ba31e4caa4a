"""RunPage: what the pages of the panel Runs have that speak of test images."""

from PySide6.QtCore import QObject, Signal

from gui.background.jobs import Jobs
from gui.background.latest_task import LatestTask
from gui.background.view import View
from gui.presenters.run_images import RunImages
from gui.runs.run_list import RunList


class RunPage(QObject):
    """Holds the list of the runs, what they said, what the panels show, and a thread to read in.

    `pinned` carries samples and the index of one of them that is to be pinned.
    """

    pinned = Signal(object, int)

    def __init__(
        self,
        runs: RunList,
        images: RunImages,
        view: View,
        jobs: Jobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._runs, self._images, self._view, self._jobs = runs, images, view, jobs
        self._reading = LatestTask(self)
