"""How many images are right, in words, and how many have outputs that are no numbers."""

from engine.text.words import percent

NO_ANSWER_TEXT = "no answer: outputs not finite"
NOT_FINITE = "The outputs are not finite: nothing is predicted."


def right_of(right: int, samples: int, unanswered: int) -> str:
    """Write `1,500 of 2,000 right (75.00 %)`; in the brackets too how many have no answer."""
    if samples and unanswered == samples:
        return "nothing predicted (outputs not finite)"
    share = percent(right / samples)
    return f"{right:,} of {samples:,} right ({share}{and_not_finite(unanswered)})"


def and_not_finite(unanswered: int) -> str:
    """Return what goes on in the brackets, if the outputs of some images are not finite."""
    return f", {unanswered:,} not finite" if unanswered else ""
