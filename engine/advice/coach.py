"""Coach: what just happened in a training, and what to try next, in one sentence or two."""

import math
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise, takewhile

import numpy as np

from engine.advice.training_log import Action, Advice, Epoch, Log, Pace, pace_of
from engine.data.handwriting import is_bright
from engine.model.settings import Settings
from engine.text.words import count, percent
from engine.training.best_epoch import ranked_by, ranking_key

_LAST_EPOCHS = 5  # that tell whether the loss still falls
_GOOD = 0.9  # a network that has so many right is not told that it learns slowly
_ABOVE_CHANCE = 0.1
_FELL = 0.15  # of all test images; a noisy epoch costs less
_WORSE = 1.2  # times the loss of a network to which all classes are equally likely
_GAP = 0.05  # between training and test accuracy: learned by heart
_BY_HEART = 0.97
_MORE_SAMPLES = 5
_CLEARLY = 0.99  # times the lowest loss before
_LOW = 0.5  # times the usual rate
_APART = 3  # times another rate; nearer ones do much the same
_STRONG = 0.9  # momentum that makes as much of a step as the learning rate does

_USUAL_RATES = {"sgd": 0.1, "adam": 0.001, "adamw": 0.001}
_MEANS = ("bce", "mse")  # losses that are means over the classes
_MOST_CLASSES = 10
_USUAL_BATCH = 32

_MISTAKES = Action("panel", "Confusion matrix", "Confusion matrix")
_GRADIENTS = Action("panel", "Show gradients", "Gradients")
_DATA = Action("panel", "Show data", "Data")
_DRAW = Action("panel", "Draw", "Draw")

NOTHING_KEPT = Advice("lost", "No epoch of this training is kept any more: Reset begins again.")


def advise(log: Log, settings: Settings, silent: Collection[str] = ()) -> Advice | None:
    """Return the most important advice on a training, but for causes that are `silent`."""
    for rule in _RULES.get(log.state, _OVER):
        advice = rule(log, settings)
        if advice is not None and advice.cause not in silent:
            return advice
    return None


def went_back(number: int, test_accuracy: float) -> Advice:
    """Return what is said once the network is that of an epoch before."""
    right = f"with {percent(test_accuracy)} of the test images right"
    return Advice("back", f"Back at epoch {number:,}, {right}. Train goes on from there.")


# --- before and at the start -----------------------------------------------------------------


def _no_data(log: Log, _settings: Settings) -> Advice | None:
    if not log.data_problem:
        return None
    action = _DATA if log.unread else Action("input", "Choose data", "dataset")
    if log.fit is not None:
        action = Action("fit", log.fit.label)
    return Advice("data", log.data_problem, action)


def _offer(log: Log, _settings: Settings) -> Advice | None:
    return log.offer


def _first_of_all(log: Log, _settings: Settings) -> Advice | None:
    text = "The first steps run slowly so that you can watch it learn."
    return Advice("slow", f"Click {log.train_word}. {text}") if log.slow else None


def _slow(log: Log, _settings: Settings) -> Advice | None:
    if not (log.slow and log.running):
        return None
    text = "Slow motion: about three steps a second. Soon it speeds up by itself."
    return Advice("slow start", text, Action("speed", "Full speed now", value="full"))


# --- steps that were too large ---------------------------------------------------------------


def _exploded(log: Log, settings: Settings) -> Advice | None:
    best, last = log.best, log.last
    if last is None or not last.exploded:
        return None
    blamed = _blamed(log, settings)
    what = "is too high here" if blamed == last.pace else "had ruined the weights before"
    text = f"The numbers grew without end: {_in_words(blamed)} {what}."
    if best is not None and best.test_accuracy > _chance(settings):
        text += f" Epoch {best.number:,} was the best by {ranked_by(best)} accuracy."
        return Advice("exploded", text, _to_best(best, _rate_after(best, log, settings)), log.fault)
    action = _reset(_lower_rate(blamed, log, settings))
    return Advice("exploded", f"{text} No good epoch is kept: begin again.", action, log.fault)


