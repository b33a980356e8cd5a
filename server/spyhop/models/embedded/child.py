"""The program that runs llama.cpp, in a process of its own: a crash of the engine ends it alone.

One line of JSON on stdin says what to load: ``path``, ``context_tokens``, and the ``key`` that the
server will ask for. One line on stdout says where it answers (``address``) or why it cannot
(``error``; ``unusable`` where it is the engine's own fault). The process leaves when stdin ends,
so also when its parent is killed.

It is run by its path, not as a module of Spyhop, so that it loads nothing but the engine.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any, Final

# Beyond the slot's own: what prompts that another one displaced may take, so that they are not
# read again. The engine's default is 8 GiB.
_CACHE_MIB: Final = 2048


def main() -> None:
    """Load what stdin says and serve it until stdin ends."""
    # What the engine prints must not land in the answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        # An interrupt at the terminal is the parent's business.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        config = json.loads(sys.stdin.buffer.readline())
        _leave_with_stdin()
        try:
            server = _serve(config)
        except ImportError as error:
            answer = {"unusable": str(error)}
        except Exception as error:  # noqa: BLE001 - the engine's, told to the parent
            answer = {"error": str(error) or type(error).__name__}
        else:
            answer = {"address": server.listening_address}
        out.write(json.dumps(answer) + "\n")
        out.flush()
        sys.stdin.buffer.read()
    # Not by the interpreter's way, on which the engine waits for what it is at.
    os._exit(0)


def _serve(config: dict[str, Any]) -> Any:
    # A crash would start a debugger, where there is one, to print its stack.
    os.environ["GGML_NO_BACKTRACE"] = "1"
    import xllamacpp  # noqa: PLC0415 - an extra

    params = xllamacpp.CommonParams()
    params.model.path = config["path"]
    params.n_ctx, params.n_parallel, params.port = config["context_tokens"], 1, 0
    params.api_keys, params.ui = [config["key"]], False
    # How much goes onto a GPU is left to the engine, which takes what fits there. Errors only.
    params.cache_ram_mib, params.verbosity = _CACHE_MIB, 1
    return xllamacpp.Server(params)


def _leave_with_stdin() -> None:
    """Have the system end this process with stdin, also while the engine loads.

    It holds the interpreter meanwhile, so that no thread could watch. Windows has no such signal:
    there an orphan leaves when it has loaded.
    """
    if sys.platform == "win32":
        return
    import fcntl  # noqa: PLC0415 - not on Windows

    with suppress(OSError):
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)


if __name__ == "__main__":
    main()
