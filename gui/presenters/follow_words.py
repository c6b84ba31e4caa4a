"""What is said of a run that is followed."""

from typing import TYPE_CHECKING

from engine.text.words import count

if TYPE_CHECKING:
    from engine.runs.following import RunNews
    from engine.runs.run_folder import Run

QUIET = 60.0  # s without news, from which it is said
_TRAINING = "training"
_NOT_READ = "it cannot be read now"


def follow_words(look: "RunNews", late: str = "") -> str:
    """Say how far a run is, and why nothing comes of it: `epoch 12 of 50`.

    `late` says that a look takes too long.
    """
    run = look.run
    done = f"epoch {run.age(run.epochs):,}" if run.metrics else "no epoch finished yet"
    if run.state in ("", _TRAINING):
        words = f"{done} of {run.age(_goal(run)):,}" if run.metrics else done
    else:
        words = f"{run.state}, {done}"
    if late or look.problem:
        return f"{words} · {late or _NOT_READ}"
    if run.state == _TRAINING and look.quiet >= QUIET:
        return f"{words} · nothing new for {count(int(look.quiet // 60), 'minute')}"
    return words


def _goal(run: "Run") -> int:
    """Return up to which of its epochs a run goes, as it said last."""
    return max(run.metrics[-1].epochs, run.epochs)
