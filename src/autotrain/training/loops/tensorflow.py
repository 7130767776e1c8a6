"""TensorFlow: many steps in one graph call, so that Python is not in the way between steps.

On two cores and a small CNN an epoch of `Model.fit` took 0.37 s, this loop 0.09 s.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf


def release() -> None:
    """TensorFlow keeps some 6 MB of a dropped program until its process ends."""


class Loop:
    """Runs a program's steps on TensorFlow."""

    def __init__(self, program: Any) -> None:
        self.program = program
        self.traces = 0
        shape, batch, data = program.input_shape, program.batch_size, program.data
        xla = program.jit_compile
        self._train = tf.function(
            self._train_steps,
            jit_compile=xla,
            autograph=False,  # nothing to convert: Keras is written in tensors, the loop below too
            input_signature=[
                tf.TensorSpec([program.chunk_steps, batch, *shape], program.input_dtype),
                tf.TensorSpec([program.chunk_steps, batch, *data.target_shape], data.target_dtype),
                tf.TensorSpec([program.chunk_steps], tf.float32),
                tf.TensorSpec([], tf.int32),
            ],
        )
        self._logits = tf.function(
            self._evaluate,
            jit_compile=xla,
            autograph=False,
            input_signature=[tf.TensorSpec([program.eval_batch, *shape], program.input_dtype)],
        )

    def train(self, x: np.ndarray, y: np.ndarray, rates: np.ndarray, steps: int) -> np.ndarray:
        """Train the first `steps` batches of a chunk; the sums of loss and of correct answers.

        Args:
            x: [chunk, batch, ...]; y: [chunk, batch] int32; rates: [chunk] learning rates.
        """
        return self._train(x, y, rates, np.int32(steps)).numpy()

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Logits [eval_batch, classes] of a batch, nothing updated."""
        return self._logits(x).numpy()

    def draw(self, initializers: list[Any]) -> list[Any]:
        """Initial weights in order: each initializer is a function without arguments."""
        return [initializer() for initializer in initializers]

    def _train_steps(self, x: Any, y: Any, rates: Any, steps: Any) -> Any:
        self.traces += 1
        state = [tf.constant(0), tf.zeros([2])]

        def step(i: Any, sums: Any) -> list[Any]:
            return [i + 1, sums + self._step(x[i], y[i], rates[i])]

        return tf.while_loop(lambda i, _: i < steps, step, state, parallel_iterations=1)[1]

    def _step(self, x: Any, y: Any, rate: Any) -> Any:
        pieces = self.program.accumulation
        gradients, sums = self._gradients(*_piece(x, y, 0, pieces))
        for i in range(1, pieces):
            more, more_sums = self._gradients(*_piece(x, y, i, pieces))
            gradients = [a + b for a, b in zip(gradients, more, strict=True)]
            sums = sums + more_sums
        self.program.apply([gradient / pieces for gradient in gradients], rate)
        return sums / [pieces, 1]

    def _gradients(self, x: Any, y: Any) -> tuple[list[Any], Any]:
        weights = [weight.value for weight in self.program.model.trainable_variables]
        with tf.GradientTape() as tape:
            loss, score = self.program.loss(x, y)
            scaled = self.program.scaled(loss)
        # Zeros where a weight has no part in the loss, as on JAX.
        gradients = tape.gradient(scaled, weights, unconnected_gradients="zero")
        return [tf.convert_to_tensor(gradient) for gradient in gradients], tf.stack([loss, score])

    def _evaluate(self, x: Any) -> Any:
        self.traces += 1
        return self.program.forward(x)


def _piece(x: Any, y: Any, i: int, pieces: int) -> tuple[Any, Any]:
    size = x.shape[0] // pieces
    return x[i * size : (i + 1) * size], y[i * size : (i + 1) * size]
