"""The pace of a run: how many steps a second, and that a wish is never kept waiting."""

from gui.background.mailbox import Inbox
from gui.background.worker import StepPace


class _Watch(Inbox):
    """Notes how long it is asked to wait, and waits for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.waiting


def test_a_wish_comes_before_giving_way_is_over() -> None:
    pace, watch = StepPace(), _Watch()
    pace.give_way(True)
    watch.put(mode="idle")
    assert pace.wish_comes_first(watch)
