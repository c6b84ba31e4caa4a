"""The PyTorch folder: the network as readable code, and its training in several processes."""
