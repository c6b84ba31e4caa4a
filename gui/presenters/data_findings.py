"""DataFindingsPresenter: has the data examined, shows what is found and does what is offered."""

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from engine.advice.repairs import offer_classes
from engine.data.doctor import Examination, Finding, examine, file_findings
from gui.background.latest_task import LatestTask, Report
from gui.background.mailbox import LoadedData
from gui.background.session import Session
from gui.document.document import Document
from gui.document.edits import Edits
from gui.panels.data import DataPanel


class DataFindingsPresenter(QObject):
    """Examines new data beside the window as soon as the data panel can be seen."""

    def __init__(
        self,
        document: Document,
        edits: Edits,
        session: Session,
        panel: DataPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._edits, self._session = document, edits, session
        self._panel, self._page = panel, panel.findings
        self._task = LatestTask(self)
        self._stale = True  # what is shown is not of the present data
        session.data_loaded.connect(self._on_data)
        panel.visibility_changed.connect(self._examine)
        self._page.remedy_wanted.connect(self._take)
        self._examine()

    @Slot()
    def _on_data(self) -> None:
        self._stale = True
        self._examine()

    @Slot()
    def _examine(self) -> None:
        data = self._session.data
        if not self._stale or not self._panel.isVisible():
            return
        self._stale = False
        self._task.give_up()
        if data is None or data.parts is None:
            self._page.show_nothing()
        elif data.train is None or data.test is None:  # the files may be why
            findings = tuple(file_findings(data.parts))
            if findings:
                self._page.show_findings(findings, data.parts.refused, _source(data))
            else:
                self._page.show_nothing()
        else:
            self._page.show_nothing(busy=True)
            self._begin(data)

    def _begin(self, data: LoadedData) -> None:
        limit = data.key.limit

        def work(report: Report) -> Examination:
            assert data.parts is not None
            assert data.train is not None
            assert data.test is not None
            return examine(data.parts, data.train, data.test, limit, report)

        def done(found: Examination) -> None:
            self._page.show_findings(found.findings, found.refused, _source(data))

        self._task.begin(work, done, failed=lambda _: self._page.show_nothing())

    @Slot(object)
    def _take(self, finding: Finding) -> None:
        """Change the settings, and with the classes the end of the network, in one undo step."""
        if finding.without_copies:
            self._edits.change_setting("copies", "leave_out")
            return
        document, data = self._document, self._session.data
        classes = tuple(
            each for each in document.settings.classes if each not in finding.without_classes
        )
        if data is None or data.train is None or len(classes) < 2:
            return
        offer = offer_classes(document.stack, document.settings, classes, data.train.input_shape)
        if offer is not None:
            words = (
                "Leave a class out" if len(finding.without_classes) == 1 else "Leave classes out"
            )
            self._edits.take_offer(replace(offer, label=words))
        else:
            self._edits.change_setting("classes", classes)


def _source(data: LoadedData) -> Path:
    return Path(os.path.expanduser(data.key.data))
