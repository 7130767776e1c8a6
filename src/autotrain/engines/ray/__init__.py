"""The same search on a Ray cluster: Ray Tune places the workers, the coordinator stays as it is."""
