"""Obstacles: how panels say that something is not there because a block does not fit."""

from engine.stack import Report


def until_it_fits(report: Report) -> str:
    """Say until when things wait, such as `until block 5 fits`; nothing if all blocks fit."""
    if report.problem is None:
        return ""
    return "until there are blocks" if report.place is None else f"until block {report.place} fits"


def until_it_predicts(report: Report) -> str:
    """Say until when no class is predicted; nothing if the outputs are those of the classes."""
    return "" if report.predicts else until_it_fits(report)
