"""What all runs take, and which would go first."""

import pytest

from engine.runs.caps import Caps
from engine.runs.room_use import RoomUse
from engine.runs.store import RunStore
from tests.engine.runs.conftest import MB


@pytest.mark.parametrize(
    ("run_bytes", "all_bytes", "over", "going", "sentence"),
    [
        (MB, 10 * MB, "", "", "There is room for another run: none would be deleted for it."),
        (
            2 * MB,
            5 * MB,
            "",
            "ab",
            "For another large run 2 runs would be deleted, the oldest first.",
        ),
        (
            MB,
            3 * MB,
            "ab",
            "abc",
            "Soon after a training ends 2 runs will be deleted, the oldest first.",
        ),
    ],
    ids=["room", "none for another", "too much"],
)
def test_it_is_said_which_runs_go(
    store: RunStore, run_bytes: int, all_bytes: int, over: str, going: str, sentence: str
) -> None:
    store.set_caps(Caps(run_bytes, all_bytes))
    use = RoomUse.of(store)
    assert use.taken == store.total_bytes()
    assert use.caps == Caps(run_bytes, all_bytes)
    assert "".join(run.id for run in use.over) == over
    assert "".join(run.id for run in use.going) == going
    assert use.sentence.startswith(sentence)
    assert use.first == (use.over or use.going)


def test_all_that_go_first_are_known_by_name(store: RunStore) -> None:
    store.set_caps(Caps(MB, MB))
    assert [run.title for run in RoomUse.of(store).first] == [*"abcd"]
    store.edit(store.find("a"), pinned=True)
    use = RoomUse.of(store)
    assert [run.title for run in use.first] == [*"bcd"]
    assert "3 runs will be deleted, the oldest first. Pin" in use.sentence
    store.set_caps(Caps(MB, 9 * MB))
    assert RoomUse.of(store).first == ()
