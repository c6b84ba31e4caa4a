"""GarbageCollector: has Python look for garbage in the window's thread, and in no other.

By itself Python looks in whatever thread makes an object when a look is due. Where it finds
listeners to signals there, PySide takes them off: it holds a lock of Qt's while it waits for that
of Python, which the window's thread may hold while it waits for Qt's. Then the program stands
still for ever, or it falls.
"""

import gc

from PySide6.QtCore import QCoreApplication, QTimer, Slot

_LOOK_EVERY = 50  # ms; the longer, the more there is to look through at once


def collect_in_this_thread(app: QCoreApplication) -> None:
    """Have garbage collected in the thread of the application alone, whenever it has time."""
    gc.disable()
    if app.findChild(GarbageCollector) is None:
        GarbageCollector(app).start()


class GarbageCollector(QTimer):
    """Looks now and then whether Python would collect garbage, and does so."""

    def __init__(self, parent: QCoreApplication) -> None:
        super().__init__(parent, interval=_LOOK_EVERY)
        self.timeout.connect(self._collect)

    @Slot()
    def _collect(self) -> None:
        """Collect the oldest generation that is due, and all younger ones with it.

        A threshold of 0 means never. In Python 3.14 it is that of the oldest generation, and the
        counts of all but the youngest go back to 0 with a full collection only. When the youngest
        is due, Python goes through it and a part of all that is old, which is `collect(1)`.
        """
        counts, thresholds = gc.get_count(), gc.get_threshold()
        pairs = enumerate(zip(counts, thresholds, strict=True))
        due = [generation for generation, (count, most) in pairs if 0 < most < count]
        if thresholds[2] == 0:
            due = [1] if 0 in due else []
        if due:
            gc.collect(due[-1])
