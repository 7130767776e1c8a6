"""The local engine: warm worker processes on this machine, one coordinator."""