def _bright(log: Log, settings: Settings) -> Advice | None:
    """Tell of images on white, of which a network learns badly with steps of a usual size."""
    best, data = log.best, log.training
    if data is None or best is None or len(log.epochs) < _LAST_EPOCHS:
        return None
    if best.test_accuracy >= _GOOD or _was_fast(log, settings) or not is_bright(data):
        return None
    return Advice(
        "bright",
        "The images have a white background, so that nearly all inputs are 1. It learns much "
        "better from standardised inputs.",
        None if log.running else Action("reset", "Standardise and reset", "scaling", "standard"),
    )


def _ruined(log: Log, settings: Settings) -> Advice | None:
    """Tell of steps that have ruined what was learned, though other steps may have followed."""
    best, last, fallen = log.best, log.last, _fallen(log)
    if best is None or last is None or last.exploded or not fallen:
        return None
    if best.test_accuracy < _chance(settings):
        return None
    good = log.epochs[-len(fallen) - 1]
    raised = _raised(good.pace, fallen[0].pace) or _raised(best.pace, fallen[0].pace)
    if log.running and not raised and len(fallen) == 1:  # it may be chance
        return None
    why, rate = ".", None
    if raised or _times_usual(fallen[0].pace, settings) > _LOW:
        pace = _sentence(_in_words(fallen[0].pace))
        why = f", since {raised}." if raised else f". {pace} may be too high."
        rate = _rate_after(best, log, settings)
    return Advice(
        "ruined",
        f"The test accuracy fell from {percent(best.test_accuracy)} to "
        f"{percent(last.test_accuracy)}{why}",
        _to_best(best, rate),
        f"Epoch {best.number:,} is the best by {ranked_by(best)} accuracy.",
    )


def _worse_than_guesses(log: Log, settings: Settings) -> Advice | None:
    """Tell of steps that were too large from the start, whatever they did to which block.

    A network that cannot learn soon answers as if all classes were equally likely. Only large steps
    lead away from there to a loss that is clearly higher, and have spoilt what a lower rate needs.
    One with large initial weights may have begun far off.
    """
    last, blamed = log.last, _blamed(log, settings)
    if last is None or not _only_guesses(log, settings) or not _was_fast(log, settings):
        return None
    least = min(last.loss, last.test_loss)  # what it learns may not show in a few test images yet
    if settings.initializer == "normal" or least <= _WORSE * even_loss(settings):
        return None
    text = f"{_sentence(_in_words(blamed))} is too high here: the answers are worse than guesses."
    return Advice(
        "worse",
        f"{text} Begin again with a lower one.",
        None if log.running else _reset(_lower_rate(blamed, log, settings)),
    )


def _trouble(log: Log, settings: Settings) -> Advice | None:
    symptom, last, guesses = log.symptom, log.last, _only_guesses(log, settings)
    if symptom is None or (last is not None and last.test_accuracy >= _GOOD):
        return None
    trouble, is_stuck = symptom.trouble, symptom.trouble in ("dead", "saturated")
    if is_stuck and not (guesses or _stalls(log.epochs)):  # the other units learn
        return None
    action = _GRADIENTS
    by_rate = (is_stuck or trouble == "no_gradient") and _was_fast(log, settings)
    if log.epochs and guesses and not log.running and (by_rate or trouble == "too_large"):
        rate = _lower_rate(_blamed(log, settings), log, settings)
        action = _reset(rate) or _GRADIENTS  # nothing is left to use
    return Advice(trouble, symptom.text, action)


def _fallen(log: Log) -> tuple[Epoch, ...]:
    """Return the last epochs that are so much worse than the best before them that it is no noise.

    The first of them has ruined what was learned, and those since then have not mended it.
    """
    limit = (0.0 if log.best is None else log.best.test_accuracy) - _FELL
    late = takewhile(lambda each: each.test_accuracy <= limit, log.epochs[::-1])
    return tuple(late)[::-1]


