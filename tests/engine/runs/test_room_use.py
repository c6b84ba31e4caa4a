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
        (2 * MB, 5 * MB, "", "ab", "For another large run these would be deleted: “a”, “b”."),
        (MB, 3 * MB, "ab", "abc", "Soon after a training ends these will be deleted: “a”, “b”."),
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


def test_of_many_three_are_named(store: RunStore) -> None:
    store.set_caps(Caps(MB, MB))
    assert "“a”, “b”, “c” and 1 other. Pin" in RoomUse.of(store).sentence
    store.edit(store.find("a"), pinned=True)
    assert "“b”, “c”, “d”. Pin" in RoomUse.of(store).sentence
