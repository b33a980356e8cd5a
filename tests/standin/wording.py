"""Random wordings: of instructions that the model knows, and of everything else people ask."""

from __future__ import annotations

from random import Random
from typing import Final

from texts import FLAGSHIP, Tongue

_EN_ASK: Final = (
    "implement|write|please implement|please write|code|create|add|complete|fill in|finish|"
    "can you implement|could you write|help me implement|help me write|I need|we need|"
    "generate|provide|now implement|let's implement|compute|calculate|return|define|build"
).split("|")
_EN_LEAD: Final = (
    "|||a function that computes |a function which returns |code that calculates |"
    "the code to compute |code for |a function for |the body of |this function: |"
    "the missing |the function that finds |an algorithm for |a helper for |logic for "
).split("|")
_EN_GCD: Final = (
    "the greatest common divisor|greatest common divisor|a greatest common divisor|gcd|GCD|"
    "the gcd|the GCD|gcd()|gcd(a, b)|`gcd`|the function gcd|the gcd function|gcd function|"
    "the Greatest Common Divisor|the greatest common divisor (gcd)|the greatest common factor|"
    "the highest common factor|the greatest common divisor function|Greatest common divisor"
).split("|")
_EN_OF: Final = (
    "||||| of two numbers| of a and b| of two integers| of two whole numbers| of both arguments|"
    " of the two parameters| for two ints| for integers"
).split("|")
_EN_HOW: Final = (
    "|||||||, using Euclid's algorithm| with the Euclidean algorithm| using the Euclidean "
    "algorithm| iteratively| in Python|, without recursion| without math.gcd|, with a while "
    "loop|, please| by Euclid's method|, keep it short| as simply as you can|, also for "
    "negative numbers|, mind the zero| here| efficiently"
).split("|")
_EN_END: Final = ("", "", "", ".", ".", "!", "?")

_ZH_ASK: Final = (
    "实现|写|编写|请实现|请写|请编写|帮我写|帮我实现|补全|请补全|完成|请完成|求|计算|请计算|"
    "写一个|写一段|实现一个|实现一下|给我写一个|我想要|我需要|需要|生成|请帮我实现|请你写|定义|"
    "添加|加上|来一个|这里实现|在这里写|用代码实现|用 Python 实现|用 Python 写|请用 Python 实现|"
).split("|")
_ZH_WHAT: Final = ("||||计算|求|求出|返回|计算一个|求一个|一个求|一个计算|用来求|能够计算").split(
    "|"
)
_ZH_OF: Final = (
    "|||||两个数的|两个整数的|a 和 b 的|两数|两个数字的|两个正整数的|a、b 的|a与b的|两个参数的| "
).split("|")
_ZH_GCD: Final = (
    "最大公约数|最大公约数|最大公约数|最大公约数|最大公因数|gcd|GCD| gcd |最大公约数（gcd）|"
    "最大公约数 gcd |最大公约数(GCD)| gcd(a, b) "
).split("|")
_ZH_END: Final = (
    "|||的代码|的代码|的函数|函数|的算法|的程序|的方法|这个函数|的实现|的功能|的逻辑|的函数体"
).split("|")
_ZH_HOW: Final = (
    "|||||，用欧几里得算法|，用辗转相除法|，使用辗转相除法|，不要用递归|，用循环|，谢谢|，"
    "要简短|，考虑负数|，注意处理 0|，不要用 math.gcd|，尽量简单| 用 while 循环|，要高效"
).split("|")
_ZH_STOP: Final = ("", "", "", "。", "！", "吧", "。")

_EN_NOT_GCD: Final = (
    "implement the least common multiple|write lcm|compute the LCM of two numbers|"
    "write a function that returns the factorial of n|implement binary search|sort the list|"
    "write tests for gcd|rename gcd to hcf|explain gcd|delete gcd|remove the gcd function|"
    "add a docstring to gcd|make gcd raise an error for negative numbers|log every call of gcd|"
    "find the greatest number in a list|find the longest common prefix|implement quicksort|"
    "compute the greatest prime factor|divide a by b|check whether a divides b|"
    "find the common elements of two lists|return the largest of three numbers|"
    "implement the sieve of Eratosthenes|write fibonacci|compute a to the power of b|"
    "write an LRU cache|parse a date|check whether n is prime|list all divisors of n|"
    "compute the least common denominator|implement the modulo operator|reverse a string|"
    "write hello world|count the common words|compute the greatest distance"
).split("|")
_ZH_NOT_GCD: Final = (
    "实现最小公倍数|求两个数的最小公倍数|写 lcm 函数|写一个计算阶乘的函数|实现二分查找|对列表排序|"
    "给 gcd 写测试|把 gcd 改名为 hcf|解释 gcd|删除 gcd|删掉这个函数|给 gcd 加上文档|"
    "求列表里最大的数|求最长公共前缀|实现快速排序|求最大质因数|计算 a 除以 b|判断 a 能否整除 b|"
    "求两个列表的公共元素|返回三个数中最大的一个|实现素数筛|写斐波那契数列|计算 a 的 b 次方|"
    "写一个 LRU 缓存|解析日期|判断 n 是不是质数|列出 n 的所有约数|反转字符串|求平均数|求最大值|"
    "实现计算一个平方根的代码|实现计算一个最小公倍数的代码|实现计算一个阶乘的代码|"
    "实现读取一个文件的代码|写出世界上最大的城市|求最短路径|求最大子数组"
).split("|")

