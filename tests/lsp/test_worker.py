"""The process that does what takes long."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from spyhop.assist.answer import offer_of
from spyhop.errors import NoEdit
from spyhop.lsp.worker import Worker
from spyhop.prompting.edit import Material

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def working() -> AsyncIterator[Worker]:
    worker = Worker()
    try:
        yield worker
    finally:
        await worker.aclose()


async def test_the_work_is_done_elsewhere() -> None:
    async with working() as worker:
        worker.warm()
        assert await worker.run(os.getpid) != os.getpid()
        assert await worker.run(divmod, 7, 2) == (3, 1)


async def test_an_error_comes_back_with_its_message() -> None:
    async with working() as worker:
        with pytest.raises(NoEdit) as refused:
            await worker.run(offer_of, "I cannot.", Material("a.py", "python", (), (), (), ""))
    assert (refused.value.key, refused.value.values) == ("no-edit-prose", {"answer": "I cannot."})
    assert str(refused.value).endswith("I cannot.")


async def test_a_crash_is_an_error_and_the_next_work_is_done() -> None:
    async with working() as worker:
        with pytest.raises(NoEdit) as refused:
            await worker.run(os.abort)
        assert refused.value.key == "no-edit-crashed"
        assert await worker.run(divmod, 7, 2) == (3, 1)


async def test_cancelling_ends_the_work_and_the_next_is_done() -> None:
    async with working() as worker:
        pid = await worker.run(os.getpid)
        task = asyncio.create_task(worker.run(sum, range(10**12)))
        done, _ = await asyncio.wait({task}, timeout=0.1)
        assert not done
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await worker.run(os.getpid) != pid


async def test_many_at_once_are_done_one_after_the_other() -> None:
    async with working() as worker:
        results = await asyncio.gather(*(worker.run(divmod, n, 7) for n in range(50)))
    assert results == [divmod(n, 7) for n in range(50)]


async def test_no_module_of_the_folder_that_is_open_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("fractions", "json", "spyhop"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    async with working() as worker:
        assert await worker.run(divmod, 7, 2) == (3, 1)
    assert not (tmp_path / "run").exists()


async def test_the_process_leaves_with_its_parent_even_when_that_is_killed() -> None:
    code = (
        "import asyncio, os\n"
        "from spyhop.lsp.worker import Worker\n"
        "async def main():\n"
        "    print(await Worker().run(os.getpid), flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert parent.stdout
    assert parent.stderr
    assert int(await parent.stdout.readline()) != parent.pid
    parent.send_signal(signal.SIGKILL)
    # The worker holds the other end of the pipe open for as long as it lives.
    assert await asyncio.wait_for(parent.stderr.read(), 30) == b""
    await parent.wait()
