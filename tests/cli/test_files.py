"""Files on the command line: which lines are meant, what is refused, and bytes that stay."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.cli.files import Target, TextFile, read_target, read_text
from spyhop.core.lines import split_lines
from spyhop.errors import UsageError
from spyhop.messages import LANGUAGES

SIX = "".join(f"line {number}\n" for number in range(1, 7))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("six.py").write_text(SIX, encoding="utf-8")
    return tmp_path


def lines_of(target: str) -> list[str]:
    """Return the lines that a target names."""
    found = read_target(target)
    return split_lines(found.file.source.text[found.span.start : found.span.end])


def refusal(target: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_target(target)
    for language in LANGUAGES:
        message = caught.value.say(language)
        assert message
        assert "\n" not in message
    return caught.value


# Targets


@pytest.mark.parametrize(
    ("target", "first", "last"),
    [
        ("six.py", 1, 6),
        ("six.py:3", 3, 3),
        ("six.py:3-5", 3, 5),
        ("six.py:1-6", 1, 6),
        ("six.py:6-6", 6, 6),
        ("./six.py:03-05", 3, 5),
    ],
)
def test_a_target_names_lines_from_1_both_ends_included(target: str, first: int, last: int) -> None:
    assert lines_of(target) == SIX.splitlines(keepends=True)[first - 1 : last]
    assert read_target(target).file.data == SIX.encode()


@given(first=st.integers(1, 6), last=st.integers(1, 6))
def test_start_and_end_name_that_many_lines_or_are_refused(first: int, last: int) -> None:
    if first > last:
        assert refusal(f"six.py:{first}-{last}").key == "bad-target"
    else:
        assert len(lines_of(f"six.py:{first}-{last}")) == last - first + 1


@pytest.mark.parametrize(
    "name", ["C:\\x.py", "C:\\a b\\x.py", "a:b.py", "x.py:3", "x.py:3-5", "~nobody-of-this-name"]
)
def test_colons_in_a_name_belong_to_it(name: str) -> None:
    Path(name).write_text(SIX, encoding="utf-8")
    assert len(lines_of(name)) == 6
    assert lines_of(f"{name}:3-5") == SIX.splitlines(keepends=True)[2:5]


def test_a_file_whose_name_ends_like_lines_goes_before_the_lines_of_another() -> None:
    Path("six.py:3").write_text("other\n", encoding="utf-8")
    assert lines_of("six.py:3") == ["other\n"]


def test_a_tilde_is_the_home() -> None:
    (Path.home() / "own.py").write_text("x\n", encoding="utf-8")
    assert lines_of("~/own.py:1") == ["x\n"]


@pytest.mark.parametrize("target", ["", "six.py:0", "six.py:0-3", "six.py:5-3"])
def test_lines_that_cannot_be_say_how_to_name_lines(target: str) -> None:
    error = refusal(target)
    assert error.key == "bad-target"
    assert "FILE:START-END" in str(error)


@pytest.mark.parametrize("target", ["six.py:7", "six.py:6-7", "six.py:1-999999999"])
def test_lines_beyond_the_end_say_how_many_there_are(target: str) -> None:
    error = refusal(target)
    assert error.key == "lines-out-of-range"
    assert "has 6 lines" in str(error)


@pytest.mark.parametrize(
    "target",
    ["none.py", "none.py:3", "six.py:-3", "six.py:3-", "six.py:x", "six.py:" + "9" * 5000],
)
def test_a_file_that_is_not_there_is_said_to_be_missing_or_unreadable(target: str) -> None:
    assert refusal(target).key in {"file-missing", "file-unreadable"}


@given(target=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_target_is_read_or_refused(target: str) -> None:
    try:
        found = read_target(target)
    except UsageError as error:
        assert str(error)  # noqa: PT017 - most texts name nothing, some may
    else:
        assert found.first >= 0


# What is refused


def test_a_folder_is_refused_and_says_to_name_a_file() -> None:
    Path("src").mkdir()
    assert "src is a folder. Name a file: src/FILE" in str(refusal("src"))
    assert refusal("src:3").key == "file-is-folder"


def test_a_path_through_a_file_is_unreadable() -> None:
    error = refusal("six.py/x.py")
    assert error.key == "file-unreadable"
    assert "Not a directory" in str(error)


def test_a_name_too_long_is_unreadable() -> None:
    assert refusal("x" * 5000).key == "file-unreadable"
    assert refusal("x" * 5000 + ":3").key == "file-unreadable"


def test_a_link_to_itself_is_unreadable() -> None:
    Path("loop").symlink_to("loop")
    assert refusal("loop").key == "file-unreadable"


def test_a_link_to_nothing_is_missing() -> None:
    Path("dangling").symlink_to("none")
    assert refusal("dangling").key == "file-missing"


def test_a_pipe_is_refused_and_not_waited_for() -> None:
    os.mkfifo("pipe")
    assert refusal("pipe").key == "file-special"
    assert refusal("pipe:3").key == "file-special"
    assert refusal("/dev/zero").key == "file-special"


@pytest.mark.parametrize(
    "data", [b"\x7fELF\0\0", "x = 1\n".encode("utf-16"), b"x = 1\n" * 10_000 + b"\0"]
)
def test_a_binary_file_is_refused(data: bytes) -> None:
    Path("binary").write_bytes(data)
    assert refusal("binary").key == "file-binary"


def test_selected_lines_that_are_no_utf8_are_refused_by_number() -> None:
    Path("x.py").write_bytes(b"a\n# \xcf\xc2\nb\n")
    for target in ("x.py", "x.py:2", "x.py:1-3"):
        error = refusal(target)
        assert error.key == "file-not-utf8"
        assert "x.py, line 2" in str(error)


def test_lines_beside_those_that_are_no_utf8_can_be_edited() -> None:
    data = b"\xff\na\n# \xcf\xc2\n\xed\xa0\x80"
    Path("x.py").write_bytes(data)
    assert lines_of("x.py:2") == ["a\n"]
    file = read_target("x.py:2").file
    file.write(file.source.text.replace("a\n", "b\n"))
    assert Path("x.py").read_bytes() == data.replace(b"a\n", b"b\n")


# Bytes that stay


@given(data=st.binary().filter(lambda data: b"\0" not in data))
def test_writing_what_was_read_keeps_every_byte(data: bytes) -> None:
    path = Path("any")
    path.write_bytes(data)
    file = read_text("any")
    file.write(file.source.text)
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        codecs.BOM_UTF8,
        codecs.BOM_UTF8 + b"x = 1\r\n",
        codecs.BOM_UTF8 * 2 + b"x",
        b"a\r\nb\nc\rd",
        b"no newline",
        "s = '\u2028\u0085\f'\n".encode(),
    ],
)
def test_marks_and_line_ends_stay(data: bytes) -> None:
    Path("x.py").write_bytes(data)
    file = read_text("x.py")
    assert not file.source.text.startswith("\ufeff") or data.startswith(codecs.BOM_UTF8 * 2)
    file.write(file.source.text)
    assert Path("x.py").read_bytes() == data


def test_an_empty_file_has_one_place_to_write_to() -> None:
    Path("empty.py").touch()
    for target in ("empty.py", "empty.py:1"):
        assert len(read_target(target).span) == 0
    assert refusal("empty.py:2").key == "lines-out-of-range"


@pytest.mark.parametrize("data", [b"a\nb", b"a\nb\n", b"a\r\nb", b"a\rb\r"])
def test_the_last_line_is_a_line_with_or_without_its_newline(data: bytes) -> None:
    Path("x.py").write_bytes(data)
    assert len(lines_of("x.py")) == 2
    assert lines_of("x.py:2")[0].rstrip() == "b"
    assert refusal("x.py:3").key == "lines-out-of-range"


def test_a_file_of_50000_lines_is_read_and_written() -> None:
    text = "".join(f"x{number} = {number}\r\n" for number in range(50_000))
    Path("long.py").write_bytes(text.encode())
    assert lines_of("long.py:50000") == ["x49999 = 49999\r\n"]
    assert refusal("long.py:50001").key == "lines-out-of-range"
    file = read_target("long.py:25000-25001").file
    file.write(file.source.text)
    assert Path("long.py").read_bytes() == text.encode()


# Writing


def test_writing_replaces_the_file_and_keeps_its_mode() -> None:
    path = Path("six.py")
    path.chmod(0o751)
    before = path.stat()
    read_text("six.py").write("new\n")
    after = path.stat()
    assert path.read_text(encoding="utf-8") == "new\n"
    assert stat.S_IMODE(after.st_mode) == 0o751
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    # Another file took its place: whoever has the old one open still reads all of it.
    assert after.st_ino != before.st_ino
    assert os.listdir() == ["six.py"]  # noqa: PTH208 - hidden files too


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_writing_keeps_the_owner() -> None:
    os.chown("six.py", 1234, 5678)
    read_text("six.py").write("new\n")
    after = Path("six.py").stat()
    assert (after.st_uid, after.st_gid) == (1234, 5678)


def test_a_link_stays_a_link_and_what_it_points_to_is_written(folder: Path) -> None:
    (folder / "real").mkdir()
    real = folder / "real" / "x.py"
    real.write_text("old\n", encoding="utf-8")
    Path("link.py").symlink_to("real/x.py")
    Path("second.py").symlink_to("link.py")
    read_text("second.py").write("new\n")
    assert Path("second.py").readlink() == Path("link.py")
    assert Path("link.py").readlink() == Path("real/x.py")
    assert not real.is_symlink()
    assert real.read_text(encoding="utf-8") == "new\n"


def test_a_name_of_the_greatest_length_can_be_written() -> None:
    path = Path("x" * 255)
    path.touch()
    read_text(str(path)).write("new\n")
    assert path.read_text(encoding="utf-8") == "new\n"


@pytest.mark.parametrize("change", [b"other\n", b"", SIX.encode() + b"\n"])
def test_a_file_that_has_changed_since_is_not_written(change: bytes) -> None:
    file = read_text("six.py")
    Path("six.py").write_bytes(change)
    with pytest.raises(UsageError) as caught:
        file.write("new\n")
    assert caught.value.key == "file-changed"
    assert Path("six.py").read_bytes() == change
    assert os.listdir() == ["six.py"]  # noqa: PTH208


def test_a_file_that_is_gone_is_not_written_anew() -> None:
    file = read_text("six.py")
    Path("six.py").unlink()
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        file.write("new\n")
    assert not os.listdir()  # noqa: PTH208


def test_a_file_that_may_not_be_written_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    file = read_text("six.py")
    # Root may write everything, so that a mode would show nothing here.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match="Permission denied"):
        file.write("new\n")
    unchanged()


def unchanged() -> None:
    assert Path("six.py").read_text(encoding="utf-8") == SIX
    assert os.listdir() == ["six.py"]  # noqa: PTH208


def _fail(error: BaseException) -> Any:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("tempfile", "mkstemp"),
        ("os", "fsync"),
        ("pathlib.Path", "chmod"),
        ("pathlib.Path", "replace"),
    ],
)
def test_a_write_that_fails_anywhere_leaves_the_file_and_nothing_else(
    owner: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = read_text("six.py")
    with monkeypatch.context() as patched:
        patched.setattr(f"{owner}.{name}", _fail(OSError(28, "No space left on device")))
        with pytest.raises(UsageError) as caught:
            file.write("new\n")
    assert caught.value.key == "file-unwritable"
    assert "No space left on device. It is unchanged." in str(caught.value)
    unchanged()


@pytest.mark.parametrize(("owner", "name"), [("os", "fsync"), ("pathlib.Path", "replace")])
def test_a_write_that_is_interrupted_leaves_the_file_and_nothing_else(
    owner: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = read_text("six.py")
    with monkeypatch.context() as patched:
        patched.setattr(f"{owner}.{name}", _fail(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            file.write("new\n")
    unchanged()


def test_what_takes_the_files_place_is_whole_before_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "x" * 1_000_000
    seen: list[int] = []
    replace = Path.replace

    def watch(new: Path, old: Path) -> Path:
        seen.append(new.stat().st_size)
        assert old.read_text(encoding="utf-8") == SIX
        return replace(new, old)

    monkeypatch.setattr(Path, "replace", watch)
    read_text("six.py").write(text)
    assert seen == [len(text)]


def test_a_targets_span_counts_in_the_text_without_the_mark() -> None:
    Path("x.py").write_bytes(codecs.BOM_UTF8 + b"a\nb\n")
    target = read_target("x.py:2")
    assert isinstance(target, Target)
    assert isinstance(target.file, TextFile)
    assert target.file.source.text == "a\nb\n"
    assert (target.span.start, target.span.end) == (2, 4)