def _only_guesses(log: Log, settings: Settings) -> bool:
    """Return whether no epoch is known in which the network did more than guess."""
    return all(epoch.test_accuracy <= _chance(settings) for epoch in log.epochs)


def _chance(settings: Settings) -> float:
    """Return the accuracy up to which a network may just be guessing between the classes."""
    return 1 / len(settings.classes) + _ABOVE_CHANCE


def even_loss(settings: Settings) -> float:
    """Return the loss of a network to which all classes are equally likely."""
    from engine.model.losses import LOSSES  # brings the numerics

    classes = len(settings.classes)
    outputs = np.full((1, classes), 1 / classes, np.float32)
    return float(LOSSES[settings.loss].values(outputs, np.eye(1, classes, dtype=np.float32))[0])


# --- learning rates --------------------------------------------------------------------------


def _raised(before: Pace, after: Pace) -> str:
    """Say what makes steps larger than before; empty: nothing that is known."""
    if before.optimizer != after.optimizer:
        return "the optimizer was changed"
    return " and ".join(
        f"the {name} was raised from {old:g} to {new:g}"
        for name, old, new in (
            ("learning rate", before.rate, after.rate),
            ("momentum", before.momentum, after.momentum),
        )
        if new > old
    )


def _in_words(pace: Pace) -> str:
    strong = f" with a momentum of {pace.momentum:g}" if pace.momentum >= _STRONG else ""
    return f"a learning rate of {pace.rate:g}{strong}"


def _blamed(log: Log, settings: Settings) -> Pace:
    """Return what made the largest steps, of those that no epoch has mended since."""
    if _only_guesses(log, settings):
        paces = [epoch.pace for epoch in log.epochs]
    else:
        paces = [epoch.pace for epoch in _fallen(log)]
    return max(paces, key=lambda each: _times_usual(each, settings), default=pace_of(settings))


def _was_fast(log: Log, settings: Settings) -> bool:
    """Return whether some steps were made with a rate above the usual one."""
    return any(_times_usual(epoch.pace, settings) > 1 for epoch in log.epochs)


def _rate_after(good: Epoch, log: Log, settings: Settings) -> float | None:
    """Choose the rate to go on with from a good epoch: the one of then, if steps became larger."""
    now, blamed = pace_of(settings), _blamed(log, settings)
    if good.optimizer != now.optimizer or good.momentum < now.momentum:
        lower = _lower_rate(blamed, log, settings)
        return None if lower is None else min(lower, good.rate)
    if _raised(good.pace, blamed):
        was_low = _times_usual(good.pace, settings) <= _LOW  # and it was right to raise it
        return _untried(good.rate, log, settings) if was_low else min(good.rate, now.rate)
    return now.rate if now.rate < blamed.rate else _untried(now.rate / 10, log, settings)


def _lower_rate(blamed: Pace, log: Log, settings: Settings) -> float | None:
    """Choose a rate that is clearly lower than what is to blame, and not above the usual one.

    It is the present one, if that was lowered to a usual one by hand; None: all were tried, or
    none is lower.
    """
    now = pace_of(settings)
    times = _times_usual(now, settings)
    if times <= 1 and times < _times_usual(blamed, settings):
        return now.rate
    lower = _rounded(min(now.rate / 10, usual_rate(now, settings)))
    return _untried(lower, log, settings) if lower < now.rate else None


def _untried(rate: float, log: Log, settings: Settings) -> float | None:
    """Return a rate, or one on the way to it if a rate there was tried; None: there is none.

    So the rates that are advised never come back to one that an advice led away from.
    """
    now, rate = pace_of(settings), _rounded(rate)
    least, most = sorted((now.rate, rate))
    others = (pace.rate for pace in log.tried if pace._replace(rate=now.rate) == now)
    between = [other for other in others if least <= other <= most and other != now.rate]
    if not between:
        return rate
    low, high = sorted((now.rate, max(between) if rate < now.rate else min(between)))
    return _rounded(math.sqrt(low * high)) if high >= _APART * low else None


