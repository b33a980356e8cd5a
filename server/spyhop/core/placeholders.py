"""Lines such as "// ... existing code ..." that stand for code a model did not write out.

Real comments speak of "the rest" and "existing code" too. So what a line says is weighed with what
is gone: a placeholder takes the place of lines.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from typing import Final

from spyhop.core.diff import Hunk, diff_lines
from spyhop.core.lines import is_blank

# Longer lines say more than that something was left out.
_LONGEST: Final = 200
_DOTS: Final = r"(?:\.{3,}|…+|⋯+|。{3,}|·{3,}|\. \. \.)"
_PART: Final = (
    r"(?:code|methods?|functions?|lines?|parts?|columns?|fields?|logic|implementations?|imports?"
    r"|class(?:es)?|bod(?:y|ies)|props?|properties|attributes?|styles?|rules?|routes?|tests?"
    r"|cases?|elements?|items?|entries|options?|settings?|config(?:uration)?s?|definitions?"
    r"|statements?|parameters?|params|variables?|constants?|handlers?|components?|markup|content"
    r"|contents|keys?|values?|members?|steps?|sections?|rows?|file|script|program|module|block"
    r"|loop|table|query|schema|document|page|template|setup|hooks?|state|helpers?|types?"
    r"|interfaces?|dependencies|services?|endpoints?|stuff|things?|html|css|jsx|sql|json|yaml)"
)
_OF: Final = (
    r"(?:(?:\s+(?:of|in|from|for)\s+|\s+)(?:(?:the|your|this|that|its|our)\s+)?[\w'()`/-]+){0,4}?"
)
_WHICH: Final = (
    r"(?:existing|remaining|remainder|other|others|previous|original|unchanged|same|rest|above"
    r"|unmodified|omitted|additional|more|current|initial|earlier|prior|old)"
)
_STAYS: Final = (
    r"(?:(?:is|are|was|were|will|should|can|to|be|it|all|completely|exactly|mostly)\s+)*"
    r"(?:(?:remains?|stays?|keeps?|kept|left|goes|go|continues?|follows?|be|being)\s*)?"
    r"(?:(?:the\s+)?same(?:\s+(?:as\s+)?(?:before|above|previously|original(?:ly)?|in the original"
    r"|the original))?"
    r"|unchanged|unmodified|untouched|unaltered|intact|identical|omitted|skipped|truncated|elided"
    r"|hidden|snipped|as(?:\s+it)?\s+(?:is|are|was|were|before|above|in the original)|as-is|here"
    r"|below|above|the same way|not shown|not changed)"
    r"(?:\s+(?:here|for\s+(?:brevity|clarity|simplicity|space)|from\s+(?:before|above)"
    r"|in\s+this\s+\w+))*"
)
_ENGLISH: Final = re.compile(
    rf"\b{_WHICH}\b|\b(?:as before|as is|as-is|keep|brevity|snip(?:ped)?|{_PART} here|no changes?"
    r"|omit(?:s|ted)?|etc|continues?|truncated|and so on|not shown|same)\b",
    re.IGNORECASE,
)
_CHINESE: Final = re.compile(
    r"其余|其馀|剩余|剩下|余下|其他|其它|省略|不变|不變|保持|原有|原来|原始|现有|已有|同上|同前|此处|此處|略"
    r"|之前|以下|以上|上面|前面|后面|后续|未改|未修改|无需修改|相同|一样|等等|保留|其餘|現有"
)
_LEFT_OUT: Final = re.compile(
    # The rest of the code; other methods remain unchanged; existing code here
    rf"(?:(?:keep|leave|include|insert|add|paste|put|see|use|with|and|plus|all|the|your|our|any|of)\s+)*"
    rf"{_WHICH}\s*{_OF}\s+(?:{_PART}(?:\s+(?:and|&|or)\s+{_PART})?\s+)?{_STAYS}"
    # Keep the existing code; same as before; no changes here
    rf"|(?:keep|leave|include|insert|paste)\s+(?:(?:all|the|your|everything|any|of)\s+)*{_WHICH}"
    rf"(?:\s+[\w'-]+){{0,2}}?\s+{_PART}(?:\s+{_STAYS})?"
    rf"|(?:everything(?:\s+else)?|(?:all\s+)?(?:the\s+)?{_PART})\s+(?:above|below|else|here)?\s*"
    r"(?:(?:is|are|remains?|stays?|was|were)\s+)(?:the same|unchanged|as (?:is|before)|omitted|intact)"
    r"|everything else(?: (?:unchanged|the same|as before|as is))?"
    r"|(?:the\s+|all\s+|it'?s\s+|is\s+)?same(?:\s+(?:code|logic|implementation|as))*\s+(?:as\s+)?(?:the\s+)?"
    r"(?:before|above|previous(?:ly)?|original|earlier|existing)(?:\s+(?:code|version|one|implementation))?"
    r"|(?:remains?\s+|stays?\s+|left\s+|is\s+|are\s+)?unchanged(?:\s+(?:code|here|from above|from before))?"
    r"|no\s+changes?(?:\s+(?:here|needed|required|made|below|above|to\s+this\s+\w+|in\s+this\s+\w+))*"
    r"|(?:\w+\s+){0,3}(?:omitted|truncated|skipped|shortened|abbreviated|elided)"
    r"(?:\s+(?:here|for\s+(?:brevity|clarity|simplicity|space|readability)))*"
    r"|(?:code\s+)?(?:continues?|as)\s+(?:as\s+)?(?:before|above|is)"
    r"|-*\s*snip(?:ped)?\s*-*|for brevity"
    # 其余代码不变；此处省略；同上
    r"|(?:(?:保留|保持|维持|这里|此处|此處|以下|以上|这是|与|和|同)*)"
    r"(?:其余|其馀|其餘|剩余|剩下|余下|其他|其它|原有|原来|原始|原|现有|現有|已有|之前|先前|此前|前面|上面|后面|后续|以下|以上|旧|所有|未修改|未改动)"
    r"的?[\w、和与/ ]{0,8}?的?"
    r"(?:(?:代码|代碼|部分|内容|方法|函数|逻辑|实现|字段|列|行|属性|参数|导入|配置|样式|选项|元素|定义|变量|步骤|规则|类|接口|路由|测试|用例|语句|标签|键|条目|项|功能|结构|成员|组件|节点|程序|设置|声明|操作|处理|文件)[、和与及]?)*"
    r"[ ,，]?(?:均|都|全部|也|暂|仍|依然|继续)*"
    r"(?:(?:保持|维持|和|与|跟|同)?(?:之前|原来|原先|以前|上面|前面|原样)?的?(?:保持)?"
    r"(?:不变|不變|原样|相同|一致|省略|略去|略|同上|同前|一样|如前|如上|如旧|未变|未改动|未修改|没有变化|没变"
    r"|(?:无需|不需要|不需|不用|不作|不做|没有|无)(?:任何)?(?:修改|改动|更改|变化|变动|改变)|放在这里|在此|在这里|写在这里|保留))+"
    r"(?:[ ,，](?:此处|这里)?(?:省略|略|保持不变|不变))?"
    r"|(?:此处|此處|这里|中间|以下|以上|代码|部分|内容|篇幅(?:所限|原因|有限)|为了?简洁|为节省篇幅|故|已|均|[ ,，]|起见)*"
    r"(?:省略|略去|略)(?:了|掉)?(?:若干|部分|其余|其他|其它|一些|中间|相同|原有|现有|无关|重复|剩余|大量|未修改|未改动|不变|的|\d+)*"
    r"(?:代码|部分|内容|方法|函数|逻辑|实现|字段|列|行|属性|细节|步骤|样式|配置|导入|定义|元素|元素)*(?:不变)?"
    r"|(?:代码|内容|部分|逻辑|实现)?(?:均|都)?(?:保持|维持)?(?:原样|不变|不變|原样不变|不做修改|不作修改)"
    r"|(?:代码|内容|部分)?(?:同上|同前|如上|如前|同原代码|同原来|同之前)"
    r"|(?:与|和|跟|同)(?:之前|原来|上面|前面|原代码|原文|原始代码|以前|原先)的?(?:代码|内容|实现|逻辑|版本)?(?:保持)?(?:相同|一致|一样)"
    r"|(?:无需|不需要|没有|无|未作|未做|未)(?:任何)?(?:修改|改动|更改|变化|变动)(?:的(?:代码|部分))?"
    r"|(?:保留|保持|维持)(?:原有|原来|现有|其他|其余|原始|之前|所有|已有)的?(?:代码|部分|内容|逻辑|实现|方法|函数|功能|字段)*(?:不变)?",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(
    # "Other methods" may as well head some.
    rf"(?:(?:all|the|your|any|of)\s+)*(?:{_WHICH}|your)\s*{_OF}\s+{_PART}(?:\s+(?:and|&|or)\s+{_PART})?"
    r"|(?:the\s+)?rest\s+(?:of|goes)\s+(?:the\s+|your\s+|this\s+)?\w+(?:\s+\w+)?"
    rf"|(?:(?:your|the|more|add|rest|existing|and|so|on|etc|write|insert|put)\s+)*{_PART}\s+(?:goes\s+|go\s+)?here"
    r"|(?:其余|剩余|剩下|余下|其他|其它|原有|原来|原始|现有|已有|之前|先前|前面|后续|更多)的?\w{0,4}?的?"
    r"(?:代码|部分|内容|方法|函数|逻辑|实现|字段|列|行|属性|参数|导入|配置|样式|选项|元素|定义|变量|步骤|规则|类|接口|路由|测试|用例|语句|标签|成员|组件|程序|设置|文件|操作)+"
    r"|(?:在)?(?:这里|此处)(?:是|写|放|添加|插入|填写)?(?:其他|其余|原有|你的|您的)?(?:的)?(?:代码|逻辑|实现)"
    r"|(?:你的|您的)(?:其他|其余)?代码(?:写?在这里|放在这里)?",
    re.IGNORECASE,
)
_OPEN: Final = (
    r"\(\*+|\{-|<%--?|\{\{!(?:--)?|\{#|@\*|\{\s*/\*+|--\[=*\[|/\*+!?|<!--+"
    r"|//+!?|#+|--+|;+|%+|\"{3}|'{3}|REM\b|\*(?=\s)"
)
_CLOSE: Final = r"\*/\s*\}?|--+>|\"{3}|'{3}|\*+\)|-\}|--?%>|(?:--)?\}\}|#\}|\*@|\]=*\]"
_COMMENT: Final = re.compile(
    rf"^\s*(?P<open>{_OPEN})\s*(?P<words>.*?)\s*(?P<close>{_CLOSE})?[,;]?\s*$", re.IGNORECASE
)
_TRAILING_COMMENT: Final = re.compile(
    rf"^(?=.*\S\s*[\s;{{(,:](?://|#|/\*|--|<!--)).*?[\s;{{(,:](?://+|#+|/\*+|--+|<!--+)\s*(?P<words>{_DOTS}.*?)"
    r"\s*(?:\*/.*|--+>.*)?$"
)
_BRACKETS: Final = "[](){}（）【】<>「」"
_ONLY_DOTS: Final = re.compile(rf"^\s*[\[(<]?\s*{_DOTS}\s*[\])>]?[,;]?\s*$")
_BARE_WORDS: Final = re.compile(
    rf"^\s*(?:{_DOTS}\s+\(?(?P<after>.*?)\)?(?:\s*{_DOTS})?|{_DOTS}(?P<between>\w.*?)\s*{_DOTS}"
    rf"|[\[(<（【]+\s*(?:{_DOTS})?\s*(?P<inside>[^\[\](){{}}<>]*?)\s*(?:{_DOTS})?\s*[\])>）】]+"
    rf"|(?P<chinese>[（(]?[\u3400-\u9fff，、 ]+[）)]?)\s*{_DOTS})\s*$"
)
_NO_BODY: Final = re.compile(rf"\{{\s*(?:/\*\s*)?{_DOTS}(?:\s[^{{}}]*)?\}}")
_AT_START: Final = re.compile(rf"^{_DOTS}")
_AT_END: Final = re.compile(rf"{_DOTS}$")
_NOTHING_ELSE: Final = re.compile(rf"^{_DOTS}\W*$")
_OUTER: Final = re.compile(
    rf"^(?:{_DOTS}|[\s\-=~*_,.:;!。，：！]|\bTODO\b:?|\bnote:)+|(?:{_DOTS}|[\s\-=~*_,.:;!。，：！])+$",
    re.IGNORECASE,
)
# Dots for the other arguments of a call or the other items of a list.
_INLINE: Final = re.compile(rf"(?:,\s*|(?<!\w)\[)(?:/\*\s*)?{_DOTS}(?:\s*\*/)?\s*[)\]}}]")
_DECLARED: Final = re.compile(
    r"\w[\s*&]+\w+,\s*$|[Tt]uple\[|Callable\[|Concatenate\[|function\s*\(|\w\[[^\]]*$"
)
# Behind these, dots alone are Python's way to write an empty body.
_STUB: Final = re.compile(r":\s*(?:#.*)?$|\"{3}\s*$|'{3}\s*$|^\s*@")
_OPENS_COMMENT: Final = re.compile(r"^\s*(?:\{\s*/\*+|/\*+|<!--+|\"{3}|'{3}|\(\*+|\{-)\s*$")
_CLOSES_COMMENT: Final = re.compile(r"^\s*(?:\*+/\s*\}?|--+>|\"{3}|'{3}|\*+\)|-\})\s*$")
_BLOCK_OPENERS: Final = ("{", "/*", "<!--", '"""', "'''", "(*", "{-", "*")
_FURTHEST: Final = 3


class _Means(enum.IntEnum):
    """How surely a line stands for others."""

    NOTHING = 0
    MAYBE = 1
    """It does where more lines are gone than are new."""
    LIKELY = 2
    """It does where any line is gone."""
    SURELY = 3


def placeholders(code: Sequence[str], original: Sequence[str]) -> list[int]:
    """Return the 0-based lines of ``code`` that stand for lines of the ``original``.

    A line that the original has as well is no placeholder. One with dots for the end of a line of
    the original is one.
    """
    old = [line.strip() for line in original]
    own = set(old)
    meanings = [
        _Means.NOTHING if line.strip() in own else _meaning(code, number, old)
        for number, line in enumerate(code)
    ]
    if not any(meanings):
        return []
    hunks = diff_lines(old, [line.strip() for line in code])
    return sorted({number for hunk in hunks for number in _of_hunk(hunk, meanings)})


def whole_placeholders(code: Sequence[str], found: Sequence[int]) -> frozenset[int] | None:
    """Return the lines of the placeholders ``found``, with the rest of comments over more lines.

    None when one of them stands inside a line that is something else, too.
    """
    whole: set[int] = set()
    for number in found:
        lines = _lines_of_comment(code, number)
        if lines is None:
            return None
        whole |= lines
    return frozenset(whole)


def _lines_of_comment(code: Sequence[str], number: int) -> set[int] | None:
    line = code[number]
    if _ONLY_DOTS.match(line) or _BARE_WORDS.match(line):
        return _enclosed(code, number, number) or {number}
    comment = _COMMENT.match(line)
    if not comment or _closes_inside(comment["words"]):
        return None
    opener = comment["open"]
    if not opener.startswith(_BLOCK_OPENERS) or (comment["close"] and opener != "*"):
        return {number}
    if opener == "*":
        return _enclosed(code, number, number)
    ends = [
        at for at in range(number + 1, min(number + 1 + _FURTHEST, len(code))) if _ends(code[at])
    ]
    return set(range(number, ends[0] + 1)) if ends else None


def _ends(line: str) -> bool:
    found = re.search(rf"(?:{_CLOSE})\s*$", line.rstrip())
    return bool(found)


def _closes_inside(words: str) -> bool:
    return any(end in words for end in ("*/", "-->", '"""', "'''", "*)"))


def _enclosed(code: Sequence[str], first: int, last: int) -> set[int] | None:
    """Return the lines of the comment that is open above and closes below, with nothing else in."""
    start = next(
        (
            at
            for at in range(first - 1, max(first - 1 - _FURTHEST, -1), -1)
            if _OPENS_COMMENT.match(code[at])
        ),
        None,
    )
    end = next(
        (
            at
            for at in range(last + 1, min(last + 1 + _FURTHEST, len(code)))
            if _CLOSES_COMMENT.match(code[at])
        ),
        None,
    )
    return None if start is None or end is None else set(range(start, end + 1))


def _of_hunk(hunk: Hunk, meanings: Sequence[_Means]) -> Iterator[int]:
    gone = sum(not is_blank(line) for line in hunk.old)
    new = sum(
        not is_blank(line) and not meanings[number]
        for number, line in enumerate(hunk.new, hunk.new_start)
    )
    for number in range(hunk.new_start, hunk.new_end):
        match meanings[number]:
            case _Means.SURELY:
                yield number
            case _Means.LIKELY if gone:
                yield number
            case _Means.MAYBE if gone > new:
                yield number


def _meaning(code: Sequence[str], number: int, old: Sequence[str]) -> _Means:
    line = code[number]
    if len(line) > _LONGEST:
        return _Means.NOTHING
    if _ONLY_DOTS.match(line):
        above = next((one for one in reversed(code[:number]) if not is_blank(one)), "")
        return _Means.NOTHING if _STUB.search(above.rstrip()) else _Means.MAYBE
    if comment := _COMMENT.match(line):
        meaning = _of_words(comment["words"].split("*/")[0])
        return max(meaning, _Means.LIKELY if _NO_BODY.search(line) else meaning)
    if bare := _BARE_WORDS.match(line):
        return _of_bare(bare)
    trailing = _TRAILING_COMMENT.match(line)
    if _NO_BODY.search(line) or (trailing and _of_words(trailing["words"]) is _Means.SURELY):
        return _Means.LIKELY
    return _Means.LIKELY if _stands_for_an_end(line.strip(), old) else _Means.NOTHING


def _of_words(words: str) -> _Means:
    """Return what a comment means that says ``words``."""
    words = words.strip().strip(_BRACKETS).strip()
    has_dots = bool(_AT_START.match(words)), bool(_AT_END.search(words))
    core = _OUTER.sub("", words).strip(_BRACKETS).strip()
    says_rest = bool(_ENGLISH.search(core) or _CHINESE.search(core))
    if (has_dots[0] and (_NOTHING_ELSE.match(words) or says_rest)) or (all(has_dots) and core):
        return _Means.SURELY
    if _LEFT_OUT.fullmatch(core) or (has_dots[1] and _HEADING.fullmatch(core)):
        return _Means.LIKELY
    if has_dots[1] and says_rest:
        return _Means.LIKELY
    return _Means.MAYBE if has_dots[0] or _HEADING.fullmatch(core) else _Means.NOTHING


def _of_bare(bare: re.Match[str]) -> _Means:
    """Return what words mean that stand in no comment."""
    words = next((it for it in bare.groups() if it), "")
    core = _OUTER.sub("", words).strip(_BRACKETS).strip()
    if bare["inside"] is not None:
        return _Means.LIKELY if _LEFT_OUT.fullmatch(core) else _Means.NOTHING
    says_rest = _ENGLISH.search(core) or _CHINESE.search(core)
    return _Means.SURELY if says_rest else _Means.NOTHING


def _stands_for_an_end(line: str, old: Sequence[str]) -> bool:
    """Tell whether ``line`` is one of ``old`` with dots for what stands between brackets."""
    dots = _INLINE.search(line)
    head = line[: dots.start() + 1] if dots else ""
    if not re.search(r"\w{2}", head) or _DECLARED.search(head):
        return False
    return any(one.startswith(head) and not _INLINE.match(one, len(head) - 1) for one in old)
