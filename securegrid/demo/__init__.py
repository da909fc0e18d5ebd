"""A composed alliance that repeats the trial of 2021 on one machine."""
