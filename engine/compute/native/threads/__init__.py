"""Threads: how they share the work of a step, wait for each other, and replay a captured step."""
