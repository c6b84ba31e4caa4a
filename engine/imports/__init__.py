"""Imports: what other programs wrote, read without trust."""
