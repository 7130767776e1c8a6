"""Models that run elsewhere: one folder each, with all that it takes to trust and to use it."""
