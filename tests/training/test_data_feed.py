"""Data on the device and data streamed to it train the same; order and prefetching."""

from __future__ import annotations

import numpy as np


def _both(folder, scratch):
    """Epoch metrics with data on the device, and streamed in chunks of a few batches."""
    from pathlib import Path

    from autotrain.data import open_arrays
    from autotrain.training import program as module
    from autotrain.training.inputs import describe_shape
    from autotrain.training.job import Job
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    arrays, files = open_arrays(folder), Path(scratch)
    params = {"depth": 1, "width": 4, "batch_size": 32, "learning_rate": 0.01, "sampling": "over"}
    found = []
    before = module._CHUNK_BYTES
    for resident_mb, chunk in ((256.0, before), (0.0, 3 * 32 * 64)):
        module._CHUNK_BYTES = chunk
        trainer = Trainer(arrays, describe_shape(arrays, 10), resident_mb=resident_mb)
        rows = []

        def report(record, rows=rows):
            rows.append({k: v for k, v in record.metrics.items() if k != "train_seconds"})
            return Decision.CONTINUE

        job = Job("cnn", params, 1, 2, "val_loss", "minimize", files / "c", files / "w")
        try:
            trainer.run(job, report)
        finally:
            module._CHUNK_BYTES = before
        program = trainer.program("cnn", params)
        found.append((rows, program.chunk_steps, program.loop.traces))
    return found


def test_streamed_data_trains_as_resident_data(backend, images, tmp_path):
    (resident, whole, traces), (streamed, part, more_traces) = backend.run(_both, images, tmp_path)
    assert part == 3 < whole
    assert traces == more_traces == 2
    for a, b in zip(resident, streamed, strict=True):
        np.testing.assert_allclose(list(a.values()), list(b.values()), rtol=1e-5)


def test_chunks_hold_the_examples_of_their_batches(backends):
    assert backends("tensorflow").run(_chunks)


def _chunks():
    import numpy as np

    from autotrain.training.data_feed import Resident, Streamed

    x, y = np.arange(50.0)[:, None], np.arange(50)
    order = np.random.default_rng(0).permutation(50)[:49].reshape(7, 7).astype("int32")
    seen = {}
    for feed in (Resident(x, y), Streamed(x, y)):
        batches = []
        for some_x, (some_y,), rows in feed.chunks(order, 3):
            assert len(rows) <= 3
            for row in rows:
                assert (np.asarray(some_x)[row, 0] == np.asarray(some_y)[row]).all()
                batches.append(np.asarray(some_y)[row].tolist())
        seen[type(feed).__name__] = batches
    assert seen["Resident"] == seen["Streamed"] == order.tolist()
    return True


def test_error_while_gathering_ahead_is_raised(backends):
    assert "out of bounds" in backends("tensorflow").run(_broken)


def _broken():
    import numpy as np

    from autotrain.training.data_feed import Streamed

    feed = Streamed(np.zeros((4, 1)), np.zeros(4))
    try:
        list(feed.chunks(np.array([[0], [1], [9]], "int32"), 1))
    except IndexError as error:
        return str(error)
    return ""
