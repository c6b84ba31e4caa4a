"""The numerics that layers share: `numerics.py` lists them, and chooses which twin computes."""
