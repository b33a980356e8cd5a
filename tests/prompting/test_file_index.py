from __future__ import annotations

from hypothesis import given

from spyhop.core.similar import windows_of
from spyhop.prompting.file_index import index_file
from spyhop.syntax.outline import read_outline
from strategies import texts


@given(texts)
def test_a_file_is_read_for_what_it_declares_and_for_its_windows(text: str) -> None:
    index = index_file("src/a.py", "python", text)
    assert index.path == "src/a.py"
    assert index.outline == read_outline("python", text)
    assert index.windows == windows_of(text)
