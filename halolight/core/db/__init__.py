"""The database: models, reads, lists, owned resources."""
