"""The search-space language: parameters, conditions, and their YAML and Python forms.

space = load_space("cifar_cnn")                       # shipped, or the path of a YAML file
space = Space({"lr": Float(1e-4, 1e-1, log=True)}, "val_accuracy")
print(to_yaml(space), to_python(space))
"""

from autotrain.space.loader import load_space, shipped_spaces
from autotrain.space.parameters import Choice, Fixed, Float, Int, Parameter
from autotrain.space.scalars import parse_duration, parse_scalar
from autotrain.space.sections import Budget, DataSpec, Objective
from autotrain.space.serialize import to_python, to_yaml
from autotrain.space.space import Space
from autotrain.space.yaml_reader import LineMap, parse_yaml

__all__ = [
    "Budget",
    "Choice",
    "DataSpec",
    "Fixed",
    "Float",
    "Int",
    "LineMap",
    "Objective",
    "Parameter",
    "Space",
    "load_space",
    "parse_duration",
    "parse_scalar",
    "parse_yaml",
    "shipped_spaces",
    "to_python",
    "to_yaml",
]
