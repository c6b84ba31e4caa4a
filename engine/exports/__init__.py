"""Exports: a trained network written for other programs, a file or a folder for each format."""
