"""What users hand over becomes text that is short and the same in every run."""

from __future__ import annotations

from paceline.plugin.texts import shown


class Named:
    """An object whose representation is longer than what a shortened one may have."""

    def a_method_with_a_rather_long_name(self) -> None:
        """Something that can be a parameter."""


def test_an_object_keeps_its_name_and_no_address_wherever_it_stands() -> None:
    bound = Named().a_method_with_a_rather_long_name
    text = f"<bound method Named.a_method_with_a_rather_long_name of <{__name__}.Named object>>"
    assert shown(bound) == text
    assert shown([bound]) == f"[{text}]"


def test_a_long_container_is_shortened() -> None:
    assert shown(list(range(9))) == "[0, 1, 2, 3, 4, 5, ...]"
