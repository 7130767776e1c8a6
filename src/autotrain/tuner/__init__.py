"""Deciding: which configuration is tried next, who goes on, and when a search is over."""
