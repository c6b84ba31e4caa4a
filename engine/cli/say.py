"""How the command line prints words, whoever they are from: none of them steers the terminal."""

import sys

from engine.text.letters import printable_lines


def say(text: str = "", *, aside: bool = False, flush: bool = False) -> None:
    """Print words on stdout, or `aside` on stderr; what is no letter is shown as a mark.

    Names of runs, blocks and files may be anybody's, and hold the escape sequences of a terminal.
    """
    print(printable_lines(text), file=sys.stderr if aside else sys.stdout, flush=flush)
