"""The mutants fit the code as it is, so that none is lost without notice when the code changes."""

from .catalogue import mutants


def test_every_mutant_can_be_applied() -> None:
    faults = []
    for mutant in mutants():
        try:
            mutant.check()
        except (OSError, ValueError) as fault:
            faults.append(str(fault))

    assert faults == []


def test_there_are_as_many_as_there_were() -> None:
    """Take one out only together with the rule that it breaks."""
    assert len(list(mutants())) >= 150
