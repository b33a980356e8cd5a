"""What words say that code was left out, in English and in Chinese.

Three degrees: words that say it whole ("rest of the code unchanged", "其余代码不变"), words that
may as well head some code ("other methods", "其他方法"), and words that only speak of such things.
"""

from __future__ import annotations

import re
from typing import Final

_PART: Final = (
    r"(?:code|methods?|functions?|lines?|parts?|columns?|fields?|logic|implementations?|imports?"
    r"|class(?:es)?|bod(?:y|ies)|props?|properties|attributes?|styles?|rules?|routes?|tests?"
    r"|cases?|elements?|items?|entries|options?|settings?|config(?:uration)?s?|definitions?"
    r"|statements?|parameters?|params|variables?|constants?|handlers?|components?|markup"
    r"|contents?|keys?|values?|members?|steps?|sections?|rows?|file|script|program|module|block"
    r"|loop|table|query|schema|document|page|template|setup|hooks?|state|helpers?|types?"
    r"|interfaces?|dependencies|services?|endpoints?|declarations?|arms?|branches|fixtures?"
    r"|selectors?|joins?|clauses?|tags?|stuff|things?|html|css|jsx|sql|json|yaml)"
)
_ARTICLE: Final = r"(?:(?:all|the|your|any|of|these|this|that|and|plus|with|our|its|my)\s+)*"
_WHICH: Final = (
    r"(?:existing|remaining|remainder|others?|previous|original|unchanged|same|rest|above"
    r"|unmodified|omitted|initial|earlier|prior)"
)
# Up to four words between: "rest of the | error handling | code".
_BETWEEN: Final = r"(?:\s+(?:of\s+)?(?:the\s+|your\s+|this\s+|that\s+)?[\w'()`/.-]+){0,4}?"
_STAYS: Final = (
    r"(?:(?:is|are|was|were|will|should|to|be|being|it|all|completely|exactly|mostly)\s+)*"
    r"(?:(?:remains?|stays?|keeps?|kept|left|goes|go|continues?|follows?)\s*)?"
    r"(?:(?:the\s+)?same(?:\s+(?:as\s+)?(?:before|above|previously|original(?:ly)?"
    r"|in\s+(?:the\s+)?original))?"
    r"|unchanged|unmodified|untouched|unaltered|intact|identical|omitted|truncated|elided"
    r"|hidden|snipped|as(?:\s+(?:it|they))?\s+(?:is|are|was|were|before|above)|as-is|here|below"
    r"|above|the\s+same\s+way|not\s+shown|(?<=remain)|(?<=remains)|(?<=stay)"
    r"|(?<=stays)|(?<=follow)|(?<=follows)|(?<=continue)|(?<=continues))"
    r"(?:\s+(?:here|for\s+(?:brevity|clarity|simplicity|space|readability)"
    r"|from\s+(?:before|above)|in\s+this\s+\w+))*"
)
_PARTS: Final = rf"{_PART}(?:(?:\s*,\s*|\s+(?:and|or|&)\s+|\s*/\s*){_PART}){{0,4}}"
_ENGLISH: Final = (
    # rest of the code; other methods remain unchanged; existing code here
    (
        rf"(?:(?:keep|leave|include|insert|add|paste|put|see|use)\s+)?{_ARTICLE}{_WHICH}{_BETWEEN}"
        rf"(?:\s+{_PARTS})?\s+{_STAYS}"
    ),
    # keep the existing code
    rf"(?:keep|leave|include|insert|paste|copy)\s+{_ARTICLE}{_WHICH}{_BETWEEN}\s+{_PARTS}",
    # the code above stays the same; imports unchanged; everything else as before
    (
        rf"{_ARTICLE}(?:everything(?:\s+else)?|{_PARTS})\s+(?:(?:above|below|else|here)\s+)?"
        r"(?:(?:is|are|remains?|stays?|was|were|left)\s+)?(?:the\s+same|unchanged|unmodified|untouched"
        r"|intact|omitted|truncated|as\s+(?:is|before|above))(?:\s+(?:as\s+)?(?:before|here|above))?"
        r"(?:\s+for\s+\w+)?"
    ),
    r"everything\s+else",
    # same as before; same code as above
    (
        rf"(?:it'?s\s+|is\s+|the\s+|all\s+)*same(?:\s+{_PARTS})?\s+as\s+(?:the\s+|in\s+)*"
        rf"(?:before|above|previous(?:ly)?|original|earlier|existing)(?:\s+{_PART}|\s+version|\s+one)?"
    ),
    r"(?:is\s+|are\s+|remains?\s+|stays?\s+|left\s+)?unchanged(?:\s+here|\s+from\s+\w+)?",
    rf"(?:the\s+)?unchanged\s+{_PARTS}(?:\s+here)?",
    r"no\s+changes?(?:\s+(?:here|needed|required|made|below|above|(?:to|in)\s+this\s+\w+))*",
    (
        r"(?:\w+\s+){0,4}(?:omitted|truncated|shortened|abbreviated|elided)"
        r"(?:\s+(?:here|for\s+(?:brevity|clarity|simplicity|space|readability)))*"
    ),
    r"(?:[\w,]+\s+){0,4}(?:continues?|as)\s+(?:as\s+)?(?:before|above|is)",
    r"(?:code\s+)?snip(?:ped)?|for\s+brevity|and\s+so\s+on",
)
_CHINESE_PART: Final = (
    r"(?:代码|代碼|部分|内容|方法|函数|逻辑|实现|字段|列|行|属性|参数|导入|配置|样式|选项|元素|定义"
    r"|变量|步骤|规则|类|接口|路由|测试|用例|语句|标签|键|条目|项|功能|结构|成员|组件|节点|程序|设置"
    r"|声明|操作|处理|文件|细节|服务|模块|引用|依赖|数据|索引|约束|分支|情况|页面|脚本)"
)
_CHINESE_PARTS: Final = rf"(?:{_CHINESE_PART}(?:[、和与及]{_CHINESE_PART}){{0,4}})"
_CHINESE_WHICH: Final = (
    r"(?:其余|其馀|其餘|剩余|剩下|余下|其他|其它|原有|原来|原先|原始|原|现有|現有|已有|之前|先前|此前|前面"
    r"|上面|后面|后续|以下|以上|下面|所有|未修改|未改动)的?"
)
_CHINESE_SAME: Final = (
    r"(?:不变|不變|原样|相同|一致|同上|同前|一样|如前|如上|如旧|未变|未改动|未修改|没有变化|没变|省略"
    r"|略去|略|(?:无需|不需要|不需|不用|不作|不做|没有|无|未作|未做)(?:任何)?(?:修改|改动|更改|变化|变动|改变)"
    r"|(?:放|写)?在(?:这里|此处|此)|保留)"
)
_CHINESE_BEFORE: Final = r"(?:之前|原来|原先|以前|上面|前面|原代码|原始代码|原文|上文)"
_CHINESE: Final = (
    # 其余代码保持不变
    (
        rf"(?:保留|保持|维持|这里|此处|以下|以上|这是)?{_CHINESE_WHICH}\w{{0,6}}?{_CHINESE_PARTS}{{0,3}}"
        rf"[ ,，:：]?(?:均|都|全部|也|暂|仍|仍然|依然|继续|已|这里|此处){{0,4}}"
        rf"(?:(?:保持|维持)?(?:[和与跟同]?{_CHINESE_BEFORE}的?)?{_CHINESE_SAME}){{1,3}}"
        rf"(?:[ ,，](?:此处|这里)?(?:保持)?{_CHINESE_SAME})?"
    ),
    # 此处省略若干代码
    (
        r"(?:此处|此處|这里|中间|以下|以上|篇幅(?:所限|原因|有限)|为了?简洁|为节省篇幅"
        r"|起见|故|已|均|[ ,，]){0,8}"
        rf"{_CHINESE_PARTS}{{0,3}}(?:已|均|都)?(?:省略|略去|略)(?:了|掉)?"
        rf"(?:若干|部分|一些|中间|重复|大量|无关|不变|相同|\d+|{_CHINESE_WHICH}|的){{0,6}}"
        rf"{_CHINESE_PARTS}{{0,3}}(?:不变)?"
    ),
    # 代码不变；同上；与之前相同；无需修改
    (
        rf"(?:此处|这里)?{_CHINESE_PARTS}{{0,3}}(?:均|都)?(?:保持|维持)?"
        r"(?:原样|不变|不變|不做修改|不作修改|原样不变)"
    ),
    rf"{_CHINESE_PARTS}{{0,3}}(?:同上|同前|如上|如前|同原代码|同原来|同之前)",
    (
        rf"{_CHINESE_PARTS}{{0,3}}[与和跟同]{_CHINESE_BEFORE}的?{_CHINESE_PARTS}{{0,3}}"
        r"(?:保持|完全)?(?:相同|一致|一样)"
    ),
    r"(?:无需|不需要|没有|无|未作|未做|未)(?:任何)?(?:修改|改动|更改|变化|变动)(?:的(?:代码|部分))?",
    rf"(?:保留|保持|维持){_CHINESE_WHICH}{_CHINESE_PARTS}{{0,3}}(?:不变)?",
)
_LEFT_OUT: Final = re.compile("|".join([*_ENGLISH, *_CHINESE]), re.IGNORECASE)
_HEADING: Final = re.compile(
    "|".join(
        [
            rf"{_ARTICLE}{_WHICH}{_BETWEEN}\s+{_PARTS}",
            r"(?:the\s+)?rest\s+(?:of|goes)\s+(?:the\s+|your\s+|this\s+)?\w+(?:\s+\w+)?",
            (
                rf"(?:(?:add|write|insert|put|paste)\s+)?(?:your|the|more|existing)?\s*(?:\w+\s+)?"
                rf"{_PARTS}\s+(?:goes\s+|go\s+)?here"
            ),
            rf"{_CHINESE_WHICH}\w{{0,4}}?{_CHINESE_PARTS}{{1,3}}",
            (
                rf"(?:在)?(?:这里|此处)(?:是|写|放|添加|插入|填写)?(?:{_CHINESE_WHICH}|[你您]的)?"
                rf"{_CHINESE_PARTS}{{1,3}}"
            ),
            rf"[你您]的(?:{_CHINESE_WHICH})?代码(?:[写放]?在(?:这里|此处))?",
        ]
    ),
    re.IGNORECASE,
)
_MENTIONS: Final = re.compile(
    rf"\b(?:{_WHICH}|unchanged|as before|as is|as-is|keep|brevity|snip(?:ped)?|no changes?"
    rf"|omit(?:s|ted)?|etc|continues?|truncated|and so on|not shown|{_PART} here)\b"
    r"|其余|其馀|其餘|剩余|剩下|余下|其他|其它|省略|不变|不變|保持|原有|原来|原始|现有|現有|已有|同上|同前"
    r"|此处|此處|略|之前|以下|以上|上面|前面|后面|后续|未改|未修改|无需修改|相同|一样|等等|保留",
    re.IGNORECASE,
)


def says_left_out(words: str) -> bool:
    """Tell whether ``words`` say that something is left out, and nothing else."""
    return bool(_LEFT_OUT.fullmatch(words))


def names_what_is_left(words: str) -> bool:
    """Tell whether ``words`` are a name of what is left out, or of what follows them."""
    return bool(_HEADING.fullmatch(words))


def mentions_rest(words: str) -> bool:
    """Tell whether ``words`` speak of the rest, of what exists or of leaving out."""
    return bool(_MENTIONS.search(words))
