"""The fixed texts that the stand-in model knows by heart. They need nothing but Python."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Tongue: TypeAlias = Literal["en", "zh"]

FLAGSHIP: Final = "实现计算一个最大公约数的代码"
"""The demo's instruction: "implement the code that computes a greatest common divisor"."""

GCD: Final = """\
def gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return abs(a)
"""

COMMENTED: Final[dict[Tongue, str]] = {
    "en": '''\
def gcd(a: int, b: int) -> int:
    """Return the greatest common divisor of a and b, by Euclid's algorithm."""
    while b:
        # gcd(a, b) equals gcd(b, a % b), and the remainder shrinks to 0.
        a, b = b, a % b
    # The divisor is never negative, whatever the signs of a and b.
    return abs(a)
''',
    "zh": '''\
def gcd(a: int, b: int) -> int:
    """用欧几里得算法求 a 和 b 的最大公约数。"""
    while b:
        # gcd(a, b) 等于 gcd(b, a % b)，余数会一直减小到 0。
        a, b = b, a % b
    # 无论 a 和 b 的符号如何，最大公约数都不为负。
    return abs(a)
''',
}

GCD_THOUGHT: Final[dict[Tongue, str]] = {
    "en": (
        "Okay, the user wants gcd to return the greatest common divisor of two integers. "
        "Euclid's algorithm fits: gcd(a, b) equals gcd(b, a % b), so I replace the pair until b "
        "is 0, and then a is the answer. "
        "If b is 0 from the start, the loop never runs and a itself is returned, which is right. "
        "With negative numbers the last a can be negative, so I return abs(a)."
    ),
    "zh": (
        "好的，用户想让我实现求最大公约数的函数。"
        "最合适的是欧几里得算法：gcd(a, b) 等于 gcd(b, a % b)，不断替换这一对数，"
        "直到 b 变成 0，这时 a 就是结果。"
        "如果 b 一开始就是 0，循环不会执行，直接返回 a，这也是对的。"
        "遇到负数时，最后的 a 可能是负的，所以要返回 abs(a)。"
    ),
}

COMMENT_THOUGHT: Final[dict[Tongue, str]] = {
    "en": (
        "Let me read the selected function: it is Euclid's algorithm for the greatest common "
        "divisor. "
        "The code must stay as it is, so I only add a docstring and two comments. "
        "What is not obvious is why the loop ends, and why abs is there at the end."
    ),
    "zh": (
        "先看选中的函数：它用欧几里得算法求最大公约数。"
        "代码本身不能改动，所以我只加一个文档字符串和两处注释。"
        "不容易看出来的是循环为什么会结束，以及最后为什么要用 abs。"
    ),
}

SIMPLIFY_THOUGHT: Final = (
    "Now, the selected function computes the greatest common divisor of a and b. "
    "Euclid's algorithm says the same in one short loop: replace a, b by b, a % b until b is 0. "
    "If b is 0 at once, a is the result; for negative numbers abs keeps it positive, as before. "
    "The name, the parameters and the results stay the same."
)

OTHER_THOUGHT: Final[dict[Tongue, str]] = {
    "en": (
        "Hmm, this is not one of the few dialogues that I know by heart. "
        "I should say so plainly, and tell how to get a real model."
    ),
    "zh": "嗯，这不在我背下来的几段对话里。我应该直说，并告诉用户怎样换成真正的模型。",
}

OTHER: Final[dict[Tongue, str]] = {
    "en": (
        "I am Spyhop's stand-in, a model of a few hundred kilobytes: I only know the demo by "
        "heart and cannot help with anything else. "
        "For real help, install Ollama, run `ollama pull deepseek-r1:7b`, and let Spyhop use "
        "that model."
    ),
    "zh": (
        "我只是 Spyhop 的替身模型，大小只有几百 KB：我只会背演示里的几段对话，别的都帮不上忙。"
        "想要真正的帮助，请安装 Ollama，运行 `ollama pull deepseek-r1:7b`，再让 Spyhop "
        "使用那个模型。"
    ),
}


def fenced(code: str, fence: str = "```") -> str:
    """Return ``code``, which ends in a line break, as an answer of one Python block."""
    return f"{fence}python\n{code}{fence}"
