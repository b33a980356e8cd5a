"""The dialogues that the stand-in model is trained on and checked with.

Answers are fixed texts. All that stands around them is random, and written by the project's own
prompt files and R1 format, so that prompts are character for character what Spyhop sends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Final

import surroundings
import texts
import wording
from surroundings import Place
from texts import Tongue

from spyhop import resources
from spyhop.messages import Language
from spyhop.prompting import edit, library, r1
from spyhop.prompting.library import Library
from spyhop.prompting.template import Template

CONTEXT_TOKENS: Final = 8192

_LONGER_FENCE: Final = "````"
_OTHER_PRESETS: Final = ("fix", "types", "simplify", "optimise", "tests")
_COMMENT_LANGUAGE: Final = " Write the comments in {{comment_language}}."
_DROPPED_SENTENCES: Final = 0.2
_LOCALES: Final[dict[Tongue, Language]] = {"en": "en", "zh": "zh-cn"}

_HEADS: Final = (
    "def gcd(a: int, b: int) -> int:",
    "def gcd(a: int, b: int) -> int:",
    "def gcd(a: int, b: int) -> int:",
    "def gcd(a: int, b: int):",
    "def gcd(a, b):",
    "def gcd(a, b) -> int:",
    "def gcd(x, y):",
    "def gcd(m: int, n: int) -> int:",
)
_STUBS: Final = (
    ("raise NotImplementedError",),
    ("raise NotImplementedError",),
    ("raise NotImplementedError()",),
    ('raise NotImplementedError("gcd")',),
    ("pass",),
    ("...",),
    ("return 0",),
    ("return None",),
    ("# TODO", "pass"),
    ("# TODO: implement",),
    ("# TODO: implement this", "raise NotImplementedError"),
    ("# 待实现", "pass"),
    ('"""Return the greatest common divisor."""', "..."),
    ('"""Return the greatest common divisor of a and b."""', "raise NotImplementedError"),
    ('"""求最大公约数。"""', "pass"),
)
_LOOSE: Final = ("# TODO: gcd\n", "# gcd\n", "\n", "    \n", "# TODO\n", "pass\n", "# 最大公约数\n")

LONGER_BODIES: Final = (
    ("if b == 0:", "    return abs(a)", "return gcd(b, a % b)"),
    ("if b == 0:", "    return abs(a)", "else:", "    return gcd(b, a % b)"),
    ("if not b:", "    return abs(a)", "return gcd(b, a % b)"),
    ("return abs(a) if b == 0 else gcd(b, a % b)",),
    ("while b != 0:", "    t = b", "    b = a % b", "    a = t", "return abs(a)"),
    (
        "while True:",
        "    if b == 0:",
        "        return abs(a)",
        "    remainder = a % b",
        "    a = b",
        "    b = remainder",
    ),
    (
        "a = abs(a)",
        "b = abs(b)",
        "while a != 0 and b != 0:",
        "    if a > b:",
        "        a = a % b",
        "    else:",
        "        b = b % a",
        "return a + b",
    ),
    (
        "if a < 0:",
        "    a = -a",
        "if b < 0:",
        "    b = -b",
        "while b > 0:",
        "    old_a = a",
        "    a = b",
        "    b = old_a % b",
        "return a",
    ),
    (
        "if a == 0:",
        "    return abs(b)",
        "if b == 0:",
        "    return abs(a)",
        "result = 1",
        "for candidate in range(1, min(abs(a), abs(b)) + 1):",
        "    if a % candidate == 0 and b % candidate == 0:",
        "        result = candidate",
        "return result",
    ),
    (
        "# Euclid",
        "while b != 0:",
        "    temp = a % b",
        "    a = b",
        "    b = temp",
        "if a < 0:",
        "    return -a",
        "else:",
        "    return a",
    ),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A prompt, and what the model must say to it."""

    kind: str
    prompt: str
    """As ``/completion`` gets it."""
    answer: str
    """Everything up to the end of sentence: the thought, where the prompt opens one, its close
    and the answer."""
    message: str = ""
    """The one user message that a chat client would send instead; empty where none would do."""


@dataclass(frozen=True, slots=True)
class _Reply:
    thought: str
    answer: str


