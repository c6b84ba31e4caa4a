"""The notebook: a network and its training in plain numpy, every layer and equation written out."""
