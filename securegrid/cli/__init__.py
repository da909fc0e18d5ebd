"""The ``securegrid`` command: searching, the trial, nodes, serving and administration."""
