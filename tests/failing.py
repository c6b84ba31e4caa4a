"""Functions that fail, for the place of one of the system or of the program."""

import os
from collections.abc import Callable
from typing import NoReturn


def failing(error: BaseException) -> Callable[..., NoReturn]:
    """Return a function that takes whatever it is given, and raises an error."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


def os_error(number: int) -> OSError:
    """Return the error with which the system says a number of `errno`."""
    return OSError(number, os.strerror(number))
