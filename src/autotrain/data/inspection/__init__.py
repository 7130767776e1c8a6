"""What is in a source, before a search: what it holds, what is suspicious, what a search makes of it."""

from autotrain.data.inspection.records import ColumnFacts, Facts, Finding
from autotrain.data.inspection.source import inspect_source

__all__ = ["ColumnFacts", "Facts", "Finding", "inspect_source"]
