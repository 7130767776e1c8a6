"""Ray's driver is silent where we ask for it, and reads its token when we say so."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from autotrain.compat.ray_internals import quiet_driver


@pytest.fixture
def errors(adapt, monkeypatch):
    """Lets Ray's listener print of one lost worker, also where a search with Ray ran before."""
    with adapt("ray", "ray_internals.py"):
        from ray._private.worker import listen_error_messages

        monkeypatch.setattr("ray._private.worker._worker_logs_enabled", True)

    def listen():
        answers = [(None, {"job_id": None, "error_message": "a worker died"})]
        subscriber = SimpleNamespace(subscribe=lambda: None, poll=lambda: answers.pop())
        job = SimpleNamespace(binary=lambda: b"job")
        worker = SimpleNamespace(gcs_error_subscriber=subscriber, current_job_id=job)
        over = threading.Event()
        poll = subscriber.poll
        subscriber.poll = lambda: (over.set(), poll())[1]
        listen_error_messages(worker, over)

    return listen


def test_lost_workers_are_not_printed_while_the_driver_is_quiet(adapt, errors, capsys):
    with adapt("ray", "ray_internals.py"):
        with quiet_driver():
            errors()
        assert capsys.readouterr().out == ""
        errors()  # and are again afterwards
        assert "a worker died" in capsys.readouterr().out


TOKENS = """
import os
from pathlib import Path
import ray
from autotrain.compat.ray_internals import read_authentication_again
from ray._raylet import AuthenticationTokenLoader

def seen():
    return AuthenticationTokenLoader.instance().get_token_for_http_header()

def choose(token):
    file = Path(os.environ["FOLDER"], token)
    file.write_text(token)
    os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN_PATH=str(file))
    read_authentication_again()

assert not seen(), seen()
choose("a" * 64)
assert "a" * 64 in str(seen()), seen()
choose("b" * 64)
assert "b" * 64 in str(seen()), seen()
"""


def test_a_token_that_is_chosen_after_the_import_is_used(adapt, tmp_path):
    variables = {k: v for k, v in os.environ.items() if not k.startswith("RAY_AUTH")}
    with adapt("ray", "ray_internals.py"):
        answer = subprocess.run(
            [sys.executable, "-c", TOKENS], env={**variables, "FOLDER": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr[-2000:]
