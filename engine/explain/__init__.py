"""The numbers behind a network, step by step, as plain frozen values. Nothing here draws."""
