"""The real engine with the stand-in model, told what to write; it tells what it reads for it.

The stand-in knows nothing of code, so each output is dictated: a grammar of the very tokens. The
engine reads and writes them as any others, so what it has in its cache and what it reads again are
llama.cpp's own figures. Only time is made up: that of a desktop with a graphics card and a model
of 7 billion parameters. A prompt is read in one go, whoever has left meanwhile, as llama.cpp does
with up to 2,048 tokens (`n_batch`); one who leaves before their turn costs nothing.
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx
import xllamacpp

from spyhop import resources
from spyhop.core.stream import Text
from spyhop.models.port import Abilities, Delta, Done, ModelInfo, Request, Server, Spent, Usage
from spyhop.prompting import r1

READ_A_SECOND: Final = 2000
WRITTEN_A_SECOND: Final = 60
CONTEXT_TOKENS: Final = 8192


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the engine has read of a prompt."""

    tokens: int
    """How many tokens it had to read."""
    cached: int
    """How many it had in its cache."""


class Engine:
    """llama.cpp with the stand-in in this process, one request after the other."""

    def __enter__(self) -> Self:
        params = xllamacpp.CommonParams()
        params.model.path = str(resources.standin())
        params.n_ctx, params.n_parallel, params.port = CONTEXT_TOKENS, 1, 0
        params.verbosity = 0
        # A second thread would only wait for the first: the model is tiny.
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        self._server: Any = xllamacpp.Server(params)
        url = self._server.listening_address
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=60)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()
        self._server = None

    def tokens(self, text: str) -> list[tuple[int, bytes]]:
        """Return the tokens of ``text``, each with what it stands for."""
        body = {"content": text, "with_pieces": True}
        found = self._post("/tokenize", body)["tokens"]
        return [
            (it["id"], it["piece"].encode() if isinstance(it["piece"], str) else bytes(it["piece"]))
            for it in found
        ]

    def read(self, prompt: str) -> Evaluated:
        """Have a prompt read."""
        timings = self._complete(prompt, n_predict=0)["timings"]
        return Evaluated(timings["prompt_n"], timings["cache_n"])

    def write(self, prompt: str, tokens: list[int]) -> str:
        """Have the engine write exactly these tokens behind a prompt; return their text."""
        grammar = " ".join(f"<[{token}]>" for token in tokens)
        done = self._complete(prompt, n_predict=len(tokens), grammar=f"root ::= {grammar}")
        assert done["timings"]["predicted_n"] == len(tokens)
        return str(done["content"])

    def _complete(self, prompt: str, **options: Any) -> Any:
        body = {"prompt": prompt, "temperature": 0, "cache_prompt": True, **options}
        return self._post("/completion", body)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()


@dataclass(slots=True)
class Generation:
    """What one request has cost."""

    evaluated: int = 0
    """How many tokens of its prompt were read."""
    written: int = 0
    """How many tokens were written."""


class Dictated:
    """A model on the engine; ``dictate`` says what it writes behind a prompt.

    It writes until it is told to stop, by `Request.stop`, its limit or its reader.
    """

    def __init__(self, engine: Engine, dictate: Callable[[str], str]) -> None:
        self._engine = engine
        self._dictate = dictate
        self._slot = asyncio.Lock()
        self._free_at = 0.0
        """When the engine has read what it is reading, in the loop's time."""
        self.generations: list[Generation] = []
        """One for each request, in order."""

    async def info(self) -> ModelInfo:
        abilities = Abilities(raw=True, prefill=True, thought_off="closed", tells_cached=True)
        return ModelInfo("stand-in", CONTEXT_TOKENS, "r1", abilities, Server("llama.cpp"))

    async def wire_prompt(self, request: Request) -> str:
        return r1.render(request.turns, request.beginning)

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        cost = Generation()
        self.generations.append(cost)
        prompt = r1.render(request.turns, request.beginning)
        async with self._slot:
            await _until(self._free_at)
            read = self._engine.read(prompt)
            cost.evaluated = read.tokens
            self._free_at = asyncio.get_running_loop().time() + read.tokens / READ_A_SECOND
            await _until(self._free_at)
            tokens = self._engine.tokens(self._dictate(prompt))[: request.max_tokens]
            written: list[int] = []
            output = _Output(request.stop)
            try:
                for token, piece in tokens:
                    await asyncio.sleep(1 / WRITTEN_A_SECOND)
                    written.append(token)
                    if text := output.feed(piece):
                        yield Text(text)
                    if request.tells_spent:
                        yield Spent(Usage(read.tokens + read.cached, read.cached, len(written)))
                    if output.stopped:
                        break
            finally:
                cost.written = len(written)
                if written:
                    assert self._engine.write(prompt, written).startswith(output.text)
        if rest := output.finish():
            yield Text(rest)
        cut_off = not output.stopped and len(tokens) == request.max_tokens
        usage = Usage(read.tokens + read.cached, read.cached, len(written))
        yield Done("length" if cut_off else "stop", usage)

    async def aclose(self) -> None:
        pass


class _Output:
    """Text out of tokens, up to a stop; what may be the beginning of one is held back."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.text = ""
        """What has left."""
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        self._held += self._decoder.decode(piece)
        found = [self._held.find(stop) for stop in self._stops if stop in self._held]
        if found:
            self.stopped = True
            self._held = self._held[: min(found)]
            return self.finish()
        return self._let_go(len(self._held) - max(map(self._begun, self._stops), default=0))

    def finish(self) -> str:
        return self._let_go(len(self._held))

    def _begun(self, stop: str) -> int:
        """Return how much of ``stop`` the text ends with."""
        lengths = range(min(len(stop) - 1, len(self._held)), 0, -1)
        return next((it for it in lengths if self._held.endswith(stop[:it])), 0)

    def _let_go(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        self.text += text
        return text


async def _until(time: float) -> None:
    """Wait until the loop's time is ``time``."""
    await asyncio.sleep(max(0.0, time - asyncio.get_running_loop().time()))
