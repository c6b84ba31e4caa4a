"""Report: a network, what it learned from and how well, as one HTML file that needs no other."""
