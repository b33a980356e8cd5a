"""Downloads from a server that misbehaves."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from file_server import FileServer, Page, file_server
from gguf_files import header
from spyhop.errors import SpyhopError, UsageError
from spyhop.locks import held
from spyhop.messages import LANGUAGES
from spyhop.models.embedded.download import Downloads, download
from spyhop.models.embedded.store import find, models_folder
from spyhop.models.errors import Broken, ModelUnavailable, Unreachable
from spyhop.models.pulling import DONE, DOWNLOADING, PREPARING, Puller, PullProgress

pytestmark = pytest.mark.anyio

FILE = "/files/R1.gguf"
REPO = "unsloth/DeepSeek-R1-GGUF"
MODEL = header({"general.architecture": "qwen2"}, tensors={"x": (8192,)})
OTHER = header({"general.architecture": "llama"}, tensors={"x": (8192,)})
SHA = hashlib.sha256(MODEL).hexdigest()
ETAG = '"v1"'


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    async with file_server() as it:
        yield it


class Pull:
    """Downloads from the server into a folder, and counts how often it waited."""

    def __init__(self, server: FileServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.waits: list[float] = []
        self.steps: list[PullProgress] = []
        self.stepped = asyncio.Condition()
        self.environment: dict[str, str] = {}
        """Mirrors of the hubs."""

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)

    async def reached(self, count: int) -> None:
        """Wait until so many bytes are here."""
        async with self.stepped:
            await self.stepped.wait_for(lambda: (self.steps[-1].completed or 0) >= count)

    async def pull(self, source: str = "", *, until: int | None = None, **options: Any) -> None:
        """Download; ``until`` leaves off when so many bytes are here."""
        steps = download(
            source or self.server.url + FILE,
            folder=self.folder,
            environment=self.environment,
            sleep=self.sleep,
            **options,
        )
        self.steps = []
        async with aclosing(steps):
            async for step in steps:
                async with self.stepped:
                    self.steps.append(step)
                    self.stepped.notify_all()
                if until is not None and (step.completed or 0) >= until:
                    return

    @property
    def files(self) -> dict[str, bytes]:
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def puller(server: FileServer, tmp_path: Path) -> Pull:
    return Pull(server, tmp_path / "models")


@pytest.fixture
def mirrored(puller: Pull) -> Pull:
    """The server stands in for both hubs."""
    url = puller.server.url
    puller.environment = {"HF_ENDPOINT": url, "MODELSCOPE_DOMAIN": url}
    return puller


async def failure(puller: Pull, source: str = "", **options: Any) -> SpyhopError:
    with pytest.raises(SpyhopError) as caught:
        await puller.pull(source, **options)
    for language in LANGUAGES:
        assert "\n" not in caught.value.say(language)
    return caught.value


# An address


async def test_a_file_is_downloaded_and_its_way_told(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(MODEL)
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}
    assert puller.steps[0] == PullProgress(PREPARING)
    assert puller.steps[-1] == PullProgress(DONE)
    counts = [step.completed or 0 for step in puller.steps]
    assert PullProgress(DOWNLOADING, len(MODEL), len(MODEL)) in puller.steps
    assert counts[:-1] == sorted(counts[:-1])


async def test_what_is_here_is_not_downloaded_again(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(MODEL)
    source = f"{server.url}{FILE}#sha256={SHA}"
    await puller.pull(source)
    await puller.pull(source)
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}
    # Without a checksum the server is asked for the length, and no more is taken.
    assert len(server.of(FILE)) == 2


async def test_what_has_changed_is_downloaded_again(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(MODEL)
    await puller.pull()
    server.pages[FILE] = Page(MODEL + bytes(32))
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL + bytes(32)}
    server.pages[FILE] = Page(MODEL)
    await puller.pull(f"{server.url}{FILE}#sha256={SHA}")
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}


async def test_a_length_that_is_not_told_is_not_needed(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(MODEL, length=False)
    await puller.pull()
    assert all(it.completed for it in puller.steps if it.status == DOWNLOADING)
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}


async def test_without_a_length_a_file_that_was_cut_off_is_noticed(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = Page(MODEL[:-1], length=False)
    assert (await failure(puller)).key == "gguf-cut"
    assert puller.files == {}


# Going on


@given(
    stops=st.lists(st.integers(0, len(MODEL)), max_size=4),
    cuts=st.lists(st.integers(0, len(MODEL)), max_size=4),
    etag=st.sampled_from(["", ETAG, 'W/"weak"']),
    checked=st.booleans(),
    ranges=st.booleans(),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_often_it_is_left_off_or_broken_off_the_file_is_whole_in_the_end(
    tmp_path: Path, stops: list[int], cuts: list[int], etag: str, *, checked: bool, ranges: bool
) -> None:
    folder = tmp_path / "models"
    shutil.rmtree(folder, ignore_errors=True)

    async def run() -> None:
        async with file_server() as server:
            page = Page(MODEL, etag=etag, ranges=ranges)
            broken = [Page(MODEL, etag=etag, ranges=ranges, cut_after=cut) for cut in cuts]
            server.pages[FILE] = [*broken, page]
            puller = Pull(server, folder)
            source = f"{server.url}{FILE}" + (f"#sha256={SHA}" if checked else "")
            for until in stops:
                try:
                    await puller.pull(source, until=until)
                except Broken:
                    continue
            for _ in cuts:
                try:
                    await puller.pull(source)
                except Broken:
                    continue
            await puller.pull(source)
            assert puller.files == {"127.0.0.1/R1.gguf": MODEL}

    asyncio.run(run())


async def test_only_what_is_missing_is_asked_for(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = [Page(MODEL, etag=ETAG, hold_after=9_000), Page(MODEL, etag=ETAG)]
    await puller.pull(until=9_000)
    assert puller.files["127.0.0.1/R1.gguf.part"] == MODEL[:9_000]
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}
    asked = server.of(FILE)[1]
    assert (asked.start, asked.headers["if-range"]) == (9_000, ETAG)


async def test_a_connection_that_breaks_is_made_anew(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = [Page(MODEL, etag=ETAG, cut_after=9_000) for _ in range(2)] + [
        Page(MODEL, etag=ETAG)
    ]
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}
    assert [asked.start for asked in server.of(FILE)] == [0, 9_000, 18_000]
    assert puller.waits == [2, 2]


async def test_what_breaks_at_once_is_not_asked_again(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(MODEL, cut_after=0)
    error = await failure(puller)
    assert (error.key, type(error)) == ("download-broken", Broken)
    assert len(server.asked) == 1


async def test_what_breaks_again_and_again_is_given_up_and_kept(
    server: FileServer, puller: Pull
) -> None:
    cut = Page(MODEL, etag=ETAG, cut_after=9_000)
    server.pages[FILE] = [cut, *(Page(MODEL, etag=ETAG, cut_after=0) for _ in range(9))]
    error = await failure(puller)
    assert error.key == "download-broken"
    assert "goes on from there" in str(error)
    assert puller.waits == [2, 4, 8, 16]
    assert puller.files["127.0.0.1/R1.gguf.part"] == MODEL[:9_000]


async def test_what_always_breaks_at_one_place_and_begins_anew_is_given_up(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = Page(MODEL, ranges=False, cut_after=9_000)
    assert (await failure(puller)).key == "download-broken"
    assert len(server.of(FILE)) == 5


@pytest.mark.parametrize("first", range(1, 6))
async def test_a_break_within_the_first_bytes_is_one_like_any_other(
    server: FileServer, puller: Pull, first: int
) -> None:
    server.pages[FILE] = [Page(MODEL, etag=ETAG, cut_after=first), Page(MODEL, etag=ETAG)]
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}


async def test_a_server_that_is_down_for_a_moment_is_asked_again(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = [
        Page(MODEL, etag=ETAG, cut_after=9_000),
        Page(b"busy", 503),
        Page(b"slow down", 429),
        Page(MODEL, etag=ETAG),
    ]
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}


async def test_a_stall_is_a_break(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = [Page(MODEL, etag=ETAG, hold_after=9_000), Page(MODEL, etag=ETAG)]
    await puller.pull(stall_seconds=0.5)
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}
    assert [asked.start for asked in server.of(FILE)] == [0, 9_000]


async def test_a_server_without_ranges_is_begun_anew(server: FileServer, puller: Pull) -> None:
    page = Page(MODEL, etag=ETAG, ranges=False)
    server.pages[FILE] = [Page(MODEL, etag=ETAG, cut_after=9_000), page]
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}
    assert server.of(FILE)[1].start == 9_000


@pytest.mark.parametrize("minds_if_range", [True, False])
async def test_a_file_that_has_changed_meanwhile_is_begun_anew(
    server: FileServer, puller: Pull, *, minds_if_range: bool
) -> None:
    page = Page(OTHER, etag='"v2"', minds_if_range=minds_if_range)
    server.pages[FILE] = [Page(MODEL, etag=ETAG, hold_after=9_000), page]
    await puller.pull(until=9_000)
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": OTHER}


async def test_a_file_of_another_length_is_begun_anew(server: FileServer, puller: Pull) -> None:
    longer = MODEL + bytes(32)
    server.pages[FILE] = [Page(MODEL, etag=ETAG, hold_after=9_000), Page(longer, etag=ETAG)]
    await puller.pull(until=9_000)
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": longer}


async def test_another_part_than_was_asked_for_is_not_taken(
    server: FileServer, puller: Pull
) -> None:
    wrong = Page(MODEL, etag=ETAG, headers={"Content-Range": f"bytes 1-2/{len(MODEL)}"})
    server.pages[FILE] = [Page(MODEL, etag=ETAG, hold_after=9_000), wrong, Page(MODEL, etag=ETAG)]
    await puller.pull(until=9_000)
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}


async def test_a_part_that_nobody_can_vouch_for_is_begun_anew(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = [Page(MODEL, hold_after=9_000), Page(MODEL)]
    await puller.pull(until=9_000)
    await puller.pull()
    assert [asked.start for asked in server.of(FILE)] == [0, 0]


async def test_a_part_that_was_tampered_with_does_not_pass(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = [Page(MODEL, etag=ETAG, hold_after=9_000), Page(MODEL, etag=ETAG)]
    source = f"{server.url}{FILE}#sha256={SHA}"
    await puller.pull(source, until=9_000)
    part = puller.folder / "127.0.0.1" / "R1.gguf.part"
    part.write_bytes(b"x" + part.read_bytes()[1:])
    assert (await failure(puller, source)).key == "download-checksum"
    assert puller.files == {}
    await puller.pull(source)
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}


@pytest.mark.parametrize("note", [b"", b"{", b'{"url": 1}', b"[]", b"\xff"])
def test_a_note_that_says_nothing_is_no_note(tmp_path: Path, note: bytes) -> None:
    async def run() -> None:
        async with file_server() as server:
            server.pages[FILE] = [Page(MODEL, etag=ETAG, hold_after=9_000), Page(MODEL, etag=ETAG)]
            puller = Pull(server, tmp_path)
            await puller.pull(until=9_000)
            (tmp_path / "127.0.0.1" / "R1.gguf.part.json").write_bytes(note)
            await puller.pull()
            assert server.of(FILE)[1].start == 0
            assert puller.files == {"127.0.0.1/R1.gguf": MODEL}

    asyncio.run(run())


async def test_cancelling_keeps_what_has_come_and_frees_the_connection(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = [Page(MODEL, etag=ETAG, hold_after=9_000), Page(MODEL, etag=ETAG)]
    task = asyncio.create_task(puller.pull())
    await server.held.wait()
    await puller.reached(9_000)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert puller.files["127.0.0.1/R1.gguf.part"] == MODEL[:9_000]
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}


async def test_two_downloads_of_one_file_do_not_meet(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(MODEL)
    (puller.folder / "127.0.0.1").mkdir(parents=True)
    with held(puller.folder / "127.0.0.1" / "R1.gguf.lock") as mine:
        assert mine
        error = await failure(puller)
    assert error.key == "download-running"
    await puller.pull()
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}


# What is no model, or not the one


@pytest.mark.parametrize("body", [b"<!DOCTYPE html>" + bytes(99), b"G", b"", b"GGUX" + MODEL])
async def test_a_page_is_no_model(server: FileServer, puller: Pull, body: bytes) -> None:
    server.pages[FILE] = Page(body)
    assert (await failure(puller)).key in {"download-not-gguf", "embedded-not-gguf"}
    assert puller.files == {}


async def test_a_page_is_refused_before_all_of_it_has_come(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = Page(b"<html>" + bytes(10**6), hold_after=100)
    assert (await failure(puller)).key == "download-not-gguf"


async def test_a_checksum_that_does_not_fit_is_told_and_all_is_thrown_away(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = Page(OTHER)
    error = await failure(puller, f"{server.url}{FILE}#sha256={SHA}")
    assert error.key == "download-checksum"
    assert SHA in str(error)
    assert hashlib.sha256(OTHER).hexdigest() in str(error)
    assert puller.files == {}


async def test_a_full_disk_is_told_before_anything_is_written(
    server: FileServer, puller: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")  # noqa: PYI024 - what shutil gives is one
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1000))
    server.pages[FILE] = Page(MODEL)
    error = await failure(puller)
    assert error.key == "download-disk-full"
    assert str(puller.folder) in str(error)
    assert "1.0 kB are free" in str(error)


async def test_a_folder_that_cannot_be_written_is_told(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(MODEL)
    puller.folder.write_text("a file is in its place")
    assert (await failure(puller)).key == "download-unwritable"


# Redirects and refusals


async def test_redirects_are_followed_with_the_range_and_without_a_password(
    server: FileServer, puller: Pull
) -> None:
    async with file_server() as host:
        host.pages["/blob?token=x"] = [
            Page(MODEL, etag=ETAG, hold_after=9_000),
            Page(MODEL, etag=ETAG),
        ]
        there = {"Location": f"{host.url}/blob?token=x"}
        server.pages[FILE] = Page(status=302, headers={"Location": "/moved"})
        server.pages["/moved"] = Page(status=307, headers=there)
        source = server.url.replace("//", "//user:secret@") + FILE
        await puller.pull(source, until=9_000)
        await puller.pull(source)
    assert puller.files == {"127.0.0.1/R1.gguf": MODEL}
    assert server.asked[0].headers["authorization"].startswith("Basic ")
    assert [asked.start for asked in host.asked] == [0, 9_000]
    assert all("authorization" not in asked.headers for asked in host.asked)


async def test_redirects_that_never_end_are_left(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(status=302, headers={"Location": FILE})
    assert (await failure(puller)).key == "download-redirects"
    assert len(server.asked) == 11


@pytest.mark.parametrize("location", ["ftp://x/y", "http://[", "http://", "file:///etc/passwd"])
async def test_a_redirect_to_nowhere_is_told(
    server: FileServer, puller: Pull, location: str
) -> None:
    server.pages[FILE] = Page(status=302, headers={"Location": location})
    assert isinstance(await failure(puller), (Broken, Unreachable))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503])
async def test_a_refusal_is_told_with_its_words(
    server: FileServer, puller: Pull, status: int
) -> None:
    server.pages[FILE] = Page(b'{"error": "no such thing"}', status)
    error = await failure(puller, server.url.replace("//", "//me:secret@") + FILE)
    assert error.key == "download-refused"
    assert f"HTTP {status}" in str(error)
    assert "no such thing" in str(error)
    assert "secret" not in str(error)
    assert not puller.files


async def test_a_refusal_by_a_page_is_told_by_its_status(server: FileServer, puller: Pull) -> None:
    server.pages[FILE] = Page(b"<html><body>Not here</body></html>", 404)
    assert str(await failure(puller)).endswith("(HTTP 404): Not Found")


async def test_a_server_that_is_not_there_is_told(puller: Pull) -> None:
    error = await failure(puller, "http://127.0.0.1:1/x.gguf?key=secret")
    assert (error.key, type(error)) == ("download-unreachable", Unreachable)
    assert "modelscope.cn" in str(error)
    assert "secret" not in str(error)
    assert not puller.files


# Hubs


def tree(*files: tuple[str, bytes]) -> Page:
    """Return Hugging Face's listing of a repository."""
    entries: list[dict[str, Any]] = [
        {"type": "directory", "oid": "0" * 40, "size": 0, "path": "images"},
        {"type": "file", "oid": "0" * 40, "size": 9, "path": "README.md"},
    ]
    for path, data in files:
        lfs = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 135}
        entries.append({"type": "file", "oid": "1" * 40, "size": 135, "path": path, "lfs": lfs})
    return Page(json.dumps(entries).encode())


