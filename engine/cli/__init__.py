"""The command line without the window: one module per command."""