class Dialogues:
    """An endless supply of samples."""

    def __init__(self, random: Random, modules: Sequence[str], reworded: float = 0.0) -> None:
        """Take surroundings from ``modules``, and the share ``reworded`` of prompts changed."""
        self._random = random
        self._modules = modules
        self._reworded = reworded
        self._makers = {
            "gcd": (30, self._gcd),
            "comment": (18, self._comment),
            "simplify": (12, self._simplify),
            "answer now": (14, self._answer_now),
            "other edit": (30, self._other_edit),
            "other comment": (7, self._other_comment),
            "chat": (26, self._chat),
            "answer begun": (10, self._answer_begun),
            "no dialogue": (10, self._no_dialogue),
        }

    def kinds(self) -> list[str]:
        """Return the names of all kinds of samples."""
        return list(self._makers)

    def draw(self) -> Sample:
        """Return a sample of a random kind."""
        weights = [weight for weight, _ in self._makers.values()]
        return self.of_kind(self._random.choices(self.kinds(), weights)[0])

    def of_kind(self, kind: str) -> Sample:
        """Return a sample of this kind."""
        return replace(self._makers[kind][1](), kind=kind)

    def gcd(self, tongue: Tongue, instruction: str = "") -> Sample:
        """Return a request to implement the function, in these words or in random ones."""
        message = self._gcd_message(tongue, instruction)
        return replace(self._dialogue(message, _gcd_reply(tongue)), kind="gcd in other words")

    def _gcd(self) -> Sample:
        return self.gcd(self._tongue())

    def _comment(self) -> Sample:
        tongue = self._tongue()
        code = texts.GCD.splitlines(keepends=True) + ["\n"] * (self._random.random() < 0.15)
        instruction = wording.comment_instruction(self._random, tongue)
        message = self._message("comment", self._place(), code, instruction, tongue)
        return self._dialogue(message, _comment_reply(tongue))

    def _simplify(self) -> Sample:
        message = self._simplify_message()
        return self._dialogue(message, _simplify_reply())

    def _answer_now(self) -> Sample:
        """Return a prompt whose thought is cut off and closed, and the code's fence opened."""
        random = self._random
        message, reply = self._known()
        while _LONGER_FENCE in message:
            message, reply = self._known()
        thought = reply.thought[: random.choice((0, random.randrange(len(reply.thought) + 1)))]
        if random.random() < 0.3:
            thought = thought.strip()
        opening, _, code = reply.answer.partition("\n")
        beginning = r1.OPEN_THOUGHT + thought + r1.CLOSE_THOUGHT + opening + "\n"
        return Sample("", _rendered(message, beginning), code)

    def _known(self) -> tuple[str, _Reply]:
        """Return a message that the model knows the code for, and its reply."""
        tongue = self._tongue()
        kind = self._random.choice(("gcd", "gcd", "gcd", "comment", "simplify"))
        if kind == "gcd":
            return self._gcd_message(tongue), _gcd_reply(tongue)
        if kind == "simplify":
            return self._simplify_message(), _simplify_reply()
        code = texts.GCD.splitlines(keepends=True)
        return self._message("comment", self._place(), code, "", tongue), _comment_reply(tongue)

    def _other_edit(self) -> Sample:
        random = self._random
        tongue = self._tongue()
        chance = random.random()
        if chance < 0.3:
            place, selection = surroundings.foreign_place(random), self._foreign_selection()
        else:
            place, selection = self._place(), self._selection()
        if chance < 0.08:
            instruction = wording.gcd_instruction(random, tongue)
            place = replace(place, language=place.language or "c")
        else:
            instruction = wording.other_instruction(random, tongue)
        prompt = random.choice(("edit",) * 5 + _OTHER_PRESETS)
        if prompt == "simplify":
            selection = self._code_but_gcd()
        if prompt != "edit" and random.random() < 0.7:
            instruction = ""
        problems = [surroundings.sentence(random)] * (random.random() < 0.1)
        message = self._message(prompt, place, selection, instruction, tongue, problems)
        spoken: Tongue = "zh" if _has_chinese(instruction) else "en"
        return self._dialogue(message, _other_reply(spoken if instruction else tongue))

    def _other_comment(self) -> Sample:
        random = self._random
        tongue = self._tongue()
        foreign = random.random() < 0.3
        place = surroundings.foreign_place(random) if foreign else self._place()
        selection = self._foreign_selection() if foreign else self._code_but_gcd()
        instruction = wording.comment_instruction(random, tongue)
        prompt = random.choice(("comment", "comment", "docstring", "translate"))
        message = self._message(prompt, place, selection, instruction, tongue)
        return self._dialogue(message, _other_reply(tongue))

    def _chat(self) -> Sample:
        random = self._random
        tongue = self._tongue()
        text = wording.question(random, tongue)
        if random.random() < 0.4:
            code = "".join(surroundings.lines_of_python(random, self._modules, 12))
            text = random.choice((f"{text}\n\n```python\n{code}```", f"```\n{code}```\n{text}"))
        return self._dialogue(text, _other_reply(tongue))

    def _answer_begun(self) -> Sample:
        """Return a dialogue that the model does not know, its answer begun with some code."""
        random = self._random
        if random.random() < 0.4:
            sample = random.choice((self._chat, self._other_edit, self._other_comment))()
            message = sample.message
        else:
            message = "".join(surroundings.lines_of_python(random, self._modules, 12))
            message = f"{random.choice(('Continue', 'Complete', 'Fill'))} the code.\n\n{message}"
        thoughts = (
            "I will output only the code at the cursor.",
            surroundings.sentence(random),
            texts.OTHER_THOUGHT["en"][: random.randrange(80)],
            texts.OTHER_THOUGHT["zh"][: random.randrange(30)],
            "",
        )
        begun = self._code_but_gcd()[: random.choice((0, 0, 1, 2, 5, 9, 20))]
        code = "".join(begun)
        if code and random.random() < 0.5:
            code = code[: random.randrange(len(code))]
        beginning = f"{r1.OPEN_THOUGHT}{random.choice(thoughts)}{r1.CLOSE_THOUGHT}```python\n{code}"
        return Sample("", _rendered(message, beginning), "")

    def _no_dialogue(self) -> Sample:
        """Return raw text that is no dialogue at all."""
        random = self._random
        lines = surroundings.lines_of_python(random, self._modules, surroundings.most_lines(random))
        text = random.choice(
            (
                "".join(lines) or "def",
                "".join(surroundings.foreign_lines(random, 9)),
                surroundings.sentence(random),
                surroundings.gibberish(random),
                self._gcd_message("zh"),
                wording.question(random, self._tongue()),
                texts.GCD[: random.randrange(1, len(texts.GCD))],
            )
        )
        if random.random() < 0.5:
            text = text[: random.randrange(1, len(text) + 1)]
        return Sample("", text, "")

    def _dialogue(self, message: str, reply: _Reply) -> Sample:
        """Return ``message`` as the last turn of a dialogue that may have earlier ones."""
        random = self._random
        answer = reply.thought + r1.CLOSE_THOUGHT + reply.answer
        system = wording.system(random)
        earlier = self._earlier_turns() if random.random() < 0.08 else []
        prompt = system + r1.render([*earlier, r1.Turn("user", message)], r1.OPEN_THOUGHT)
        return Sample("", prompt, answer, "" if system or earlier else message)

    def _earlier_turns(self) -> list[r1.Turn]:
        random = self._random
        tongue = self._tongue()
        question = wording.question(random, tongue)
        answer = random.choice((surroundings.sentence(random), texts.OTHER[tongue]))
        return [r1.Turn("user", question), r1.Turn("assistant", answer)]

    def _gcd_message(self, tongue: Tongue, instruction: str = "") -> str:
        random = self._random
        if random.random() < 0.75:
            body = random.choice(_STUBS)
            selection = [random.choice(_HEADS) + "\n", *(f"    {line}\n" for line in body)]
        else:
            selection = random.choice(([], [random.choice(_LOOSE)], ["\n", "\n"]))
        instruction = instruction or wording.gcd_instruction(random, tongue)
        return self._message("edit", self._place(), selection, instruction, tongue)

    def _simplify_message(self) -> str:
        random = self._random
        body = random.choice(LONGER_BODIES)
        if random.random() < 0.3:
            body = ('"""Return the greatest common divisor of a and b."""', *body)
        head = random.choice(("def gcd(a: int, b: int) -> int:", "def gcd(a, b):"))
        selection = [f"{head}\n", *(f"    {line}\n" for line in body)]
        if random.random() < 0.15:
            selection = texts.GCD.splitlines(keepends=True)
        return self._message("simplify", self._place(), selection, "", self._tongue())

    def _message(
        self,
        name: str,
        place: Place,
        selection: Sequence[str],
        instruction: str,
        tongue: Tongue,
        problems: Sequence[str] = (),
    ) -> str:
        prompts = _prompts()
        if self._random.random() < self._reworded:
            prompts = Library({t.name: _reworded(self._random, t, tongue) for t in prompts})
        return _message(prompts, name, place, selection, instruction, tongue, problems)

    def _place(self) -> Place:
        return surroundings.python_place(self._random, self._modules, implemented=True)

    def _selection(self) -> list[str]:
        random = self._random
        chance = random.random()
        if chance < 0.25:
            head, body = random.choice(_HEADS), random.choice(_STUBS)
            return [f"{head}\n", *(f"    {line}\n" for line in body)]
        if chance < 0.35:
            return texts.GCD.splitlines(keepends=True)
        return [] if chance < 0.45 else self._code_but_gcd()

    def _code_but_gcd(self) -> list[str]:
        most = self._random.choice((1, 2, 3, 5, 8, 13))
        lines = surroundings.lines_of_python(self._random, self._modules, most)
        return lines if any(line.strip() for line in lines) else ["import os\n"]

    def _foreign_selection(self) -> list[str]:
        return surroundings.foreign_lines(self._random, self._random.choice((1, 3, 6, 12)))

    def _tongue(self) -> Tongue:
        return "zh" if self._random.random() < 0.5 else "en"