def scope(*files: tuple[str, bytes]) -> Page:
    """Return ModelScope's listing of a repository."""
    entries: list[dict[str, Any]] = [{"Name": "images", "Path": "images", "Type": "tree"}]
    for path, data in files:
        sha256 = hashlib.sha256(data).hexdigest()
        entries.append({"Path": path, "Size": len(data), "Sha256": sha256, "Type": "blob"})
    return Page(json.dumps({"Code": 200, "Data": {"Files": entries}, "Success": True}).encode())


TREE = f"/api/models/{REPO}/tree/main?recursive=true"
SCOPE = f"/api/v1/models/{REPO}/repo/files?Revision=master&Recursive=True"


def scope_file(path: str) -> str:
    return f"/api/v1/models/{REPO}/repo?Revision=master&FilePath={path}"


@pytest.mark.parametrize("hub", ["hf.co", "modelscope.cn"])
async def test_a_model_of_a_hub_is_downloaded_and_found_by_its_name(
    server: FileServer, mirrored: Pull, monkeypatch: pytest.MonkeyPatch, hub: str
) -> None:
    files = [("R1-Q4_K_M.gguf", MODEL), ("R1-Q8_0.gguf", OTHER), ("mmproj-F16.gguf", b"")]
    server.pages |= {TREE: tree(*files), SCOPE: scope(*files)}
    for name, data in files:
        server.pages[f"/{REPO}/resolve/main/{name}"] = Page(data)
        server.pages[scope_file(name)] = Page(data)
    await mirrored.pull(f"{hub}/{REPO}")
    assert mirrored.files == {f"{hub}/{REPO}/R1-Q4_K_M.gguf": MODEL}
    await mirrored.pull(f"{hub}/{REPO}:q8_0")
    assert mirrored.files[f"{hub}/{REPO}/R1-Q8_0.gguf"] == OTHER
    monkeypatch.setattr("spyhop.models.embedded.store.models_folder", lambda: mirrored.folder)
    assert find(f"{hub}/{REPO}").path.name == "R1-Q4_K_M.gguf"
    assert find(f"{hub}/{REPO}:Q8_0").path.name == "R1-Q8_0.gguf"
    assert find("R1-Q8_0").path.name == "R1-Q8_0.gguf"


