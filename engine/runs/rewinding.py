"""Where to go back to after an explosion: the last good moment that a run has kept."""

import math

from engine.runs.run_folder import Run

_GOOD = 2.0  # times the lowest test loss


def last_good_epoch(run: Run, last: int) -> int | None:
    """Return the latest kept epoch, up to `last`, whose test loss is not far from the lowest.

    A training is often ruined some epochs before its numbers are no longer finite. If all that is
    kept is so, it is the best of these; None if no epoch is kept whose test loss is known.
    """
    losses = {
        each.epoch: each.test_loss
        for each in run.metrics
        if each.epoch <= last and math.isfinite(each.test_loss)
    }
    kept = [epoch for epoch in run.kept_epochs if epoch in losses]
    if not kept:
        return None
    limit = _GOOD * min(losses.values())
    good = (epoch for epoch in reversed(kept) if losses[epoch] <= limit)
    return next(good, min(kept, key=losses.__getitem__))
