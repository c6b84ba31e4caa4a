"""Readers: a file each for the kinds of files that hold a whole data set."""
