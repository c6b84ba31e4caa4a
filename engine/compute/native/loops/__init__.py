"""Compiled loops: what the functions of the native twin do with arrays, a file for each subject."""
