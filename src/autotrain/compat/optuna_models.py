"""Optuna's models of the tables of its storage, through which rows are written in bulk."""

from optuna.storages._rdb import models

__all__ = ["models"]
