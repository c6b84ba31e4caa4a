"""InterruptedWorkError: how work ends that the caller has stopped."""


class InterruptedWorkError(Exception):
    """The work was stopped because the caller asked for it; nothing has changed."""
