"""Coach: what just happened in a training, and what to try next, in one sentence or two."""

from collections.abc import Callable, Collection

from engine.advice.class_limits import knows_only
from engine.advice.coach_actions import reset, set_rate, to_best, to_kept
from engine.advice.facts import (
    Action,
    Advice,
    BlockSymptom,
    Facts,
    Happened,
    Trouble,
    has_fallen,
    pace_of,
)
from engine.advice.learning_rates import (
    blamed_pace,
    fastest_pace,
    lower_rate,
    pace_words,
    rate_after,
    start_rate,
    was_fast,
)
from engine.advice.slow_learning import GOOD, LAST_EPOCHS, at_chance, learns_on, stalls
from engine.text.words import percent
from engine.training.best_epoch import is_better, ranked_by, ranking_key

_WORSE = 1.2  # times the loss of a network to which all classes are equally likely
_GAP = 0.05  # between training and test accuracy: learned by heart
_BY_HEART = 0.97
_MORE_SAMPLES = 5

_TROUBLES: dict[Trouble, str] = {
    "too_large": "Each step changes most of the weights of {block}: too much to settle. Lower the "
    "learning rate.",
    "no_gradient": "No gradient reaches {block}: what comes after it is dead or saturated. Try "
    "other initial weights or a lower rate, then Reset.",
    "vanishes": "The gradient vanishes on its way back to {block}, which hardly learns. Try ReLU, "
    "BatchNorm, or fewer sigmoids.",
    "grows": "The gradient grows on its way back to {block}. Try smaller initial weights or "
    "BatchNorm.",
    "dead": "Most units of {block} are dead: they give the same for every image. Try a lower rate "
    "or other initial weights, then Reset.",
    "saturated": "Most units of {block} are saturated, and hardly any gradient passes. Try a lower "
    "rate or other initial weights, then Reset.",
}


_MISTAKES = Action(
    "panel",
    "Confusion matrix",
    "Confusion matrix",
    in_view="A click in the confusion matrix shows the images of a cell.",
)
_GRADIENTS = Action("panel", "Show gradients", "Gradients")
_DATA = Action("panel", "Show data", "Data")
_DRAW = Action("panel", "Draw", "Draw", in_view="Draw one with the mouse.")


def advise(happened: Happened, facts: Facts, silent: Collection[str] = ()) -> Advice | None:
    """Return the most important advice after what happened, but for causes that are `silent`."""
    for rule in _RULES[happened]:
        advice = rule(facts)
        if advice is not None and advice.cause not in silent:
            return advice
    return None


# --- before and at the start -----------------------------------------------------------------


def _no_data(facts: Facts) -> Advice | None:
    problem = facts.data_problem
    if not problem:
        return None
    choose = Action("input", "Choose data", "dataset")
    return Advice(f"data: {problem}", problem, _DATA if facts.unread else choose)


def _offer(facts: Facts) -> Advice | None:
    return facts.offer


def _first_of_all(facts: Facts) -> Advice | None:
    if not facts.slow:
        return None
    return Advice(
        "slow",
        f"Click {facts.train_word}: the first steps are shown one by one, so that you can watch it "
        "learn.",
    )


def _slow(facts: Facts) -> Advice | None:
    if not facts.slow:
        return None
    return Advice(
        "slow start",
        "Slow motion: about three steps a second. After some seconds the speed changes by itself "
        "to Fast, then to Full speed.",
        Action("speed", "Full speed now", value="full"),
    )


def _caution(facts: Facts) -> Advice | None:
    return Advice(f"caution: {facts.cautions[0]}", facts.cautions[0]) if facts.cautions else None


# --- trouble ---------------------------------------------------------------------------------


def _exploded(facts: Facts) -> Advice | None:
    if not facts.fault:
        return None
    blamed, cause = blamed_pace(facts), f"exploded: {facts.run}"
    is_now = blamed == pace_of(facts.settings)
    what = "is too high here" if is_now else "had ruined the weights before"
    why = f"The numbers grew without end: {pace_words(blamed)} {what}."
    kept = facts.rewind
    if kept is None or (facts.best is not None and is_better(facts.best, kept)):
        return Advice(cause, *_without_rewind(why, facts), facts.fault)
    text = f"{why} {_sentence(kept.place)} is the best by {ranked_by(kept)} accuracy that is kept."
    return Advice(cause, text, to_kept(kept, rate_after(kept, facts)), facts.fault)