async def test_what_a_hub_sends_must_be_what_it_lists(server: FileServer, mirrored: Pull) -> None:
    server.pages[TREE] = tree(("R1-Q4_K_M.gguf", MODEL))
    path = f"/{REPO}/resolve/main/R1-Q4_K_M.gguf"
    server.pages[path] = Page(MODEL + b"x")
    assert (await failure(mirrored, f"hf.co/{REPO}")).key == "download-other-size"
    same_size = bytearray(MODEL)
    same_size[-1] ^= 1
    server.pages[path] = Page(bytes(same_size))
    assert (await failure(mirrored, f"hf.co/{REPO}")).key == "download-checksum"
    assert mirrored.files == {}


async def test_all_files_of_a_split_model_are_downloaded(
    server: FileServer, mirrored: Pull
) -> None:
    values: dict[str, Any] = {"general.architecture": "qwen2", "split.count": 2}
    parts = {
        "Q4_K_M/R1-Q4_K_M-00001-of-00002.gguf": header(values, tensors={"a": (4096,)}),
        "Q4_K_M/R1-Q4_K_M-00002-of-00002.gguf": header({"split.no": 1}, tensors={"b": (4096,)}),
    }
    server.pages[TREE] = tree(*parts.items(), ("Q8_0/R1-Q8_0-00001-of-00002.gguf", b"alone"))
    for path, data in parts.items():
        server.pages[f"/{REPO}/resolve/main/{path}"] = Page(data)
    await mirrored.pull(f"hf.co/{REPO}", until=100)
    await mirrored.pull(f"hf.co/{REPO}")
    folder = f"hf.co/{REPO}"
    assert mirrored.files == {
        f"{folder}/{path.removeprefix('Q4_K_M/')}": data for path, data in parts.items()
    }
    total = sum(map(len, parts.values()))
    assert max(step.completed or 0 for step in mirrored.steps) == total
    assert {step.total for step in mirrored.steps} == {None, total}
    found = find(str(mirrored.folder / folder / "R1-Q4_K_M-00002-of-00002.gguf"))
    assert (found.name, found.bytes) == ("R1-Q4_K_M", total)


