"""`autotrain spaces show`: the space, its schedules on a terminal, a picture of augmentation."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command_line import autotrain

ROOT = Path(__file__).parents[2]
SPACE = """\
name: mine
task: image_classification
data: digits
model: cnn
objective: {metric: val_accuracy, direction: maximize}
parameters:
  schedule: {choice: [cosine, step]}
"""


def test_piped_output_is_the_file_byte_for_byte(tmp_path):
    shown = autotrain("spaces", "show", "cifar_cnn", cwd=tmp_path)
    assert shown == (ROOT / "search_spaces/cifar_cnn.yaml").read_text("utf-8")


def test_on_a_terminal_schedules_follow_as_comments(tmp_path):
    (tmp_path / "mine.yaml").write_text(SPACE)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "autotrain.cli", "spaces", "show", "mine.yaml"]
    env = {**os.environ, "PYTHONUTF8": "1"}
    process = subprocess.Popen(command, cwd=tmp_path, stdout=theirs, env=env)
    os.close(theirs)
    text = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
        text += piece
    assert process.wait(60) == 0
    os.close(ours)
    shown = text.decode("utf-8").replace("\r\n", "\n")
    assert shown.startswith(SPACE)
    assert "# cosine\n# ██" in shown
    assert "# step\n" in shown
    (tmp_path / "again.yaml").write_text(shown, "utf-8")
    assert "fine" in autotrain("spaces", "check", "again.yaml", cwd=tmp_path)


def test_picture_shows_every_part_at_three_strengths(tmp_path):
    rows = "  shear: {float: [0, 1]}\n  hue: {float: [0, 1]}\n  mixup: 0.0\n"
    (tmp_path / "mine.yaml").write_text(SPACE + rows)
    x = np.random.default_rng(0).integers(0, 256, (60, 6, 9, 3)).astype("uint8")
    np.savez(tmp_path / "data.npz", x=x, y=np.arange(60) % 3)
    output = autotrain(
        "spaces", "show", "mine.yaml", "--augment", "data.npz", "--out", "p.png", cwd=tmp_path
    )
    assert "shear, hue at strengths 0, 0.5 and 1" in output
    pixels = np.asarray(Image.open(tmp_path / "p.png"))
    # Three rows of 48 pixels: shear, hue and both; blocks of 4 images of 72 with gaps of 3.
    rows = [pixels[-16 - 54 * k : -16 - 54 * k + 48] for k in (3, 2, 1)]
    block = 4 * 75 - 3
    starts = [pixels.shape[1] - 16 - (3 - c) * block - (2 - c) * 18 for c in range(3)]
    cells = [[row[:, x : x + block].astype(int) for x in starts] for row in rows]
    assert all((row[0] == cells[0][0]).all() for row in cells)  # strength 0 is the original
    for none, half, full in cells:
        assert np.abs(none - half).mean() > 1
        assert np.abs(half - full).mean() > 1


@pytest.mark.parametrize(
    ("space", "data", "hint"),
    [
        (SPACE, "digits", "the space 'mine' has no augmentation"),
        (SPACE + "  flip: 0.0\n", "digits", "the space 'mine' has no augmentation"),
        (SPACE + "  flip: 0.5\n", "wine", "reads image data, but 'wine' is tabular"),
        (SPACE + "  flip: 0.5\n", "nothing.npz", "nothing.npz"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_one_message(tmp_path, space, data, hint):
    (tmp_path / "mine.yaml").write_text(space)
    output = autotrain("spaces", "show", "mine.yaml", "--augment", data, cwd=tmp_path, expect=2)
    assert hint in output
    assert not (tmp_path / "augmentation.png").exists()


@pytest.mark.slow
def test_a_picture_of_an_unknown_kind_is_refused(tmp_path):
    (tmp_path / "mine.yaml").write_text(SPACE + "  flip: 0.5\n")
    output = autotrain(
        "spaces",
        "show",
        "mine.yaml",
        "--augment",
        "digits",
        "--out",
        "p.xyz",
        cwd=tmp_path,
        expect=2,
    )
    assert "p.xyz" in output
