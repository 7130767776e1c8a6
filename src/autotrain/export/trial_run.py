"""A process that uses an exported model as its user will; it has nothing of autotrain.

`python -P trial_run.py FOLDER EXAMPLES OUT`: the outputs for EXAMPLES go to OUT, and milliseconds for
a batch by its size, medians, to standard output as JSON.
"""

import json
import statistics
import sys
import time
from pathlib import Path


def run(folder: str, examples: str, out: str) -> int:
    """Predict, and measure how long it takes."""
    sys.modules["autotrain"] = None  # type: ignore[assignment]  # it may be installed here too
    sys.path.insert(0, folder)
    import predict

    if predict.main([examples, "--out", out]):
        return 1
    model = predict.Model(Path(folder))
    _, batch, _ = next(predict.read(model.inputs, Path(examples)))
    milliseconds = {}
    for size in (1, 64):
        part = {k: v[:size] for k, v in batch.items()} if isinstance(batch, dict) else batch[:size]
        times = []
        for _ in range(23):
            begin = time.perf_counter()
            model.predict(part)
            times.append(1000 * (time.perf_counter() - begin))
        milliseconds[str(size)] = statistics.median(times[3:])
    print(json.dumps(milliseconds))
    return 0


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
