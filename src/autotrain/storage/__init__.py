"""Recording a study: Optuna's database, and the files of its folder."""
