"""Simplified Chinese. `tests/contract/test_messages.py` names what is missing, or not used."""

from . import zh_calendar, zh_common, zh_content, zh_mails, zh_people

TEXTS = {
    **zh_common.TEXTS,
    **zh_people.TEXTS,
    **zh_content.TEXTS,
    **zh_calendar.TEXTS,
    **zh_mails.TEXTS,
}