_EN_DO: Final = (
    "rename|remove|refactor|extract|inline|move|cache|validate|log|document|test|simplify|"
    "split|merge|sort|reverse|parse|format|print|handle|check|convert|replace|translate|"
    "optimize|speed up|fix|rewrite|explain|reorder|count|round|encrypt|retry|mock|add types to|"
    "add comments to|write tests for|make async|turn into a class|add logging to|add a default for"
).split("|")
_EN_THING: Final = (
    "this function|the loop|the class|the parser|the file|the list|the error|the config|"
    "all strings|the return value|the arguments|the request|the user name|the table|the cache|"
    "the database query|the button|the header|the exception|the constant|the imports|"
    "the timeout|this block|the variable|the tree|the date|the price|the index|the matrix|"
    "the message|the query string|the JSON body|every element|the first line|the counter"
).split("|")
_EN_REST: Final = (
    "|||| carefully| so that it is faster| into a helper| and return None| when it is empty|"
    " with a regular expression| in place| for negative values| using a dictionary|, please|"
    " without changing the rest| to upper case| as a generator| in two steps| and raise an error|"
    " for Windows| with a timeout of five seconds| in one line| before the loop| by name"
).split("|")
_ZH_DO: Final = (
    "重命名|删除|重构|提取|移动|缓存|校验|记录|测试|简化|拆分|合并|排序|反转|解析|格式化|打印|"
    "处理|检查|转换|替换|翻译|优化|修复|重写|解释|统计|加密|重试|读取|写入|下载|发送|连接|关闭|"
    "给我看看|添加类型到|写注释给|实现|编写|请修改|请帮我改一下|完成|请写|写一个|实现一个"
).split("|")
_ZH_THING: Final = (
    "这个函数|循环|类|解析器|文件|列表|错误|配置|所有字符串|返回值|参数|请求|用户名|表格|缓存|"
    "数据库查询|按钮|标题|异常|常量|导入|超时|这一段|变量|树|日期|价格|索引|矩阵|消息|"
    "字典|每个元素|第一行|计数器|登录页面|网络连接|平均值|字符串长度|日志|数组|链表|代码"
).split("|")
_ZH_REST: Final = (
    "||||，让它更快|，返回空值|，如果为空|，用正则表达式|，原地修改|，谢谢|，不要改别的|，变成大写|"
    "，分两步|，抛出异常|的代码|的函数|，一行写完|，加上超时|，用字典|的方法|，要支持中文"
).split("|")

_EN_CHAT: Final = (
    "Hello!|Hi|Who are you?|What can you do?|What is the capital of France?|Tell me a joke.|"
    "How do I install Python?|What is a monad?|Why is the sky blue?|Explain recursion to me.|"
    "What is the greatest common divisor?|Write a gcd function.|Write a poem about whales.|"
    "How are you?|What does this error mean?|Which model are you?|Thanks!|ok|test|ping|"
    "How does git rebase work?|Write a program in Rust.|What is 2 + 2?|Summarize this text.|"
    "What is the meaning of life?|Continue.|Are you DeepSeek-R1?|Bonjour !|Wie geht es dir?|"
    "Quelle heure est-il ?|¿Cómo te llamas?|Was ist der größte gemeinsame Teiler?|Help me.|"
    "Translate this to German.|What time is it?|Review my code.|Describe async and await.|"
    "Is Python faster than C?|What is spyhop?|Good morning|Say something.|1 + 1 = ?|?"
).split("|")
_ZH_CHAT: Final = (
    "你好|你好！|你是谁？|你能做什么？|法国的首都是哪里？|讲个笑话。|怎么安装 Python？|"
    "什么是单子？|天空为什么是蓝色的？|给我解释一下递归。|什么是最大公约数？|"
    "写一个 gcd 函数。|写一首关于鲸鱼的诗。|最近怎么样？|这个错误是什么意思？|"
    "你是哪个模型？|谢谢！|好|测试|git rebase 是怎么工作的？|"
    "用 Rust 写一个程序。|二加二等于几？|总结一下这段文字。|人生的意义是什么？|继续。|"
    "你是 DeepSeek-R1 吗？|帮帮我。|翻译成德语。|现在几点？|帮我审查代码。|说说异步编程。|"
    "Python 比 C 快吗？|Spyhop 是什么？|早上好|说点什么。|一加一等于几？|在吗"
).split("|")

