"""Private parts of other libraries, each with a guard in `tests/compat` that a new version must pass."""
