"""Who goes on."""