def _without_rewind(why: str, facts: Facts) -> tuple[str, Action]:
    """Choose the way out of an explosion where memory has a better epoch than any run has kept.

    The last finite weights are hardly ever worth training on: steps that were too large led there.
    """
    best, lower = facts.best, min(lower_rate(facts), facts.first_rate)  # it may have been raised
    if facts.searching:
        return f"{why} The last finite weights are back.", set_rate(lower)
    if best is not None and best.test_accuracy > facts.chance:
        action = to_best(best, rate_after(best, facts))
        return f"{why} {_sentence(best.place)} was the best by {ranked_by(best)} accuracy.", action
    lost = "No good epoch is kept" if facts.epochs else "No epoch was whole, so no run is kept"
    return f"{why} {lost}: begin again.", reset(lower)


def ruin(facts: Facts) -> Advice | None:
    """Return what is said of it if steps that were too large have ruined what was learned."""
    best, last, fall = facts.best, facts.last, facts.fall
    if best is None or last is None or fall is None or best.test_accuracy < facts.chance:
        return None
    # One bad epoch may be chance, unless what is to blame is known.
    waits = facts.running and not fall.raised
    recent = facts.epochs[-2:] if waits else facts.epochs[-1:]
    if not all(has_fallen(each, best) for each in recent):
        return None
    pace = _sentence(pace_words(fall.pace))
    why = f", since {fall.raised}." if fall.raised else f". {pace} may be too high."
    rate = rate_after(best, facts)
    lowered = facts.settings.learning_rate < rate  # by the user, since then
    return Advice(
        f"ruined: {facts.run}, {best.number}",
        f"The test accuracy fell from {percent(best.test_accuracy)} to "
        f"{percent(last.test_accuracy)}{why}",
        to_best(best, None if lowered else rate),
        f"{_sentence(best.place)} is the best by {ranked_by(best)} accuracy.",
    )


def _worse_than_guesses(facts: Facts) -> Advice | None:
    """Tell of steps that were too large from the start, whatever they did to which block.

    A network that cannot learn soon answers as if all classes were equally likely. Only large steps
    lead away from there to a loss that is clearly higher, and have spoilt what a lower rate needs.
    One that fell since the start may have begun far off, with large initial weights.
    """
    last, first = facts.last, facts.first_loss
    if last is None or first is None or not facts.knows_nothing or not was_fast(facts):
        return None
    if last.test_loss <= max(first, _WORSE * facts.even_loss):
        return None
    pace = _sentence(pace_words(fastest_pace(facts)))
    return Advice(
        f"worse: {facts.run}",
        f"{pace} is too high here: the answers are worse than guesses. Begin again with a lower "
        "one.",
        None if facts.running else reset(start_rate(facts)),
        until=facts.chance,
    )


def _trouble(facts: Facts) -> Advice | None:
    symptom, last = _root(facts), facts.last
    if symptom is None or (last is not None and last.test_accuracy >= GOOD):
        return None
    stuck = symptom.trouble in ("dead", "saturated")
    if stuck and not (facts.knows_nothing or stalls(facts)):  # the other units learn
        return None
    begins_anew = _is_spoilt(symptom.trouble, facts) and not facts.running
    return Advice(
        f"{symptom.trouble}: {facts.run}, {symptom.block}",
        _TROUBLES[symptom.trouble].format(block=symptom.block),
        reset(start_rate(facts)) if begins_anew else _GRADIENTS,
        until=GOOD,
    )


def _root(facts: Facts) -> BlockSymptom | None:
    """Return what is wrong: units that a high rate has saturated are why a gradient vanishes."""
    symptom, stuck = facts.symptom, facts.stuck
    vanishes = symptom is not None and symptom.trouble == "vanishes"
    saturated = stuck is not None and stuck.trouble == "saturated"
    return stuck if vanishes and saturated and was_fast(facts) else symptom


def _is_spoilt(trouble: Trouble, facts: Facts) -> bool:
    """Return whether too high a rate has left nothing from the start that a lower one could use."""
    if not facts.epochs or not facts.knows_nothing:
        return False
    return trouble == "too_large" or (
        trouble in ("no_gradient", "dead", "saturated") and was_fast(facts)
    )


def _overfitting(facts: Facts) -> Advice | None:
    last = facts.last
    if last is None or len(facts.epochs) < LAST_EPOCHS or last.accuracy < _BY_HEART:
        return None
    if last.accuracy - last.test_accuracy < _GAP:
        return None
    limit = facts.settings.limit
    more = limit * _MORE_SAMPLES
    there_are_more = limit and facts.samples >= facts.settings.trained_samples(
        limit * len(facts.settings.classes)
    )
    return Advice(
        f"overfitting: {facts.run}",
        f"It has learned its {facts.samples:,} images by heart ({percent(last.accuracy)} right), "
        f"but only {percent(last.test_accuracy)} of the test images. More images or Dropout help.",
        Action("setting", f"Use {more:,} per class", "limit", more)
        if there_are_more and not facts.running
        else None,
    )


