"""What the sandbox's Airtable remembers: lists that are being read, and who has to wait."""

from sandbox.airtable.memory import ITERATOR_TTL_S, PENALTY_S, AirtableMemory, Iterators, Penalties

IDS = ["recA", "recB", "recC"]


def test_an_offset_names_where_the_next_page_begins() -> None:
    iterators = Iterators()
    walk = iterators.begin("somebody", IDS, 0)
    offset = iterators.offset(walk, 1, 0)
    assert offset == f"{walk.id}/recB"
    assert iterators.resume(offset, "somebody", 1) == (walk, 1)


def test_an_offset_is_taken_for_five_minutes() -> None:
    iterators = Iterators()
    offset = iterators.offset(iterators.begin("somebody", IDS, 0), 1, 0)
    assert iterators.resume(offset, "somebody", ITERATOR_TTL_S - 1) is not None
    assert iterators.resume(offset, "somebody", ITERATOR_TTL_S) is None


def test_a_list_that_is_read_on_stays() -> None:
    iterators = Iterators()
    walk = iterators.begin("somebody", IDS, 0)
    iterators.offset(walk, 1, 0)
    later = iterators.offset(walk, 2, ITERATOR_TTL_S - 1)
    assert iterators.resume(later, "somebody", ITERATOR_TTL_S + 1) == (walk, 2)


def test_nobody_elses_offset_is_taken_and_none_that_is_made_up() -> None:
    iterators = Iterators()
    walk = iterators.begin("somebody", IDS, 0)
    offset = iterators.offset(walk, 1, 0)
    assert iterators.resume(offset, "another", 1) is None
    for made_up in ("", "/", walk.id, f"{walk.id}/", f"{walk.id}/recX", f"{walk.id}/recB/", "itr/recB"):
        assert iterators.resume(made_up, "somebody", 1) is None


def test_a_penalty_lasts_thirty_seconds_for_its_key_alone() -> None:
    penalties = Penalties()
    penalties.begin("one", 100)
    assert penalties.hold("one", 100 + PENALTY_S - 1)
    assert not penalties.hold("one", 100 + PENALTY_S)
    assert not penalties.hold("another", 100)


def test_a_reset_forgets_both() -> None:
    memory = AirtableMemory()
    offset = memory.iterators.offset(memory.iterators.begin("somebody", IDS, 0), 1, 0)
    memory.penalties.begin("one", 0)
    memory.reset()
    assert memory.iterators.resume(offset, "somebody", 0) is None
    assert not memory.penalties.hold("one", 0)
