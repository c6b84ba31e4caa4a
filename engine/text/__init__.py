"""Text: how what the program has worked out is written for people."""
