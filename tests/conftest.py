"""What holds for all tests, and for the processes that they start."""

import os

# Compiling takes most of the time of tests on JAX, and faster code gains nothing in so few steps.
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=0".strip()
)
