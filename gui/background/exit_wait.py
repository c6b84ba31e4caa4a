"""What is done when Python ends and a thread of Qt still runs, which would abort the program."""

from PySide6.QtCore import QThread

from engine.cli.process_exit import exit_at_once
from engine.cli.say import say

QUIET_SECONDS, LAST_SECONDS = 1.0, 10.0


def wait_at_last(thread: QThread, what: str) -> None:
    """Wait until a thread has ended, and say for what if that takes its time.

    One that does not end in the end is cut off, and the program with it.
    """
    if thread.wait(round(1000 * QUIET_SECONDS)):
        return
    say(f"Layerscope waits until this has ended, up to {LAST_SECONDS:.0f} s: {what}", aside=True)
    if not thread.wait(round(1000 * LAST_SECONDS)):
        say(f"This was cut off: {what}", aside=True)
        exit_at_once(1)
