"""What is said of runs that have to go stays true where several trainings make room at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event

import pytest

from engine.runs.caps import Caps
from engine.runs.recorder import RunRecorder
from engine.runs.room_maker import FAIR_SECONDS, RoomMaker, read_said, write_said
from engine.runs.run_folder import Run
from engine.runs.run_writer import Listener
from engine.runs.store import RunStore, bytes_of
from tests.engine.runs.clocks import Clock
from tests.engine.runs.recordings import PATIENCE, untrained
from tests.engine.training_runs import training

MB = 1_000_000


def ids(store: RunStore) -> str:
    return "".join(sorted(run.id for run in store.runs()))


@dataclass
class Shown:
    """The runs that stand in the window, after what all that make room have told."""

    runs: str = ""
    some: Event = field(default_factory=Event)  # once there are any

    def __call__(self, _text: str, runs: Sequence[Run]) -> None:
        self.runs = "".join(sorted(run.id for run in runs))
        if runs:
            self.some.set()


def said_of(store: RunStore) -> str:
    """Return the runs that the next one may delete without another word."""
    return "".join(sorted(read_said(store.folder).keys() & set(ids(store))))


def test_what_one_says_stays_when_another_has_waited_for_nothing(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    shown = Shown()
    older, newer = (RoomMaker(store, shown, FAIR_SECONDS) for _ in range(2))
    older.announce(0)
    seen: list[str] = []

    def make_room_in_its_place() -> None:
        clock.now += FAIR_SECONDS
        newer.make_room()
        newer.announce(MB)
        seen.append(shown.runs)

    clock.meanwhile = make_room_in_its_place
    assert older.make_rest()
    seen.append(shown.runs)
    older.announce(MB)
    assert [*seen, shown.runs, said_of(store), ids(store)] == ["b", "b", "b", "b", "bcd"]


def test_what_a_smaller_run_takes_back_is_neither_shown_nor_deleted(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 5 * MB))
    shown = Shown()
    large, small = (RoomMaker(store, shown, FAIR_SECONDS) for _ in range(2))
    large.announce(3 * MB)
    assert (shown.runs, said_of(store)) == ("abc", "abc")
    small.announce(MB)
    assert (shown.runs, said_of(store)) == ("a", "a")
    small.announce(0)
    assert (shown.runs, said_of(store)) == ("", "")
    clock.now += FAIR_SECONDS
    store.set_caps(Caps(MB, 3 * MB))
    large.make_room()
    assert ids(store) == "abcd"


@pytest.mark.parametrize("seed", range(8))
def test_the_window_shows_what_may_go_whoever_says_it(
    store: RunStore, clock: Clock, seed: int
) -> None:
    """Three runs at once, in any order; each time to act is one in which others do something."""
    random, shown = Random(seed), Shown()
    makers = [RoomMaker(store, shown, FAIR_SECONDS) for _ in range(3)]
    most = 6 * MB

    def run_on(maker: RoomMaker) -> None:
        before, may_go = set(ids(store)), set(said_of(store))
        if random.random() < 0.3:
            store.set_caps(Caps(MB, random.randrange(MB, most)))
        if random.random() < 0.5:
            maker.make_room()
            assert before - set(ids(store)) <= may_go
        else:
            assert maker.make_rest()
        maker.announce(random.randrange(2 * MB))
        assert shown.runs == said_of(store)

    def act() -> None:
        clock.now += random.uniform(0.0, FAIR_SECONDS)
        if len(clock.slept) < 60:
            run_on(random.choice(makers))

    clock.meanwhile = act
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    assert makers[0].make_rest()
    makers[0].announce(MB)
    for _ in range(12):
        clock.now += random.uniform(0.0, FAIR_SECONDS)
        run_on(random.choice(makers))
    assert clock.slept


def test_what_is_still_to_go_is_shown_where_a_training_deletes_another_at_its_begin(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, bytes_of(store.folder) - bytes_of(store.folder / "a")))
    write_said(store.folder, {"a": clock.now - FAIR_SECONDS, "b": clock.now - 5.0})
    shown = Shown()
    with training() as run:
        recorder = RunRecorder(store, untrained(), run, listener=Listener(going=shown))
        assert shown.some.wait(PATIENCE)
        assert (shown.runs, store.find("b").id) == ("b", "b")
        assert "a" not in {each.id for each in store.runs()}
        recorder.end("stopped")
        assert recorder.wait(PATIENCE)
        assert recorder.writer is not None
        recorder.writer._thread.join(PATIENCE)  # white box: which goes on beside


def test_a_run_whose_name_is_not_utf_8_is_not_written_down(tmp_path: Path) -> None:
    assert not write_said(tmp_path, {"a\udcff": 1.0})
    assert write_said(tmp_path, {"a": 1.0})
    assert read_said(tmp_path) == {"a": 1.0}
