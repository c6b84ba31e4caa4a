"""The numerics that layers share."""