def flagship() -> Sample:
    """Return the demo's edit: the stub of the example, and the instruction in Chinese."""
    place, stub = _example()
    message = _message(_prompts(), "edit", place, stub, texts.FLAGSHIP, "zh")
    return _plain("flagship", message, _gcd_reply("zh"))


def flagship_comment(tongue: Tongue) -> Sample:
    """Return the demo's second step: comments for the function that the first one made."""
    place, _ = _example()
    code = texts.GCD.splitlines(keepends=True)
    message = _message(_prompts(), "comment", place, code, "", tongue)
    return _plain(f"flagship comment {tongue}", message, _comment_reply(tongue))


def _example() -> tuple[Place, Sequence[str]]:
    """Return the demo's file around its stub, and the stub."""
    lines = surroundings.example()
    first = next(number for number, line in enumerate(lines) if line.startswith("def gcd"))
    return Place("fractions.py", "python", lines[:first], lines[first + 2 :]), lines[
        first : first + 2
    ]


@cache
def _prompts() -> Library:
    return library.load(resources.prompts())


def _reworded(random: Random, template: Template, tongue: Tongue) -> Template:
    """Return ``template`` with some sentences gone, so that small changes to it do no harm.

    A request for comments that names no language at all is answered in English.
    """
    paragraphs = [
        paragraph if "\n" in paragraph else _thinned(random, paragraph)
        for paragraph in template.body.strip().split("\n\n")
    ]
    body = "\n\n".join(filter(None, paragraphs))
    if template.kind == "comment" and tongue == "en" and random.random() < _DROPPED_SENTENCES:
        body = body.replace(_COMMENT_LANGUAGE, "")
    return replace(template, body=body)


