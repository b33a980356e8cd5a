from __future__ import annotations

import pytest

from spyhop.syntax.outline import read_outline


@pytest.mark.parametrize(
    ("language", "text", "doc"),
    [
        ("python", 'def f():\n    """Do it.\n\n    More.\n    """\n', '"""Do it."""'),
        ("python", 'def f():\n    """\n    Do it.\n    """\n', '"""Do it."""'),
        ("python", "# Do it.\ndef f(): pass\n", "# Do it."),
        ("python", "# Something else.\n\ndef f(): pass\n", ""),
        ("python", "x = 1  # Not of f.\ndef f(): pass\n", ""),
        ("javascript", "/**\n * Do it.\n * @param a x\n */\nfunction f(a) {}\n", "/** Do it. */"),
        ("javascript", "/** Do it. */\nexport function f(a) {}\n", "/** Do it. */"),
        ("go", "// f does it.\n// And more.\nfunc f() {}\n", "// f does it."),
        ("rust", "/// Do it.\n/// More.\n#[inline]\npub fn f() {}\n", "/// Do it."),
        ("java", "class A {\n  // Do it.\n  void f() {}\n}\n", "// Do it."),
        ("c", "/* ------\n   实现\n*/\nint f() {}\n", "/* 实现 */"),
        ("lua", "-- Do it.\nfunction f() end\n", "-- Do it."),
        ("ruby", "# Do it.\ndef f\n  1\nend\n", "# Do it."),
    ],
)
def test_what_documents_a_declaration_is_told_by_its_first_line(
    language: str, text: str, doc: str
) -> None:
    outline = read_outline(language, text)
    [index] = outline.names["f"]
    assert outline.declarations[index].doc == doc