async def test_a_long_listing_has_several_pages(server: FileServer, mirrored: Pull) -> None:
    # As a mirror does that passes on the hub's own address.
    link = f'<https://huggingface.co{TREE}&cursor=abc>; rel="next"'
    first, second = tree(("a-Q8_0.gguf", OTHER)), tree(("b-Q4_K_M.gguf", MODEL))
    server.pages[TREE] = Page(first.body, headers={"Link": link})
    server.pages[f"{TREE}&cursor=abc"] = second
    server.pages[f"/{REPO}/resolve/main/b-Q4_K_M.gguf"] = Page(MODEL)
    await mirrored.pull(f"hf.co/{REPO}")
    assert mirrored.files == {f"hf.co/{REPO}/b-Q4_K_M.gguf": MODEL}


@pytest.mark.parametrize("hub", ["hf.co", "modelscope.cn"])
@pytest.mark.parametrize(
    ("page", "key"),
    [
        (Page(b"{}", 404), "download-no-repository"),
        (Page(b"{}", 401), "download-no-repository"),
        (Page(b"{}", 500), "download-refused"),
        (Page(b"<html>"), "download-odd"),
        (Page(b'{"Code": 500, "Message": "down"}'), "download-odd"),
        (Page(b"x" * (9 << 20)), "answer-too-large"),
        (tree(), "download-no-gguf"),
    ],
)
async def test_a_listing_that_is_none_is_told(
    server: FileServer, mirrored: Pull, hub: str, page: Page, key: str
) -> None:
    server.pages |= {TREE: page, SCOPE: scope() if key == "download-no-gguf" else page}
    error = await failure(mirrored, f"{hub}/{REPO}")
    assert error.key == key


