"""The tables of `core.i18n`: the texts of a language by their English ones."""