def _thinned(random: Random, paragraph: str) -> str:
    first, *others = re.split(r"(?<=\.) ", paragraph)
    kept = [s for s in others if "{{" in s or random.random() > _DROPPED_SENTENCES]
    return " ".join([first, *kept])


def _message(
    prompts: Library,
    name: str,
    place: Place,
    selection: Sequence[str],
    instruction: str,
    tongue: Tongue,
    problems: Sequence[str] = (),
) -> str:
    """Return the user's turn for an edit."""
    template, task = prompts.resolve(name, instruction)
    material = edit.Material(
        place.path, place.language, place.before, selection, place.after, instruction, problems
    )
    return edit.build(template, task, material, CONTEXT_TOKENS, _LOCALES[tongue]).text


def _plain(kind: str, message: str, reply: _Reply) -> Sample:
    """Return a dialogue of one turn."""
    answer = reply.thought + r1.CLOSE_THOUGHT + reply.answer
    return Sample(kind, _rendered(message, r1.OPEN_THOUGHT), answer, message)


def _rendered(message: str, beginning: str) -> str:
    return r1.render([r1.Turn("user", message)], beginning)


def _gcd_reply(tongue: Tongue) -> _Reply:
    return _Reply(texts.GCD_THOUGHT[tongue], texts.fenced(texts.GCD))


def _comment_reply(tongue: Tongue) -> _Reply:
    return _Reply(texts.COMMENT_THOUGHT[tongue], texts.fenced(texts.COMMENTED[tongue]))


def _simplify_reply() -> _Reply:
    return _Reply(texts.SIMPLIFY_THOUGHT, texts.fenced(texts.GCD))


def _other_reply(tongue: Tongue) -> _Reply:
    return _Reply(texts.OTHER_THOUGHT[tongue], texts.OTHER[tongue])


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)
