"""NetworkPanel: the left side of the window: palette, blocks, totals, inspector."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from engine.arrays import format_shape
from gui.document import Document
from gui.editor.actions import EditorActions
from gui.editor.block_list import BlockList
from gui.editor.inspector import Inspector
from gui.editor.palette import Palette
from gui.editor.problem_label import ProblemLabel
from gui.theme import GRID, set_muted, small_font

_INSPECTOR_HEIGHT = 304  # px; room for a Conv's options without scrolling


class NetworkPanel(QWidget):
    """Builds the network: its blocks, whether they fit, and the options of the selected one."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.network")
        self.setAccessibleName("Network")
        self._document = document
        self.palette_ = Palette(document)
        self.block_list = BlockList(document)
        self.actions_ = EditorActions(document, self.block_list)
        self.inspector = Inspector(document)
        self._input, self._totals = QLabel(), QLabel()
        self._problem = ProblemLabel()
        self._problem.setObjectName("problem")
        self._problem.setAccessibleName("Why the network cannot be trained")
        self._problem.setFont(small_font())
        self._problem.indent_by(GRID)
        self._arrange()
        self.palette_.used_by_mouse.connect(self.block_list.setFocus)
        document.report_changed.connect(self._follow)
        self._follow()

    def _arrange(self) -> None:
        parameters = QLabel("parameters")
        for label in (self._input, parameters, self._totals):
            set_muted(label)
        self._input.setAccessibleName("Input of the network")
        self._totals.setObjectName("totals")
        self._totals.setWordWrap(True)
        self._totals.setContentsMargins(GRID, 0, GRID, 0)
        self._totals.setAccessibleName("Size of the network")
        head = QHBoxLayout()
        head.setContentsMargins(GRID, 0, GRID, 0)
        head.addWidget(self._input)
        head.addStretch()
        head.addWidget(parameters)
        blocks = QWidget()
        column = QVBoxLayout(blocks)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.palette_)
        column.addLayout(head)
        column.addWidget(self.block_list, 1)
        column.addWidget(self._problem)
        column.addWidget(self._totals)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(blocks)
        splitter.addWidget(self.inspector)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setSizes([400, _INSPECTOR_HEIGHT])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID // 2, GRID // 2, GRID // 2, GRID // 2)
        layout.addWidget(splitter)
        self.setMinimumWidth(280)

    @Slot()
    def _follow(self) -> None:
        report, stack = self._document.report, self._document.stack
        self._input.setText(f"Input {format_shape(stack.input_shape)}")
        self._problem.say(report.problem.text if report.problem else "")
        blocks = "1 block" if len(stack) == 1 else f"{len(stack)} blocks"
        self._totals.setText(f"{blocks} · {report.parameters:,} parameters")
        self._totals.setToolTip(f"{report.multiply_adds:,} multiply-adds for one sample")
