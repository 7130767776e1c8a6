"""The JSON Schema of spaces: up to date, and of one mind with the checks in Python."""

import json
from pathlib import Path

import jsonschema
import pytest

from autotrain.catalog.compatibility import check_space, known_tasks
from autotrain.catalog.families import FAMILIES
from autotrain.catalog.hyperparameters import HYPERPARAMETERS
from autotrain.catalog.json_schema import json_schema, json_schema_text
from autotrain.errors import SpaceError
from autotrain.space import Space, load_space, parse_yaml, shipped_spaces
from autotrain.tasks import TASKS

FILE = Path(__file__).parents[2] / "search_spaces/space.schema.json"
SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SPACE = """\
name: mine
task: image_classification
model: cnn
data: {source: digits, image_size: 16, target: [1, label]}
objective: {metric: val_accuracy, direction: maximize}
budget: {epochs: 3, trials: 5, timeout: 2h}
parameters:
  optimizer: {choice: [sgd, adam]}
  depth: {int: [1, 4], step: 1}
  momentum: {float: [0.5, 0.9], when: {optimizer: sgd, depth: [1, 2]}}
  learning_rate: {float: [1e-4, 1e-1], log: true}
  batch_size: 64
start_from:
  - {optimizer: adam, depth: 2}
"""


def problems(text):
    """What is wrong; many editors know draft 7 alone, and must come to the same answer."""
    data = parse_yaml(text, "f")[0]
    found = list(VALIDATOR.iter_errors(data))
    assert bool(found) == (not jsonschema.Draft7Validator(SCHEMA).is_valid(data))
    return found


def test_schema_in_the_repository_is_up_to_date():
    assert FILE.read_text("utf-8") == json_schema_text() + "\n", (
        "run  autotrain spaces schema --out search_spaces/space.schema.json"
    )


def test_schema_is_one_of_draft_2020_12():
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json_schema_text()) == SCHEMA


@pytest.mark.parametrize("name", shipped_spaces())
def test_shipped_space_is_right_and_names_the_schema(name):
    path = shipped_spaces()[name]
    text = path.read_text("utf-8")
    assert problems(text) == []
    assert list(VALIDATOR.iter_errors(load_space(name).to_dict())) == []
    first, _, place = text.splitlines()[0].partition("$schema=")
    assert first == "# yaml-language-server: "
    assert (path.parent / place).samefile(FILE)


@pytest.mark.parametrize(
    "text",
    [
        SPACE,
        "objective: {metric: reward, direction: maximize}\nparameters: {depth: {float: [0, 1]}}\n",
        "objective: val_loss\nmodel: my.py:build\nparameters: {x: {int: [1, 2]}, depth: 0.5}\n",
        "objective: [val_loss, parameters]\nmodel: cnn\nparameters: {depth: {value: 2}}\n",
        "objective: loss\nmodel: {choice: [cnn, resnet]}\nparameters: {heads: 1, depth: 2}\n",
        "objective: val_r2\ntask: tabular_regression\nmodel: mlp\nparameters: {depth: 2}\n",
        "objective: loss\nparameters: {été: {choice: [a, 2, 2.5, true, null]}, _x1: x}\n",
        "objective: loss\nparameters: {x: 1}\ndata: null\nbudget: null\ntask: null\nmodel: null\n",
        "objective: loss\nmodel: resnet\nparameters: {width: {choice: [16, 32]}, depth: 1}\n",
    ],
)
def test_right_space_is_right_under_the_schema(text):
    Space.from_dict(parse_yaml(text, "f")[0])
    assert problems(text) == []


