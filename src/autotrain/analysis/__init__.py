"""Numbers about studies and models: trials, ranks, intervals, ensembles, what was measured."""
