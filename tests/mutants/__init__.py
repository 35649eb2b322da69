"""Faults that the tests must notice: one small change of the code each, in `*.toml`."""