async def test_a_hub_that_is_not_there_is_told(puller: Pull) -> None:
    puller.environment = {"HF_ENDPOINT": "http://127.0.0.1:1"}
    error = await failure(puller, f"hf.co/{REPO}")
    assert isinstance(error, Unreachable)
    assert "HF_ENDPOINT" in str(error)


@pytest.mark.parametrize("source", ["", "x", "deepseek", "hf.co/x", "/x/y.gguf", "ftp://a/b/c"])
async def test_what_is_no_source_is_refused_without_a_request(
    server: FileServer, puller: Pull, source: str
) -> None:
    with pytest.raises(UsageError):
        await puller.pull(source or " ")
    assert server.asked == []


async def test_errors_of_a_download_are_of_the_models_room(
    server: FileServer, puller: Pull
) -> None:
    server.pages[FILE] = Page(b"x", 404)
    assert isinstance(await failure(puller), ModelUnavailable)


async def test_downloads_are_a_way_to_pull(server: FileServer) -> None:
    server.pages[FILE] = Page(MODEL)
    puller: Puller = Downloads()
    async with aclosing(puller.pull(server.url + FILE)) as steps:
        assert [step.status async for step in steps][-1] == DONE
    await puller.aclose()
    assert find("R1").path == models_folder() / "127.0.0.1" / "R1.gguf"
