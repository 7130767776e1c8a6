"""A guard that fails says what to do."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("error", [AttributeError("no '_rdb'"), AssertionError("1 == 2")])
def test_a_failing_guard_names_the_library_its_version_and_our_file(adapt, error):
    import optuna

    words = rf"optuna {optuna.__version__} .*autotrain/compat/optuna_tables.py.*must be adapted: .*{error}"
    with pytest.raises(pytest.fail.Exception, match=words), adapt("optuna", "optuna_tables.py"):
        raise error
