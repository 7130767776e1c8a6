"""One file for each command: the whole path in order, for Python and for the command line."""
