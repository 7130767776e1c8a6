"""Reading and preparing a large table, against pandas and scikit-learn; and answering all its rows.

    python benchmarks/data.py --rows 1000000
    python benchmarks/data.py --rows 1000000 --before ../earlier/src    # another checkout's `predict`

Twenty mixed columns: ten of numbers (three with missing values), six of words, two of whole numbers,
two of truth values. Each side runs in a process of its own, in turn, `--rounds` times; the peers read
the same file with `pandas.read_csv`, and fit and apply a `ColumnTransformer` (mean for what is missing,
standard scale, one code a level). Ours also splits the rows, checks them, writes arrays and hashes them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from machine import machine_line

LEVELS = ("north", "south", "east", "west", "centre", "abroad")


def write_table(path: Path, rows: int) -> None:
    """The table, with the target `bought` last."""
    import pandas as pd

    rng = np.random.default_rng(0)
    columns: dict[str, object] = {}
    for i in range(10):
        values = rng.normal(100 * i, 1 + i, rows).round(4)
        if i < 3:
            values[rng.random(rows) < 0.05] = np.nan
        columns[f"number {i}"] = values
    for i in range(6):
        columns[f"word {i}"] = rng.choice(LEVELS[: 2 + i % 5], rows)
    for i in range(2):
        columns[f"count {i}"] = rng.integers(0, 500, rows)
        columns[f"flag {i}"] = rng.choice(["yes", "no"], rows)
    frame = pd.DataFrame(columns)
    score = frame["number 4"] - 400 + (frame["word 1"] == "south") * 4
    frame["bought"] = np.where(score + rng.normal(0, 2, rows) > 0, "yes", "no")
    frame.to_csv(path, index=False)


def ours(table: Path, scratch: Path) -> None:
    """Read, check, split, fit, encode, hash and write, as a search does first."""
    from autotrain.data import prepare
    from autotrain.space import DataSpec

    prepare(DataSpec(str(table), target="bought"), scratch / f"data-{os.getpid()}", 0)


def peers(table: Path, scratch: Path) -> None:
    """pandas and scikit-learn: read, split, fit and transform; nothing is written."""
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import LabelEncoder, OrdinalEncoder, StandardScaler

    frame = pd.read_csv(table)
    y = LabelEncoder().fit_transform(frame.pop("bought"))
    numbers = [name for name in frame if frame[name].dtype.kind in "if"]
    words = [name for name in frame if name not in numbers]
    unknown = {"handle_unknown": "use_encoded_value", "unknown_value": -1}
    prepared = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            ("words", OrdinalEncoder(dtype="float32", **unknown), words),
        ]
    )
    train, test, _, _ = train_test_split(frame, y, test_size=0.2, stratify=y, random_state=0)
    prepared.fit_transform(train).astype("float32")
    prepared.transform(test).astype("float32")


def answers(table: Path, scratch: Path) -> None:
    """Answer every row with an exported model (`autotrain predict --out`)."""
    from autotrain.cli import main

    out = scratch / f"answers-{os.getpid()}.csv"
    try:
        main(["predict", str(scratch / "model"), str(table), "--out", str(out)])
    except SystemExit as end:
        if end.code:
            raise


def export_model(table: Path, scratch: Path, source: str | None) -> None:
    """A small model of the first rows, by the same checkout; its own speed is not what is measured."""
    head, runs = scratch / "head.csv", ["--runs", str(scratch / "runs")]
    with table.open(encoding="utf-8") as lines:
        head.write_text("".join(itertools.islice(lines, 5000)))
    for words in (
        ["search", "--space", "tabular_mlp", "--data", str(head), "--target", "bought", "--study", "speed", *runs,
         "--trials", "1", "--epochs", "1", "--workers", "1", "--gpus", "none", "--no-report"],
        ["export", "speed", "--format", "onnx", "--out", str(scratch / "model"), *runs,
         "--gpus", "none"],
    ):  # fmt: skip
        command = [sys.executable, "-m", "autotrain.cli", *words]
        answer = subprocess.run(
            command, env=_environment(source), capture_output=True, text=True, check=False
        )
        if answer.returncode:
            sys.exit(answer.stderr)


def answering(table: Path, scratch: Path, rounds: int, source: str | None = None) -> float:
    """Seconds to answer all rows, the median."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        export_model(table, Path(folder), source)
        return median(run("answers", table, Path(folder), source)[0] for _ in range(rounds))


SIDES = {"ours": ours, "peers": peers, "answers": answers}


def _environment(source: str | None) -> dict[str, str]:
    path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def run(side: str, table: Path, scratch: Path, source: str | None = None) -> tuple[float, float]:
    """Seconds and the peak of memory in MiB, of a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--child",
        side,
        "--table",
        str(table),
        "--scratch",
        str(scratch),
    ]
    env = _environment(source)
    answer = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if answer.returncode:
        sys.exit(answer.stderr)
    seconds, peak = json.loads(answer.stdout.splitlines()[-1])
    return seconds, peak


def child(side: str, table: Path, scratch: Path) -> None:
    """Measure one side in this process, its imports left out."""
    import pandas  # noqa: F401
    import sklearn.compose  # noqa: F401

    if side == "ours":
        import autotrain.data  # noqa: F401
    began = time.perf_counter()
    SIDES[side](table, scratch)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, peak]))


def main() -> None:
    """Measure in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--before", help="the src folder of an earlier checkout, for `predict`")
    parser.add_argument("--child", choices=list(SIDES), help=argparse.SUPPRESS)
    parser.add_argument("--table", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.table, options.scratch)
        return
    print(machine_line("autotrain", "pandas", "scikit-learn", "numpy"))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        table = scratch / "table.csv"
        write_table(table, options.rows)
        print(f"{options.rows:,} rows of 20 columns, {table.stat().st_size / 2**20:.0f} MiB")
        sides = [("ours", None), ("peers", None)]
        figures = {side: [run(side, table, scratch, src) for side, src in sides[i : i + 1]
                          for _ in range(options.rounds)] for i, (side, _) in enumerate(sides)}  # fmt: skip
        for side, found in figures.items():
            print(
                f"{side:8} {median(s for s, _ in found):7.2f} s  {median(m for _, m in found):7.0f} MiB"
            )
        print(f"ratio    {_ratio(figures, 0):7.2f}    {_ratio(figures, 1):7.2f}     ours of peers")
        now = answering(table, scratch, options.rounds)
        print(f"predict  {now:7.2f} s  {options.rows / now:9,.0f} rows a second")
        if options.before:
            earlier = answering(table, scratch, options.rounds, options.before)
            print(f"before   {earlier:7.2f} s  {options.rows / earlier:9,.0f} rows a second, "
                  f"{earlier / now:.2f} times as long")  # fmt: skip


def _ratio(figures: dict[str, list[tuple[float, float]]], which: int) -> float:
    mine, theirs = (median(one[which] for one in figures[side]) for side in ("ours", "peers"))
    return mine / theirs


if __name__ == "__main__":
    main()
