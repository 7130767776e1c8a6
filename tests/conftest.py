"""What holds for all tests, and for the processes that they start."""

import os

# Compiling takes most of the time of tests on JAX, and faster code gains nothing in so few steps.
# Not 0: there the gradient of a convolution over time was not a number (jax 0.10.2).
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=1".strip()
)
