"""Machine code: how loops are compiled, kept, called by address, and written as instructions."""
