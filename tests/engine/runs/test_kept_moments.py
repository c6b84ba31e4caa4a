"""Of the moments that are written those stay that there is room for, and no other is written."""

from pathlib import Path

import pytest

from engine.runs.kept_epochs import epochs_to_keep
from engine.runs.kept_moments import KeptMoments
from engine.runs.pending_writes import EpochState
from engine.training.best_epoch import RankingKey
from tests.engine.runs.recordings import untrained
from tests.engine.training_runs import SETTINGS, training

ALL = 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("weights", "states"):
        (tmp_path / part).mkdir()
    return tmp_path


@pytest.fixture
def moments() -> list[EpochState]:
    """Return ten moments of equal size; the best is that of epoch 7."""
    start, run = untrained(SETTINGS), training(SETTINGS)
    with run as trained:
        now = trained.finite_weights, trained.state()
    shares = [0.9 if epoch == 7 else 0.5 for epoch in range(10)]
    also = start.stack, 0.5, *now
    return [
        EpochState(epoch, RankingKey(True, False, share, -1.0), *also)
        for epoch, share in enumerate(shares)
    ]


def epochs_in(folder: Path) -> list[list[int]]:
    parts = (folder / part for part in ("weights", "states"))
    return [sorted(int(path.name[6:10]) for path in part.iterdir()) for part in parts]


def test_what_is_left_out_would_have_been_deleted(folder: Path, moments: list[EpochState]) -> None:
    start = untrained(SETTINGS)
    kept = KeptMoments(folder, start, ALL, tuple)
    kept.write(moments[0])
    (size,) = kept.sizes.values()
    written = sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
    assert size == written > moments[0].bytes
    tight = KeptMoments(folder, start, 6 * size, lambda: (3,))
    tight.write(moments[0])
    chosen = tight.to_keep(moments[1:])
    for moment in chosen:
        tight.write(moment)
        tight.thin()
    expected = sorted(epochs_to_keep(range(10), 6, best=7, bookmarks=(3,)))
    assert {3, 7, 9} <= {*expected}
    assert epochs_in(folder) == [expected, expected]
    assert sorted(tight.sizes) == expected
    assert [each.epoch for each in chosen] == [epoch for epoch in expected if epoch]


def test_one_stays_however_little_room_there_is(folder: Path, moments: list[EpochState]) -> None:
    kept = KeptMoments(folder, untrained(SETTINGS), 1, tuple)
    for moment in moments:
        kept.write(moment)
        kept.thin()
    assert epochs_in(folder) == [[9], [9]]
