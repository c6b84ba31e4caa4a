"""What Train does next, in words for the run bar."""

from engine.model.training_state import next_state, what_begins_anew
from gui.document.document import Document


def next_run_words(document: Document, samples: int) -> str:
    """Return how far Train goes through so many samples, and first what of the last run is lost."""
    known = document.learned.state, document.report, document.settings, samples
    done = document.trained_epochs
    anew, begun = what_begins_anew(*known, done), next_state(*known, done)
    if begun.epochs_done > begun.first_epoch or begun.part.steps:
        text = f"Train goes on with epoch {done + 1:,} of {begun.last_epoch:,}."
    else:
        often = begun.last_epoch - done
        text = f"Train goes through {samples:,} training digits {_often(often)}"
        text += f", after the {done:,} done." if done else "."
    return f"{anew} {text}" if anew else text


def _often(times: int) -> str:
    return "once" if times == 1 else f"{times:,} times"
