"""The Keras folder: a network as readable code for Keras 3, its weights, and what checks them."""
