"""Engines place trials on workers and carry messages; the study session decides."""
