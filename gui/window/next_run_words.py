"""What Train does next, in words for the run bar and for the button."""

from engine.model.training_state import next_state, what_begins_anew
from gui.document.document import Document

_MOST_NAMED = 99  # epochs; the button has room for two figures


def next_run_words(document: Document, samples: int) -> str:
    """Return how far Train goes, and first what of the last run is lost.

    `samples` are the loaded training samples, those that are held out for validation among them.
    """
    known = document.learned.state, document.report, document.settings, samples
    done = document.trained_epochs
    anew, begun = what_begins_anew(*known, done), next_state(*known, done)
    if begun.epochs_done > begun.first_epoch or begun.part.steps:
        text = f"Train goes on with epoch {done + 1:,} of {begun.last_epoch:,}."
    else:
        more = begun.last_epoch - done
        images = document.settings.trained_samples(samples)
        text = f"Next: {images:,} images × {'1 epoch' if more == 1 else f'{more:,} epochs'}"
        text += f", after {done:,} so far" if done else ""
    return f"{anew} {text}" if anew else text


def next_run_button(document: Document, samples: int) -> tuple[str, str]:
    """Return what the button is called before a run, and its tooltip."""
    done = document.trained_epochs
    state = document.learned.state
    begun = next_state(state, document.report, document.settings, samples, done)
    if begun.epochs_done > begun.first_epoch or begun.part.steps:
        return "Train on", f"Go on with epoch {done + 1:,} of {begun.last_epoch:,}"
    if not done:
        return "Train", "Train the network"
    more = begun.last_epoch - done
    epochs = "1 more epoch" if more == 1 else f"{more:,} more epochs"
    word = epochs if more <= _MOST_NAMED else "More epochs"
    return word, f"Train for {epochs}, after {done:,} so far"