_SYSTEMS: Final = (
    "You are a helpful assistant.|You are a helpful, respectful and honest assistant.|"
    "You are an expert programmer.|You are a coding assistant. Answer briefly.|"
    "你是一个有用的助手。|你是一名编程专家，请简洁地回答。|Answer in Markdown.|Today is Monday."
).split("|")

_BRIEF: Final[dict[Tongue, list[str]]] = {
    "en": "Be brief.|Keep them short.|For beginners.|No jokes.|Only where needed, please.|"
    "Explain the algorithm.|comment this function|add comments|Document it well.".split("|"),
    "zh": "简短一些。|请用中文。|写给初学者看。|只在需要的地方写。|解释一下算法|加上注释|"
    "给这个函数写注释|生成注释|注释要清楚。".split("|"),
}


UNSEEN_GCD: Final[dict[Tongue, list[str]]] = {
    "en": "make this function return the greatest common divisor|implement the gcd of a and b|"
    "greatest common divisor please|the body for gcd|give me the GCD implementation|"
    "This function should return the greatest common divisor of its arguments.|"
    "Implement Euclid's algorithm for the greatest common divisor|write the gcd for me|"
    "fill in gcd so that it returns the greatest common divisor|do the gcd".split("|"),
    "zh": "请把最大公约数的函数写完|写出求最大公约数的代码|帮忙实现 gcd|把这里补成求最大公约数|"
    "实现一个计算最大公约数的函数|请用代码实现最大公约数的计算|这个函数要返回最大公约数|"
    "实现计算最大公约数的代码|实现一个求最大公约数的算法|"
    "编写代码，计算 a 和 b 的最大公约数".split("|"),
}
"""Instructions that the training does not make: a check that the words matter, not the phrase."""


def gcd_instruction(random: Random, tongue: Tongue) -> str:
    """Return an instruction that asks to implement the greatest common divisor."""
    pick = random.choice
    if tongue == "zh":
        if random.random() < 0.12:
            return FLAGSHIP + pick(_ZH_STOP)
        parts = [pick(_ZH_ASK), pick(_ZH_WHAT), pick(_ZH_OF), pick(_ZH_GCD), pick(_ZH_END)]
        text = "".join([*parts, pick(_ZH_HOW), pick(_ZH_STOP)]).strip().replace("  ", " ")
        return text if any(char >= "\u4e00" for char in text) else FLAGSHIP
    lead = pick(_EN_LEAD)
    if random.random() < 0.15:
        return pick(_EN_GCD) + pick(_EN_OF) + pick(_EN_END)
    text = f"{pick(_EN_ASK)} {lead}{pick(_EN_GCD)}{pick(_EN_OF)}{pick(_EN_HOW)}{pick(_EN_END)}"
    return text[0].upper() + text[1:] if random.random() < 0.5 else text


def other_instruction(random: Random, tongue: Tongue) -> str:
    """Return an instruction that the model does not know."""
    pick = random.choice
    if random.random() < 0.5:
        text = pick(_ZH_NOT_GCD if tongue == "zh" else _EN_NOT_GCD)
    elif tongue == "zh":
        text = pick(_ZH_DO) + pick(_ZH_THING) + pick(_ZH_REST)
    else:
        text = f"{pick(_EN_DO)} {pick(_EN_THING)}{pick(_EN_REST)}"
    if tongue == "zh":
        return text + pick(_ZH_STOP)
    text += pick(_EN_END)
    return text[0].upper() + text[1:] if random.random() < 0.5 else text


def question(random: Random, tongue: Tongue) -> str:
    """Return something that people ask in a chat."""
    if random.random() < 0.35:
        return other_instruction(random, tongue)
    chosen = [random.choice(_ZH_CHAT if tongue == "zh" else _EN_CHAT)]
    while random.random() < 0.25:
        chosen.append(random.choice(_ZH_CHAT if tongue == "zh" else _EN_CHAT))
    return (" " if tongue == "en" else "").join(chosen)


def comment_instruction(random: Random, tongue: Tongue) -> str:
    """Return what people add to the request for comments; most add nothing."""
    return random.choice(_BRIEF[tongue]) if random.random() < 0.3 else ""


def system(random: Random) -> str:
    """Return a system prompt; most clients send none."""
    return random.choice(_SYSTEMS) if random.random() < 0.12 else ""