# Each turns the space above into a wrong one.
WRONG = [
    ("name: mine", "nmae: mine"),
    ("name: mine", "name: 3"),
    ("name: mine", f"name: {'a' * 101}"),
    ("objective: {metric: val_accuracy, direction: maximize}\n", ""),
    ("image_classification", "image_clasification"),
    ("image_classification", "text_classification"),
    ("model: cnn", "model: cn"),
    ("model: cnn", "model: 3"),
    ("model: cnn", "model: my.py"),
    ("model: cnn", "model: {choice: [cnn, rsnet]}"),
    ("model: cnn", "model: {choise: [cnn]}"),
    ("source: digits", "sorce: digits"),
    ("source: digits", "source: 3"),
    ("image_size: 16", "image_size: 0"),
    ("image_size: 16", "validation: 1"),
    ("image_size: 16", "split_text: word"),
    ("image_size: 16", "header: 1"),
    ("target: [1, label]", "target: [2.5]"),
    ("val_accuracy, direction: maximize", "val_acuracy, direction: maximize"),
    ("val_accuracy, direction: maximize", "val_rmse, direction: minimize"),
    ("direction: maximize", "direction: up"),
    ("{metric: val_accuracy, direction: maximize}", "[]"),
    ("{metric: val_accuracy, direction: maximize}", "{direction: maximize}"),
    ("epochs: 3", "epoch: 3"),
    ("epochs: 3", "epochs: 0"),
    ("epochs: 3", "epochs: many"),
    ("timeout: 2h", "timeout: [2]"),
    ("  optimizer: {choice: [sgd, adam]}", "  optimzer: {choice: [sgd, adam]}"),
    ("choice: [sgd, adam]", "choice: [sgd, adm]"),
    ("choice: [sgd, adam]", "choice: []"),
    ("choice: [sgd, adam]", "choice: sgd"),
    ("choice: [sgd, adam]", "chioce: [sgd, adam]"),
    ("{choice: [sgd, adam]}", "adm"),
    ("{choice: [sgd, adam]}", "[sgd, adam]"),
    ("{choice: [sgd, adam]}", "null"),
    ("{int: [1, 4], step: 1}", "{int: [1, 100]}"),
    ("{int: [1, 4], step: 1}", "{int: [1.5, 4]}"),
    ("{int: [1, 4], step: 1}", "{float: [1, 4]}"),
    ("{int: [1, 4], step: 1}", "{int: [1, 4, 5]}"),
    ("{int: [1, 4], step: 1}", "{int: 4}"),
    ("{int: [1, 4], step: 1}", "{int: [1, 4], float: [1, 4]}"),
    ("{int: [1, 4], step: 1}", "{int: [1, 4], low: 2}"),
    ("step: 1", "step: 0"),
    ("step: 1", "log: 1"),
    ("float: [0.5, 0.9]", "float: [0.5, 1.5]"),
    ("float: [0.5, 0.9]", "float: ['0.5', 0.9]"),
    ("when: {optimizer: sgd, depth: [1, 2]}", "when: {}"),
    ("when: {optimizer: sgd, depth: [1, 2]}", "when: sgd"),
    ("when: {optimizer: sgd, depth: [1, 2]}", "when: {optimizer: []}"),
    ("[1e-4, 1e-1]", "[0, 1e-1]"),
    ("batch_size: 64", "batch_size: 64.5"),
    ("batch_size: 64", "batch_size: {value: [64]}"),
    ("batch_size: 64", "heads: 4"),
    ("batch_size: 64", "batch-size: 64"),
    ("  - {optimizer: adam, depth: 2}", "  - 3"),
    ("  - {optimizer: adam, depth: 2}", "  - {}"),
    ("  - {optimizer: adam, depth: 2}", "  depth: 2"),
]


@pytest.mark.parametrize(("right", "wrong"), WRONG, ids=lambda text: text.strip()[:40])
def test_wrong_space_is_wrong_under_the_schema_and_in_python(right, wrong, tmp_path):
    text = SPACE.replace(right, wrong, 1)
    assert text != SPACE
    assert problems(text)
    (tmp_path / "f.yaml").write_text(text, "utf-8")
    with pytest.raises(SpaceError):
        load_space(tmp_path / "f.yaml", check_space)


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_every_hyperparameter_is_completed_with_its_description_and_limits(name):
    info = HYPERPARAMETERS[name]
    shown = SCHEMA["properties"]["parameters"]["properties"][name]
    assert shown["description"] == f"{info.what}: {info.rule()}"
    assert shown.get("default") == info.default
    value = SCHEMA["$defs"][f"{name}_value"]
    validator = jsonschema.Draft202012Validator(value)
    for sample in (-1, 0, 0.5, 1, 2, 64, 10**9, True, "", "none", "adam", None, *info.choices):
        assert validator.is_valid(sample) == info.allows(sample), sample


@pytest.mark.parametrize("name", FAMILIES.names())
def test_every_family_has_its_own_hyperparameters_and_tasks(name):
    family = FAMILIES.get(name)
    for parameter in HYPERPARAMETERS:
        space = {"model": name, "objective": "loss", "parameters": {parameter: _any(parameter)}}
        assert VALIDATOR.is_valid(space) == family.has(parameter), parameter
    for task in known_tasks():
        space = {"model": name, "objective": "loss", "task": task, "parameters": {"dropout": 0.1}}
        assert VALIDATOR.is_valid(space) == task.startswith(f"{family.modality}_")


def _any(name):
    """A value that the hyperparameter allows."""
    info = HYPERPARAMETERS[name]
    return next(value for value in (0.5, 3, True, "auto", *info.choices) if info.allows(value))


@pytest.mark.parametrize("goal", TASKS.names())
def test_every_metric_of_a_goal_and_no_other_can_be_its_objective(goal):
    known = TASKS.get(goal).reported_metrics
    for metric in {m for each in TASKS.names() for m in TASKS.get(each).reported_metrics}:
        model, data = ("sequence",) * 2 if goal == "forecast" else ("mlp", "tabular")
        space = {"model": model, "task": f"{data}_{goal}", "parameters": {"depth": 2}}
        for objective in (metric, {"metric": metric}, [metric, {"metric": metric}]):
            right = VALIDATOR.is_valid({**space, "objective": objective})
            assert right == (metric in known), metric