# --- the end ---------------------------------------------------------------------------------


def _early(facts: Facts) -> Advice | None:
    best, last = facts.best, facts.last
    if not facts.finished or not facts.ended_early or last is None:
        return None
    text, action = f"Finished early. {facts.ended_early}", _MISTAKES
    if best is not None and best.number < last.number:
        right = percent(ranking_key(best).accuracy)
        text += f" {_sentence(best.place)} was the best by {ranked_by(best)} accuracy: {right}."
        action = to_best(best)
    return Advice(f"early: {facts.run}", text, action)


def _settled(facts: Facts) -> Advice | None:
    best, last = facts.best, facts.last
    if not facts.finished or best is None or last is None or last.test_accuracy >= 1:
        return None
    lowest = max((best, *facts.epochs), key=lambda each: ranking_key(each).negative_loss)
    since = max(best, lowest, key=lambda each: each.number)
    if last.number - since.number < LAST_EPOCHS:
        return None
    by = ranked_by(best)
    return Advice(
        f"settled: {facts.run}",
        f"Finished: {percent(last.test_accuracy)} of the test images are right. Neither {by} "
        f"accuracy nor {by} loss was better since {since.place}: more epochs will change little.",
        to_best(best),
    )


def _finished(facts: Facts) -> Advice | None:
    last = facts.last
    if not facts.finished or last is None:
        return None
    text = f"Finished: {percent(last.test_accuracy)} of the test images are right"
    if facts.before is not None:
        text += f", {_compared(last.test_accuracy - facts.before)} {facts.before_name}"
    if last.test_accuracy >= 1:
        action = _DRAW
        text += ". Does it also know one that you draw?"
    else:
        action = _MISTAKES
        text += ". Look at its mistakes."
    return Advice(f"finished: {facts.run}", text, action)


def _went_back(facts: Facts) -> Advice | None:
    best, left = facts.best, facts.last
    if best is None:
        return None
    cause = f"back: {facts.run}, {best.number}"
    rate = facts.settings.learning_rate
    place = best.place if best.is_within else f"at {best.place}"
    text = f"Back {place}, with {percent(best.test_accuracy)} of the test images right."
    before = max(blamed_pace(facts).rate, rate if left is None else left.rate)
    good = rate_after(best, facts)
    if rate < before or (facts.fall is not None and rate <= good):
        which = "at the lower" if rate < before else "at a"
        goes_on = f"Train goes on from there, {which} learning rate of {rate:g}."
        return Advice(cause, f"{text} {goes_on}")
    return Advice(cause, f"{text} Lower the learning rate before you train on.", set_rate(good))


def _drawn(facts: Facts) -> Advice | None:
    numbers = tuple(str(number) for number in facts.settings.classes)
    limit = knows_only(facts.class_names or numbers)
    if not limit:
        return None
    return Advice(
        f"drawn: {limit}",
        f"This network {limit}: whatever you draw, it answers one of these.",
        Action("input", "Other classes", "classes"),
    )


def rewound(epoch: int, rate: float) -> Advice:
    """Say that a kept epoch before an explosion is back, with another learning rate."""
    return Advice(
        f"rewound: {epoch}",
        f"Back at epoch {epoch:,}, with a learning rate of {rate:g}. Train goes on from there.",
    )


_RULES: dict[Happened, tuple[Callable[[Facts], Advice | None], ...]] = {
    "opened": (_no_data, _offer, _first_of_all),
    "started": (_slow, _caution),
    "epoch": (ruin, _worse_than_guesses, _trouble, _overfitting, at_chance),
    "over": (
        _exploded,
        _no_data,
        ruin,
        _worse_than_guesses,
        _trouble,
        _overfitting,
        at_chance,
        _early,
        learns_on,
        _settled,
        _finished,
    ),
    "drawn": (_drawn,),
    "went_back": (_went_back,),
}


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _compared(difference: float) -> str:
    points = round(abs(difference) * 100, 1)
    if not points:
        return "as many as in"
    unit = "point" if points == 1 else "points"
    return f"{points:g} {unit} {'more' if difference > 0 else 'fewer'} than in"
