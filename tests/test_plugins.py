"""A package of somebody else adds a model family, a data source and a format, one entry point each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest

DECLARED = """
    import json
    from pathlib import Path

    import numpy as np

    from autotrain.catalog.families import ModelFamily
    from autotrain.catalog.hyperparameters import Hyperparameter
    from autotrain.data.arrays import assemble
    from autotrain.data.sources.base import DataSource, path_of
    from autotrain.export.formats.base import ExportFormat

    import outside_runtime

    SUMS = ModelFamily(
        "sums", "tabular", "outside_keras:build", listed=("width",),
        own={
            "terms": Hyperparameter(2, "int", "how many", 1, 9, structural=True),
            "damping": Hyperparameter(0.5, "float", "of each term", 0, 1),
        },
        defaults={"width": 4},
    )


    class JsonFile(DataSource):
        form = "a file of JSON (.rows)"

        def matches(self, spec):
            path = path_of(spec)
            return path is not None and path.suffix == ".rows"

        def read(self, spec, task, modality):
            rows = json.loads(Path(spec.source).read_text())
            arrays = {"x_train": np.array(rows["x"], float), "y_train": np.array(rows["y"])}
            return assemble(spec.source, arrays, task=task.name)


    class Weights(ExportFormat):
        name, needs, runtime = "weights", "keras", outside_runtime

        def write(self, model, signature, target, quantize):
            model.save(target)


    ROWS, WEIGHTS = JsonFile(), Weights()
"""
BUILT = """
    from keras import layers, ops


    def build(structure, inputs, data, values):
        x = sum(layers.Dense(structure["width"])(inputs) for _ in range(structure["terms"]))
        return layers.Dense(data.outputs)(x * (values["damping"] + 0.0))
"""
RUNTIME = """
    FILE, READS_STRINGS = "weights.keras", False


    def load(path):
        import keras

        return keras.saving.load_model(path).predict_on_batch
"""
ENTRY_POINTS = """
    [autotrain.models]
    sums = outside:SUMS
    broken = no_such_module:X
    [autotrain.sources]
    rows = outside:ROWS
    [autotrain.formats]
    weights = outside:WEIGHTS
"""
SPACE = """
    name: outside
    model: sums
    objective: val_accuracy
    parameters:
      terms: {int: [1, 3]}
      damping: {float: [0.1, 0.9]}
      learning_rate: {float: [0.01, 0.1], log: true}
"""
COORDINATOR = """
    import sys
    from autotrain.catalog.compatibility import check_space
    from autotrain.catalog.families import structure_of
    from autotrain.space import load_space

    check_space(load_space(sys.argv[1]))
    print(structure_of("sums", {"terms": 3})[0], "keras" in sys.modules)
"""


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """A folder with the package as installed, its space and its data; a function that runs Python."""
    folder = tmp_path_factory.mktemp("outside")
    about = folder / "outside-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.2\n")
    for path, text in {
        about / "entry_points.txt": ENTRY_POINTS,
        folder / "outside.py": DECLARED,
        folder / "outside_keras.py": BUILT,
        folder / "outside_runtime.py": RUNTIME,
        folder / "space.yaml": SPACE,
    }.items():
        path.write_text(textwrap.dedent(text))
    x = [[i % 7, (i * 5) % 11, i % 2] for i in range(90)]
    (folder / "data.rows").write_text(json.dumps({"x": x, "y": [i % 2 for i in range(90)]}))
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CUDA_VISIBLE_DEVICES": ""}

    def run(*words):
        return subprocess.run(
            [sys.executable, *map(str, words)],
            capture_output=True, text=True, cwd=folder, env=environment, check=False,
        )  # fmt: skip

    return folder, run


def test_coordinator_knows_a_family_without_its_keras_part(outside):
    folder, run = outside
    answer = run("-c", textwrap.dedent(COORDINATOR), folder / "space.yaml")
    assert answer.stdout.strip() == "('model', 'sums') False", answer.stderr


def test_unknown_parameter_of_a_family_is_answered_with_its_own(outside):
    folder, run = outside
    space = (folder / "space.yaml").read_text().replace("terms:", "trems:")
    (folder / "wrong.yaml").write_text(space)
    answer = run("-m", "autotrain.cli", "search", "--space", "wrong.yaml", "--data", "data.rows")
    assert answer.returncode == 2
    assert "did you mean 'terms'?" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_family_source_and_format_of_a_package_work_together(outside):
    folder, run = outside
    searched = run(
        *("-m", "autotrain.cli", "search", "--space", "space.yaml", "--data", "data.rows"),
        *("--study", "s", "--trials", 2, "--epochs", 2, "--workers", 1, "--gpus", "none"),
        *("--pruner", "none", "--no-report"),
    )
    assert searched.returncode == 0, searched.stderr
    exported = run(
        *("-m", "autotrain.cli", "export", "s", "--format", "weights", "--out", "model"),
        *("--gpus", "none"),
    )
    assert exported.returncode == 0, exported.stderr
    assert "broken" not in exported.stderr
    assert (folder / "model" / "weights.keras").exists()
    (folder / "new.csv").write_text("column 1,column 2,column 3\n1,2,0\n3,4,1\n")
    alone = run(folder / "model" / "predict.py", "new.csv")
    ours = run("-m", "autotrain.cli", "predict", "model", "new.csv")
    assert alone.stdout == ours.stdout, alone.stderr + ours.stderr
    assert len(alone.stdout.splitlines()) == 3