def _times_usual(pace: Pace, settings: Settings) -> float:
    return pace.rate / usual_rate(pace, settings)


def usual_rate(pace: Pace, settings: Settings) -> float:
    """Return the learning rate that an optimizer usually learns with, by loss and batch size.

    Momentum adds up steps of one direction, to a total 1 / (1 - momentum) times as far.
    """
    scale = _gradient_scale(settings) if pace.optimizer == "sgd" else 1.0
    return float(f"{_USUAL_RATES[pace.optimizer] * scale * (1 - pace.momentum):.0e}")


def _gradient_scale(settings: Settings) -> float:
    """Return how much larger than usual the rate of SGD may be, whose steps are as its gradients.

    Those of a mean over the classes are smaller by their number. Those of small batches are noisy
    by the root of their size: so of these there is less to gain.
    """
    if settings.loss not in _MEANS:
        return 1.0
    classes = min(len(settings.classes), _MOST_CLASSES)
    return max(1.0, classes * math.sqrt(min(settings.batch_size / _USUAL_BATCH, 1.0)))


def _rounded(rate: float) -> float:
    """Round a rate to one digit, within the limits of the setting."""
    return float(f"{min(max(rate, 1e-8), 1000.0):.0e}")


# --- what it learns --------------------------------------------------------------------------


def _overfitting(log: Log, settings: Settings) -> Advice | None:
    last = log.last
    if last is None or len(log.epochs) < _LAST_EPOCHS or last.accuracy < _BY_HEART:
        return None
    if last.accuracy - last.test_accuracy < _GAP:
        return None
    limit, more = settings.limit, settings.limit * _MORE_SAMPLES
    allowed = settings.trained_samples(limit * len(settings.classes))
    there_are_more = limit and log.samples >= allowed and not log.running
    return Advice(
        "overfitting",
        f"It has memorised its {log.samples:,} training images ({percent(last.accuracy)}) but gets "
        f"only {percent(last.test_accuracy)} of the test images right. More images or Dropout "
        "would help.",
        Action("setting", f"Use {more:,} per class", "limit", more) if there_are_more else None,
    )


def _at_chance(log: Log, settings: Settings) -> Advice | None:
    """Tell of a network that still guesses after some epochs: a usual rate is not to blame."""
    epochs, last = log.epochs, log.last
    if last is None or len(epochs) < _LAST_EPOCHS:
        return None
    shares = [max(each.test_accuracy, each.accuracy) for each in epochs]
    if max(sum(shares) / len(shares), shares[-1]) > _chance(settings):  # a better one may be luck
        return None
    rate, usual = settings.learning_rate, usual_rate(pace_of(settings), settings)
    other = None if _LOW * usual < rate <= usual else _untried(usual, log, settings)
    text = "Another learning rate will hardly help: look at Gradients, and at Problems in Data."
    if other is not None:
        text = f"Try a {'lower' if other < rate else 'higher'} learning rate, after a Reset."
    return Advice(
        "chance",
        f"After {last.number:,} epochs it still guesses between {len(settings.classes)} "
        f"classes ({percent(last.test_accuracy)} right). {text}",
        _DATA if other is None else _set_rate(other),
    )


def _stalls(epochs: Sequence[Epoch]) -> bool:
    """Return whether the loss has not clearly fallen in the last epochs."""
    losses = [each.loss for each in epochs]
    before, recent = losses[:-_LAST_EPOCHS], losses[-_LAST_EPOCHS:]
    return bool(before) and min(recent) > _CLEARLY * min(before)


# --- the end ---------------------------------------------------------------------------------


def _early(log: Log, _settings: Settings) -> Advice | None:
    best, last = log.best, log.last
    if not log.finished or not log.ended_early or last is None:
        return None
    text, action = f"Finished early. {log.ended_early}", _MISTAKES
    if best is not None and best.number < last.number:
        right = percent(ranking_key(best).accuracy)
        text += f" Epoch {best.number:,} was the best by {ranked_by(best)} accuracy: {right}."
        action = _to_best(best)
    return Advice("early", text, action)


