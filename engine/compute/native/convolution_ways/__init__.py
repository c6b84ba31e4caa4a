"""Ways to convolve: each is a file, with its compiled loops in another beside it."""
