"""`python -m autotrain.cli`, the same as the script `autotrain`."""

from autotrain.cli import main

main()
