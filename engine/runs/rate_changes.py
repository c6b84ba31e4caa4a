"""Which learning rates a run was given while it trained, in words."""

from engine.runs.run_folder import Run

_MOST = 3


def rate_changes(run: Run) -> list[str]:
    """Return the rates that came after the first: `200 from epoch 41`; of many the last ones."""
    found, rate = list[str](), run.description.project.settings.learning_rate
    for each in run.metrics:
        if run.rate_of(each) != rate:
            rate = run.rate_of(each)
            found.append(f"{rate:g} from epoch {run.age(each.epoch):,}")
    return found if len(found) <= _MOST else ["…", *found[-_MOST + 1 :]]


def with_rate_changes(rate: str, run: Run) -> str:
    """Return the first rate with those that came after it: `0.1, then 200 from epoch 41`."""
    found = rate_changes(run)
    return f"{rate}, then {', '.join(found)}" if found else rate


def rate_sentence(run: Run) -> list[str]:
    """Return `learning rate 200 from epoch 41`, or nothing if it stayed as it was."""
    found = rate_changes(run)
    return [f"learning rate {', '.join(found)}"] if found else []
