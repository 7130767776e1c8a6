"""What there is to search over, and what fits together; free of Keras, so that the coordinator thinks with it."""
