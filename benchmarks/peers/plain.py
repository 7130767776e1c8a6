"""A loop around plain Keras: one process, all cores."""

from __future__ import annotations

from common import Data, read_spec, train, write_result


def main() -> None:
    spec, out = read_spec()
    data = Data(spec["data"], spec["classes"])
    trials = [train(i, config, data, spec) for i, config in enumerate(spec["configs"])]
    write_result(out, trials)


if __name__ == "__main__":
    main()
