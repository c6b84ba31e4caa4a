"""Proof: what was exported is read back in independent ways, and its predictions are compared."""
