"""Simplified Chinese. `tests/contract/test_messages.py` names what is missing, or not used."""

from . import common, mails, modules

TEXTS = {**common.TEXTS, **modules.TEXTS, **mails.TEXTS}
