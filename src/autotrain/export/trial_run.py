"""A process that uses an exported model as its user will; it has nothing of autotrain.

`python -P trial_run.py FOLDER EXAMPLES OUT`: the outputs for EXAMPLES go to OUT, and to standard output
as JSON milliseconds for a batch by its size, medians, and the outputs for some rows `alone` and
`together`, among others.
"""

import json
import statistics
import sys
import time
from pathlib import Path

ALONE = 24  # rows


def run(folder: str, examples: str, out: str) -> int:
    """Predict, and measure how long it takes."""
    sys.modules["autotrain"] = None  # type: ignore[assignment]  # it may be installed here too
    sys.path.insert(0, folder)
    import predict

    if predict.main([examples, "--out", out]):
        return 1
    model = predict.Model(Path(folder))
    _, batch, _ = next(predict.read(model.inputs, Path(examples)))
    together = model.predict(batch)[:ALONE]
    alone = [model.predict(part_of(batch, slice(i, i + 1)))[0] for i in range(len(together))]
    milliseconds = {}
    for size in (1, 64):
        part = part_of(batch, slice(size))
        times = []
        for _ in range(23):
            begin = time.perf_counter()
            model.predict(part)
            times.append(1000 * (time.perf_counter() - begin))
        milliseconds[str(size)] = statistics.median(times[3:])
    rows = {"alone": [row.tolist() for row in alone], "together": together.tolist()}
    print(json.dumps({"milliseconds": milliseconds, **rows}))
    return 0


def part_of(batch, rows):  # type: ignore[no-untyped-def]
    """Some examples of a batch, which is an array, a list, or a dictionary of columns."""
    return {k: v[rows] for k, v in batch.items()} if isinstance(batch, dict) else batch[rows]


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
