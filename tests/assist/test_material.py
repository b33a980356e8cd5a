from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.material import material_for, whole_lines
from spyhop.core.lines import end_of
from spyhop.core.positions import Source, Span
from strategies import texts


@st.composite
def _spans(draw: st.DrawFn) -> tuple[Source, Span]:
    source = Source(draw(texts))
    start = draw(st.integers(0, len(source.text)))
    return source, Span(start, draw(st.integers(start, len(source.text))))


@given(_spans())
def test_a_span_grows_to_whole_lines_and_no_further(drawn: tuple[Source, Span]) -> None:
    source, span = drawn
    whole = whole_lines(source, span)
    assert whole.start <= span.start
    assert span.end <= whole.end
    assert whole.start in source.line_starts
    assert whole.end in {*source.line_starts, len(source.text)}
    assert source.line_at(whole.start) == source.line_at(span.start)
    assert whole_lines(source, whole) == whole


@given(_spans())
def test_before_selection_and_after_are_the_text(drawn: tuple[Source, Span]) -> None:
    source, span = drawn
    whole = whole_lines(source, span)
    material = material_for(source, whole, "f.py", "python", "Do")
    parts = [*material.before, *material.selection, *material.after]
    assert "".join(parts) == source.text
    assert "".join(material.selection) == source.text[whole.start : whole.end]
    assert all(map(end_of, parts[:-1]))


def test_bytes_that_are_no_utf8_are_sent_as_replacement_characters() -> None:
    source = Source("a\udcff\nb\n")
    material = material_for(source, Span(3, 5), "f.py", "python", "Do")
    assert material.before == ["a\ufffd\n"]
