"""Records as values: what is worked out from their fields follows the fields."""

from __future__ import annotations

from ivigil.records import AbstractSection, Record


def test_a_changed_copy_has_a_hash_and_a_text_of_its_own() -> None:
    """A copy does not keep the hash or the abstract that was worked out for the original, else a change goes unseen."""
    one = Record(source="x", source_id="1", abstract=(AbstractSection(text="Before."),))
    before = (one.content_hash, one.abstract_text)
    other = one.model_copy(update={"abstract": (AbstractSection(text="After."),)})
    assert (other.content_hash, other.abstract_text) != before
    assert other.abstract_text == "After."
    assert other.content_hash == Record(source="x", source_id="1", abstract=other.abstract).content_hash
    assert (one.content_hash, one.abstract_text) == before
