"""What a user reads when the worker cannot do something."""

from engine.errors import LayerscopeError

NO_DATA = "There is no data to train on. Choose other data in the view Data."
NOT_USED_HERE = (
    "This project reads its images from {}, which was not used here before. If you know it, click "
    "“Read them” in the view Data."
)
EXPLODED = "Training stopped at a learning rate of {rate:g}: {where} became infinite or no number."
NO_MEMORY = "There is not enough memory for this. Take a smaller network, batch or data set."
AFTER_EXPLOSION = (
    "The last finite weights are in place again: lower the learning rate and train on, or Reset."
)


def defect_words(error: BaseException) -> str:
    """Return what is said of a defect of the program."""
    return f"Something went wrong inside Layerscope ({type(error).__name__}: {error})"


def words_of(error: Exception) -> str:
    """Return what a user reads of an error; empty: it is a defect of the program."""
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return str(error) if isinstance(error, LayerscopeError) else ""


def fault_of_explosion(text: str) -> str:
    """Return where the numbers of a run grew without end, of what a user reads of it.

    Empty if the text is of another failure.
    """
    return text.removesuffix(AFTER_EXPLOSION).strip() if text.endswith(AFTER_EXPLOSION) else ""
