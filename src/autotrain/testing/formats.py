"""What every export format must do.

Models are written and run by functions of this module that `run` calls: in this process unless a test
module gives a fixture of that name, so TensorFlow is loaded here, once for all formats.
"""

from __future__ import annotations

import ast
import importlib.util
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest

from autotrain.data import modality_named, open_arrays
from autotrain.errors import ConfigurationError
from autotrain.export.bundle import copy_scripts, write_manifest
from autotrain.export.conversion import write_joined
from autotrain.export.formats import ExportFormat
from autotrain.export.formats.keras import KERAS
from autotrain.export.verify import compare, try_out
from autotrain.files import write_json
from autotrain.paths import ExportPaths
from autotrain.serving.encoder import Encoder
from autotrain.serving.predict import read
from autotrain.tasks import task_named
from autotrain.testing.examples import KINDS, Prepared, prepared

Run = Callable[..., Any]
_MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "images": ("cnn", {"depth": 1, "width": 4}),
    "numbers": ("mlp", {"depth": 1, "width": 8}),
    "rows": ("mlp", {"depth": 1, "width": 8}),
    "texts": ("text_cnn", {"width": 8, "embedding": 4, "windows": 2}),
    "sequences": ("sequence", {"depth": 1, "width": 8}),
}


class FormatSuite:
    """Tests of an export format; give `form`."""

    # Of `autotrain.testing.examples.KINDS`, what it can write; `write` refuses the others.
    kinds: tuple[str, ...] = tuple(KINDS)

    def form(self) -> ExportFormat:
        """The format."""
        raise NotImplementedError

    @pytest.fixture
    def run(self) -> Run:
        """What calls a function with arguments where TensorFlow is."""
        return lambda function, *arguments: function(*arguments)

    @pytest.fixture
    def written(self, run: Run, tmp_path: Path) -> Callable[..., Path]:
        """Writes a model of a kind of input, and copies the runtime beside it; the folder."""

        def write(kind: str, quantize: str | None = None) -> Path:
            folder = tmp_path / "model"
            folder.mkdir()
            run(_write, self.form(), kind, str(folder / self.form().file), quantize)
            shutil.copyfile(vars(self.form().runtime)["__file__"], folder / "runtime.py")
            return folder

        return write

    def test_it_says_what_it_is(self) -> None:
        form = self.form()
        assert form.name
        assert form.name.replace("_", "").isalnum()
        assert form.needs, "what users of the model install"
        assert Path(form.file).name == form.file == form.runtime.FILE
        assert isinstance(form.runtime.READS_STRINGS, bool)
        assert callable(form.runtime.load)

    def test_its_runtime_imports_nothing_of_autotrain(self) -> None:
        source = Path(vars(self.form().runtime)["__file__"]).read_text("utf-8")
        names = []
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, "it is copied into models, where nothing is beside it"
                names.append(str(node.module))
            elif isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
        assert not [name for name in names if name.split(".")[0] == "autotrain"]

    def test_an_unknown_quantization_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="no_such") as error:
            self.form().check("no_such")
        assert self.form().name in str(error.value)

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_copied_runtime_answers_as_keras_does(
        self, run: Run, written: Callable[..., Path], kind: str
    ) -> None:
        if kind not in self.kinds:
            pytest.skip("says that it does not write such models")
        for found, wanted in run(_answers, self.form(), kind, written(kind), (1, 7)):
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, atol=1e-5)

    def test_what_it_does_not_write_is_refused(self, run: Run, tmp_path: Path) -> None:
        for kind in sorted(KINDS.keys() - set(self.kinds)):
            with pytest.raises(Exception, match=r"\w+ \w+"):  # words that say why
                run(_write, self.form(), kind, str(tmp_path / self.form().file), None)
            assert not (tmp_path / self.form().file).exists()

    def test_quantized_models_answer_nearly_the_same(self, run: Run, tmp_path: Path) -> None:
        for quantize in self.form().quantizations:
            self.form().check(quantize)
            target = tmp_path / quantize / self.form().file
            target.parent.mkdir()
            run(_write, self.form(), self.kinds[0], str(target), quantize)
            shutil.copyfile(vars(self.form().runtime)["__file__"], target.parent / "runtime.py")
            arguments = self.form(), self.kinds[0], target.parent, (40,)
            ((found, wanted),) = run(_answers, *arguments)
            compare(task_named("classification"), found, wanted, quantize)

    def test_a_model_runs_without_autotrain(
        self, run: Run, written: Callable[..., Path], tmp_path: Path
    ) -> None:
        kind = self.kinds[-1]
        folder, scratch = written(kind), tmp_path / "scratch"
        scratch.mkdir()
        examples, inputs, wanted = run(_raw, kind, str(scratch))
        (folder / "runtime.py").unlink()
        copy_scripts(folder, self.form())
        paths, task = ExportPaths(folder), task_named("classification")
        card = {"format": self.form().name, "task": task.name, "answer": task.answer,
                "classes": [str(i) for i in range(wanted.shape[1])]}  # fmt: skip
        write_json(paths.inputs, inputs)
        write_json(paths.card, card)
        write_manifest(folder)
        found, milliseconds = try_out(folder, examples, scratch)
        np.testing.assert_allclose(found, wanted, atol=1e-5)
        assert set(milliseconds) == {"1", "64"}


