"""Why a panel is empty, in words: a block does not fit, or there is no data."""

from engine.model.stack import ShapeReport

FIX = "The list of blocks says what to do."
CHOOSE = "The view Data says what to do."


def until_it_fits(report: ShapeReport) -> str:
    """Return until when things wait, such as `until block 5 fits`; nothing if all blocks fit."""
    if report.problem is None:
        return ""
    return "until there are blocks" if report.place is None else f"until block {report.place} fits"


def until_it_predicts(report: ShapeReport) -> str:
    """Return until when no class is predicted; nothing if the outputs are those of the classes."""
    return "" if report.predicts else until_it_fits(report)


def none_until(what: str, until: str) -> str:
    """Return that there is no such thing until the blocks fit, and what to do."""
    return f"No {what} {until}. {FIX}"


def when_there_is_data(what: str) -> str:
    """Return what a panel will show when there is data, and what to do for that."""
    return f"{what} will be here when there is data.\n{CHOOSE}"
