"""Runs go for others only after that was said, and a fair time after it to somebody who can act."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine import blocks as kinds
from engine.runs.caps import Caps
from engine.runs.recorder import RunRecorder
from engine.runs.room_maker import FAIR_SECONDS, RoomMaker, read_said
from engine.runs.run_folder import Run
from engine.runs.run_writer import Listener
from engine.runs.store import RunStore, bytes_of
from engine.training.events import EpochDone
from tests.engine.networks import fitting
from tests.engine.runs.clocks import Clock
from tests.engine.runs.recordings import PATIENCE, record, untrained
from tests.engine.training_runs import SETTINGS, training

MB = 1_000_000
ONCE_NEEDED = "as soon as newer runs need the room"


@dataclass
class Told:
    """What was said of which runs, and what of none: that they are gone, or stay."""

    words: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)

    ends: list[str] = field(default_factory=list)

    def __call__(self, text: str, runs: Sequence[Run]) -> None:
        if not runs:
            self.ends.append(text)
            return
        self.words.append(text)
        self.runs.append("".join(run.id for run in runs))


def time_of_day(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def ids(store: RunStore) -> str:
    return "".join(sorted(run.id for run in store.runs()))


def test_what_was_said_is_not_said_again_and_goes_when_it_must(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 5 * MB))
    told = Told()
    RoomMaker(store, told, 0.0).announce(2 * MB)
    assert told.runs == ["ab"]
    assert f" “a” and “b” will be deleted {ONCE_NEEDED}. Pin them" in told.words[0]
    clock.now += 5.0
    later = RoomMaker(store, told, 0.0)
    later.announce(3 * MB + MB // 2)
    assert told.runs == ["ab", "abc"]
    assert f" “a”, “b” and “c” will be deleted {ONCE_NEEDED}. Pin them" in told.words[1]
    assert read_said(store.folder) == {"a": 1e9, "b": 1e9, "c": 1e9 + 5.0}
    later.make_room()
    assert ids(store) == "abcd"
    store.set_caps(Caps(MB, 3 * MB))
    later.make_room()
    assert ids(store) == "cd"


def test_of_many_the_oldest_is_named_also_where_a_new_one_joined(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 5 * MB))
    told = Told()
    RoomMaker(store, told, 0.0).announce(3 * MB + MB // 2)
    RoomMaker(store, told, 0.0).announce(4 * MB + MB // 2)
    assert told.runs == ["abc", "abcd"]
    assert " “a” of 2026-11-01 " in told.words[1]
    assert f" and 3 more will be deleted {ONCE_NEEDED}. Pin them" in told.words[1]


def test_of_runs_with_times_of_their_own_the_one_that_goes_next_is_named_first(
    store: RunStore, clock: Clock
) -> None:
    store.edit(store.find("a"), pinned=True)
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    maker.announce(0)
    clock.now += 5.0
    store.edit(store.find("a"), pinned=False)
    store.set_caps(Caps(MB, 2 * MB + MB // 2))
    maker.announce(0)
    seen: list[str] = []
    clock.meanwhile = lambda: seen.append(ids(store))
    assert maker.make_rest()
    assert told.runs == ["b", "ab", "ba", "a"]
    first = time_of_day(1e9 + FAIR_SECONDS)
    assert f" “b” and “a” will be deleted from {first} on." in told.words[2]
    assert seen == ["abcd", "acd"]
    assert ids(store) == "cd"


def test_what_was_said_is_known_as_long_as_it_is_to_go(store: RunStore, clock: Clock) -> None:
    store.set_caps(Caps(MB, 5 * MB))
    told = Told()
    for _ in range(3):  # runs that take little
        maker = RoomMaker(store, told, FAIR_SECONDS)
        maker.announce(MB)
        maker.make_room()
        assert maker.make_rest()
        maker.announce(MB)
        clock.now += 60.0
    assert (told.runs, told.ends, ids(store)) == (["a"], [], "abcd")
    maker.announce(0)
    maker.announce(MB)
    assert told.runs == ["a", "a"]


def test_what_nobody_said_stays(store: RunStore, clock: Clock) -> None:
    store.set_caps(Caps(MB, 3 * MB))
    told = Told()
    maker = RoomMaker(store, told, 0.0)
    maker.make_room()
    assert maker.make_rest()
    assert (ids(store), told.runs, clock.slept) == ("abcd", [], [])
    assert told.ends == []


def test_somebody_who_can_act_has_a_fair_time(store: RunStore, clock: Clock) -> None:
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    maker.announce(0)
    assert told.runs == ["a"]
    clock.now += 2.0
    maker.make_room()
    assert ids(store) == "abcd"
    seen: list[str] = []
    clock.meanwhile = lambda: seen.append(ids(store))
    assert maker.make_rest()
    assert clock.slept == [FAIR_SECONDS - 2.0]
    assert seen == ["abcd"]
    assert told.runs == ["a", "a"]
    assert (
        f"will be deleted at {time_of_day(1e9 + FAIR_SECONDS)}. Pin it to keep it" in told.words[1]
    )
    assert ids(store) == "bcd"
    maker.announce(0)
    deleted, end = told.ends
    assert deleted.startswith("“a” of 2026-11-01")
    assert deleted.endswith(" was deleted to make room for runs.")
    assert end == ""


def test_what_may_go_between_two_tries_goes_at_the_second(store: RunStore, clock: Clock) -> None:
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    maker.announce(0)
    clock.now += FAIR_SECONDS - 0.01
    maker.make_room()
    assert ids(store) == "abcd"
    clock.now += 0.02
    assert maker.make_rest()
    assert (ids(store), clock.slept) == ("bcd", [])
    assert told.runs == ["a"]  # once
    assert told.ends[0].endswith(" was deleted to make room for runs.")


def test_what_is_pinned_meanwhile_stays_and_the_next_has_its_own_time(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    clock.meanwhile = lambda: store.edit(store.find("a"), pinned=True)
    assert maker.make_rest()
    assert told.runs == ["a", "b"]
    for many, text in enumerate(told.words, 1):
        assert f" at {time_of_day(1e9 + many * FAIR_SECONDS)}. " in text
    assert clock.slept == [FAIR_SECONDS, FAIR_SECONDS]
    assert ids(store) == "acd"


def test_where_one_of_two_is_pinned_what_goes_in_its_place_is_told_and_has_its_own_time(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 2 * MB + MB // 2))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    seen: list[str] = []

    def pin() -> None:
        store.edit(store.find("a"), pinned=True)
        seen.append(ids(store))

    clock.meanwhile = pin
    assert maker.make_rest()
    assert told.runs == ["ab", "c"]
    assert "“c” of 2026-11-03" in told.words[1]
    assert f" at {time_of_day(1e9 + 2 * FAIR_SECONDS)}. " in told.words[1]
    assert clock.slept == [FAIR_SECONDS, FAIR_SECONDS]
    assert seen == ["abcd", "acd"]
    assert ids(store) == "ad"


def test_of_runs_that_may_go_one_after_the_other_the_first_time_is_said(
    store: RunStore, clock: Clock
) -> None:
    told = Told()
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    maker = RoomMaker(store, told, FAIR_SECONDS)
    maker.announce(0)
    clock.now += 5.0
    store.set_caps(Caps(MB, 2 * MB + MB // 2))
    maker.announce(0)
    assert maker.make_rest()
    assert told.runs == ["a", "ab", "ab", "b"]
    first = time_of_day(1e9 + FAIR_SECONDS)
    assert f" “a” and “b” will be deleted from {first} on." in told.words[2]
    assert f"will be deleted at {time_of_day(1e9 + 5.0 + FAIR_SECONDS)}." in told.words[3]
    assert clock.slept == [FAIR_SECONDS - 5.0, 5.0]
    assert ids(store) == "cd"


def test_what_was_said_before_but_takes_the_place_of_a_pinned_one_has_its_own_time_too(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    maker.announce(MB)
    clock.now += 2.0
    clock.meanwhile = lambda: store.edit(store.find("a"), pinned=True)
    assert maker.make_rest()
    assert told.runs == ["ab", "a", "b"]
    assert clock.slept == [FAIR_SECONDS - 2.0, FAIR_SECONDS]
    assert ids(store) == "acd"


def test_what_is_still_to_go_is_said_again_after_others_were_deleted(
    store: RunStore, clock: Clock
) -> None:
    """That they were deleted is shown where the offer to keep the others was."""
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    maker.announce(MB)
    assert maker.make_rest()
    assert (told.runs, ids(store)) == (["ab", "a"], "bcd")
    maker.announce(MB)
    maker.announce(MB)
    assert told.runs == ["ab", "a", "b"]


def test_more_room_meanwhile_lets_all_stay(store: RunStore, clock: Clock) -> None:
    store.set_caps(Caps(MB, MB))
    clock.meanwhile = lambda: store.set_caps(Caps(MB, 9 * MB))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    assert maker.make_rest()
    maker.announce(0)
    assert ids(store) == "abcd"
    assert len(clock.slept) == 1
    assert told.ends == [""]


def test_a_few_runs_that_were_deleted_are_all_named(store: RunStore, clock: Clock) -> None:
    store.set_caps(Caps(MB, 2 * MB + MB // 2))
    told = Told()
    assert RoomMaker(store, told, FAIR_SECONDS).make_rest()
    assert ids(store) == "cd"
    assert told.ends[0] == "“a” and “b” were deleted to make room for runs."


def test_once_there_is_room_again_it_is_said_that_none_is_to_go(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 5 * MB))
    told = Told()
    RoomMaker(store, told, FAIR_SECONDS).announce(MB)
    assert (told.runs, told.ends) == (["a"], [])
    store.set_caps(Caps(MB, 9 * MB))
    RoomMaker(store, told, FAIR_SECONDS).announce(MB)
    assert (told.runs, told.ends) == (["a"], [""])


def test_the_end_of_the_program_is_not_held_up_and_a_later_run_deletes(
    store: RunStore, clock: Clock
) -> None:
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    maker = RoomMaker(store, Told(), FAIR_SECONDS)
    clock.meanwhile = maker.give_up
    assert not maker.make_rest()
    assert (ids(store), len(clock.slept)) == ("abcd", 1)
    told = Told()
    later = RoomMaker(store, told, FAIR_SECONDS)
    later.announce(0)
    later.make_room()
    assert (ids(store), told.runs) == ("bcd", [])


def test_a_run_that_cannot_be_deleted_is_not_tried_for_ever(
    store: RunStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunStore, "_remove", lambda *_: None)
    store.set_caps(Caps(MB, MB))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    assert maker.make_rest()
    assert len(clock.slept) == 1
    maker.announce(0)
    assert (told.runs, told.ends) == (["abcd", "abcd"], [])
    assert f" will be deleted {ONCE_NEEDED}. " in told.words[1]  # the time that was said is over


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": "x"}', b"[1]", b"\xff", b"[" * 9_000])
def test_what_is_damaged_is_said_again(store: RunStore, clock: Clock, content: bytes) -> None:
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    (store.folder / "going.json").write_bytes(content)
    told = Told()
    RoomMaker(store, told, 0.0).announce(0)
    assert told.runs == ["a"]


def test_where_the_times_cannot_be_written_runs_go_in_time_all_the_same(
    store: RunStore, clock: Clock
) -> None:
    (store.folder / "going.json").mkdir()
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    told = Told()
    maker = RoomMaker(store, told, FAIR_SECONDS)
    maker.announce(0)
    clock.now += 5.0
    assert maker.make_rest()
    assert (ids(store), told.runs, clock.slept) == ("bcd", ["a", "a"], [FAIR_SECONDS - 5.0])


def test_a_clock_that_was_set_back_puts_nothing_off_for_long(store: RunStore, clock: Clock) -> None:
    store.set_caps(Caps(MB, 3 * MB + MB // 2))
    RoomMaker(store, Told(), FAIR_SECONDS).announce(0)
    clock.now -= 1e6
    assert RoomMaker(store, Told(), FAIR_SECONDS).make_rest()
    assert clock.slept == [FAIR_SECONDS]


def test_of_many_runs_each_that_goes_was_said_when_one_before_ended_and_the_caps_hold(
    tmp_path: Path,
) -> None:
    store, said = RunStore(tmp_path), list[str]()
    store.set_caps(Caps(MB, MB))
    large = fitting((kinds.Reshape(), kinds.Dense(units=40), kinds.Dense(units=3), kinds.Sigmoid()))
    project, before = untrained(SETTINGS.with_changes(epochs=10), large), set[str]()
    gone = 0
    for _ in range(18):
        known = set(read_said(tmp_path))
        recorded = record(tmp_path, project, store=store)
        said += recorded.heard.said
        now = {run.id for run in store.runs()}
        assert before - now <= known
        assert recorded.run_id in now
        assert bytes_of(tmp_path) <= MB
        gone, before = gone + len(before - now), now
    assert gone > 5
    assert all(f"will be deleted {ONCE_NEEDED}" in each for each in said)
    assert len(said) >= gone


def test_a_writer_gives_somebody_who_can_act_the_time(store: RunStore, clock: Clock) -> None:
    store.set_caps(Caps(MB, 3 * MB))
    told, rested = Told(), list[set[str]]()
    with training() as run:
        listener = Listener(going=told)
        recorder = RunRecorder(store, untrained(), run, listener=listener)
        clock.meanwhile = lambda: rested.append({run.id for run in store.runs()})
        for event in run.run():
            if isinstance(event, EpochDone):
                recorder.after_epoch(event)
        recorder.end("finished")
        assert recorder.wait(PATIENCE)  # for the run, not for the time to act
        assert recorder.writer is not None
        recorder.writer._thread.join(PATIENCE)  # white box: which goes on beside
    assert told.runs[:2] == ["ab", "ab"]  # at the start, and once the time to act goes on
    assert f"will be deleted at {time_of_day(1e9 + FAIR_SECONDS)}. " in told.words[1]
    assert rested == [{*"abcd", recorder.run_id}]
    assert {run.id for run in store.runs()} == {"c", "d", recorder.run_id}
