"""Processes of our own: what they print comes back, and why they failed in one line."""

import pytest

from autotrain.processes import ProcessError, run_python


def test_process_reads_a_request_and_its_output_comes_back():
    code = "import os, sys; print(sys.stdin.read().upper(), os.environ['SAID'])"
    assert run_python(["-c", code], request=b"abc", environment={"SAID": "x"}) == b"ABC x\n"


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import json; json.loads('{')", "json.decoder.JSONDecodeError: Expecting property name"),
        ("import sys; print('plain words', file=sys.stderr); sys.exit(3)", "plain words"),
        ("import os; os._exit(4)", "it ended with status 4 and without a word"),
        ("import sys; sys.exit('error: no room')", "error: no room"),
    ],
)
def test_process_that_fails_says_why_in_one_line(code, cause):
    with pytest.raises(ProcessError, match=cause):
        run_python(["-c", code])
