"""SpeedSwitch: how fast a run goes, from three steps a second to as fast as it can."""

from PySide6.QtCore import QSize, QTimer, Slot

from gui.background.session import Session
from gui.state import Speed
from gui.storage.preferences import PreferencesStore
from gui.widgets.messages import unattended
from gui.widgets.segments import Segments

WORDS: dict[Speed, str] = {"slow": "Slow", "fast": "Fast", "full": "Full"}
_TIPS: dict[Speed, str] = {
    "slow": "About 3 steps a second, each of them shown",
    "fast": "About 30 steps a second",
    "full": "As fast as the network can learn",
}
_AFTER: dict[Speed, Speed] = {"slow": "fast", "fast": "full"}
FIRST_SECONDS: dict[Speed, float] = {"slow": 10.0, "fast": 5.0}


class SpeedSwitch(Segments):
    """Sets the session's speed and remembers it.

    Where none was chosen yet, training is slow at first, so that it can be watched, and goes faster
    by itself after some seconds, unless the user chooses. With nobody to watch it is fast at once.
    """

    def __init__(self, session: Session, preferences: PreferencesStore) -> None:
        super().__init__("run.speed", "Speed of training")
        self._session, self._preferences = session, preferences
        chosen = preferences.current.run_speed
        self.introducing = chosen is None and not unattended()
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._go_faster)
        for word, tip in zip(WORDS.values(), _TIPS.values(), strict=True):
            self.setTabToolTip(self.addTab(word), tip)
        self.currentChanged.connect(self._on_switch)
        session.set_speed(chosen or ("slow" if self.introducing else "full"))
        session.store.show(lambda s: s.run.speed, self._show)
        session.store.watch(lambda s: s.run.phase, self._wait)

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Need the whole word: others in the bar give way."""
        return self.tabSizeHint(index)

    def choose(self, speed: Speed) -> None:
        """Take a speed that the user chose, and remember it."""
        self._keep(speed)
        self._session.set_speed(speed)

    @Slot(int)
    def _on_switch(self, tab: int) -> None:
        speed = list(WORDS)[tab]
        if speed != self._session.run.speed:
            self.choose(speed)

    def _show(self, speed: Speed) -> None:
        self.setCurrentIndex(list(WORDS).index(speed))

    def _wait(self) -> None:
        """Count the seconds in which a first run is watched, while it runs."""
        seconds = FIRST_SECONDS.get(self._session.run.speed)
        if self.introducing and self._session.run.phase == "Training" and seconds is not None:
            self._patience.start(round(seconds * 1000))
        else:
            self._patience.stop()

    @Slot()
    def _go_faster(self) -> None:
        faster = _AFTER[self._session.run.speed]
        if faster not in _AFTER:
            self._keep(faster)
        self._session.set_speed(faster)
        self._wait()

    def _keep(self, speed: Speed) -> None:
        self.introducing = False
        self._patience.stop()
        with self._preferences.changing() as preferences:
            preferences.run_speed = speed
