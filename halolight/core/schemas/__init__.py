"""Schemas: what marshmallow lacks, or does slowly."""
