"""Storage, samplers, pruners and budgets: a study that is asked, reported to and told."""