def _learns_on(log: Log, settings: Settings) -> Advice | None:
    """Tell of a network that has not learned enough at its end, and gets better with each epoch.

    Steps that are too large make a loss go up and down; where it falls and falls, they may be
    larger, unless their rate is a usual one already.
    """
    last = log.last
    if not log.finished or last is None or max(last.accuracy, last.test_accuracy) >= _GOOD:
        return None
    recent = log.epochs[-_LAST_EPOCHS - 1 :]
    falls = [later.loss < each.loss for each, later in pairwise(recent)]
    if len(falls) < _LAST_EPOCHS or falls.count(False) > 1:
        return None
    if last.test_loss >= recent[0].test_loss:
        return None
    right = f"Finished: {percent(last.test_accuracy)} of the test images are right, and the loss"
    rate, usual = settings.learning_rate, usual_rate(pace_of(settings), settings)
    other = None if rate > _LOW * usual else _untried(usual, log, settings)
    if other is None:
        return Advice("on", f"{right} still falls. Click {log.train_word} to go on.")
    text = f"falls slowly. A learning rate of {rate:g} may be too low: try {other:g}."
    return Advice("slowly", f"{right} {text}", _set_rate(other))


def _settled(log: Log, _settings: Settings) -> Advice | None:
    best, last = log.best, log.last
    if not log.finished or best is None or last is None or last.test_accuracy >= 1:
        return None
    lowest = max(log.epochs, key=lambda each: ranking_key(each).negative_loss)
    since = max(best.number, lowest.number)
    if last.number - since < _LAST_EPOCHS:
        return None
    by = ranked_by(best)
    return Advice(
        "settled",
        f"Finished: {percent(last.test_accuracy)} of the test images are right. Neither {by} "
        f"accuracy nor {by} loss was better since epoch {since:,}: more epochs will change little.",
        _to_best(best),
    )


def _finished(log: Log, _settings: Settings) -> Advice | None:
    last = log.last
    if not log.finished or last is None:
        return None
    text = f"Finished: {percent(last.test_accuracy)} of the test images are right"
    if log.before is not None:
        text += f", {_compared(last.test_accuracy - log.before)} in the run before"
    if last.test_accuracy >= 1:
        return Advice("finished", f"{text}. Now draw one yourself. Does it get it right?", _DRAW)
    return Advice("finished", f"{text}. Look at its mistakes.", _MISTAKES)


def _compared(difference: float) -> str:
    points = round(abs(difference) * 100, 1)
    if not points:
        return "as many as"
    return f"{count(points, 'point')} {'more' if difference > 0 else 'fewer'} than"


_Rules = tuple[Callable[[Log, Settings], Advice | None], ...]
_LEARNS: _Rules = (_bright, _ruined, _worse_than_guesses, _trouble, _overfitting, _at_chance)
_OVER: _Rules = (_exploded, _no_data, *_LEARNS, _early, _learns_on, _settled, _finished)
_RULES: dict[str, _Rules] = {
    "Ready": (_no_data, _offer, _first_of_all),
    "Training": (*_LEARNS, _slow),
    "Paused": _LEARNS,
    "Error": (_exploded, _no_data, _ruined),
}


# --- buttons ---------------------------------------------------------------------------------


def _set_rate(rate: float) -> Action:
    return Action("setting", f"Set the rate to {rate:g}", "learning_rate", rate)


def _reset(rate: float | None) -> Action | None:
    if rate is None:
        return None
    return Action("reset", f"Reset with rate {rate:g}", "learning_rate", rate)


def _to_best(best: Epoch, rate: float | None = None) -> Action:
    other = "" if rate is None else f" with rate {rate:g}"
    return Action("best_epoch", f"Back to epoch {best.number:,}{other}", value=rate)


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