# In the process with TensorFlow.


@cache
def _model(kind: str) -> tuple[Prepared, str]:
    """Prepared data of a kind, and the file of a Keras model that was made for it, not trained."""
    from autotrain.training.inputs import shape_of
    from autotrain.training.model_file import plain_model
    from autotrain.training.program import Program

    folder = Path(mkdtemp(prefix="autotrain-"))
    data = prepared(kind, folder)
    name, params = _MODELS[kind]
    program = Program(name, params, shape_of(open_arrays(data.folder), data.info, data.folder))
    program.start(params, 1)
    path = folder / "model.keras"
    plain_model(program).save(path)
    return data, str(path)


def _inputs(data: Prepared) -> Any:
    return modality_named(data.info.modality).inputs(data.info, data.folder)


def _write(form: ExportFormat, kind: str, target: str, quantize: str | None) -> None:
    data, path = _model(kind)
    examples = Path(path).with_suffix(".npy")
    np.save(examples, open_arrays(data.folder).x_train)
    write_joined([(path, 1.0)], _inputs(data), form, target, quantize, str(examples))


def _raw(kind: str, folder: str) -> tuple[Path, Any, np.ndarray]:
    """A file of raw examples, what a model reads, and what Keras says to all of them."""
    data, path = _model(kind)
    inputs = _inputs(data)
    x = np.asarray(open_arrays(data.folder).x_validation)
    to_raw = modality_named(data.info.modality).to_raw
    examples = to_raw(Path(folder), data.info, inputs["vocabulary"], x)
    _, batch, _ = next(read(inputs, examples))
    return examples, inputs, _encoded(KERAS, inputs)(batch, Path(path))


def _answers(
    form: ExportFormat, kind: str, folder: Path, sizes: tuple[int, ...]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What the runtime in a folder says to batches of some sizes, and what Keras says."""
    _, path = _model(kind)
    examples, inputs, _ = _raw(kind, mkdtemp(prefix="autotrain-"))
    _, whole, _ = next(read(inputs, examples))
    spec = importlib.util.spec_from_file_location("copied_runtime", folder / "runtime.py")
    assert spec is not None
    assert spec.loader is not None
    runtime = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runtime)
    found = []
    for size in sizes:
        batch = {k: v[:size] for k, v in whole.items()} if isinstance(whole, dict) else whole[:size]
        answer = _encoded(form, inputs)(batch, folder / form.file, runtime)
        found.append((answer, _encoded(KERAS, inputs)(batch, Path(path))))
    return found


def _encoded(form: ExportFormat, inputs: Any) -> Callable[..., np.ndarray]:
    """A function from raw examples and a file to the answers of a format's runtime."""
    encoder = Encoder(inputs)
    strings = inputs["strings"] and form.runtime.READS_STRINGS
    encode = encoder.strings if strings else encoder.numbers

    def answer(batch: Any, path: Path, runtime: Any = form.runtime) -> np.ndarray:
        return np.array(runtime.load(path)(encode(batch)), "float32")

    return answer
