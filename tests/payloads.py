"""What a model, or the name of a file, may hold to have a page run it.

Each says ``pwned()`` if it runs. They are the ways of the published cheat sheets: scripts,
handlers, addresses, styles, other namespaces, templates, broken Markdown, and what sanitisers
got wrong.
"""

from __future__ import annotations

from typing import Final

PAYLOADS: Final = (
    "<script>pwned()</script>",
    "<ScRiPt >pwned()</ScRiPt\t>",
    "<script src=data:text/javascript,pwned()></script>",
    "<img src=x onerror=pwned()>",
    "<img src=x onerror\n=\npwned()>",
    '<img src="x` `<script>pwned()</script>"` `>',
    "<svg onload=pwned()>",
    "<svg><script>pwned()</script></svg>",
    "<svg><animate onbegin=pwned() attributeName=x dur=1s>",
    '<svg><a xlink:href="javascript:pwned()"><text x=20 y=20>click</text></a></svg>',
    "<svg><style><img src=x onerror=pwned()></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=pwned()>",
    '<math><mi//xlink:href="data:x,<script>pwned()</script>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=pwned()>",
    '<noscript><p title="</noscript><img src=x onerror=pwned()>">',
    "<template><img src=x onerror=pwned()></template>",
    "<iframe src=javascript:pwned()></iframe>",
    '<iframe srcdoc="<script>parent.pwned()</script>"></iframe>',
    '<object data="javascript:pwned()"></object>',
    '<embed src="javascript:pwned()">',
    "<body onload=pwned()>",
    "<input onfocus=pwned() autofocus>",
    "<details open ontoggle=pwned()><summary>x</summary></details>",
    "<video><source onerror=pwned()></video>",
    "<marquee onstart=pwned()>x</marquee>",
    '<a href="javascript:pwned()">click</a>',
    '<meta http-equiv="refresh" content="0;url=javascript:pwned()">',
    '<base href="https://evil.example/">',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    "<style>@import 'https://evil.example/x.css';</style>",
    '<div style="background:url(https://evil.example/x)">x</div>',
    "[click](javascript:pwned())",
    "[click](JaVaScRiPt&colon;pwned())",
    "[click](java\tscript:pwned())",
    "[click](vbscript:pwned())",
    "[click](data:text/html;base64,PHNjcmlwdD5wd25lZCgpPC9zY3JpcHQ+)",
    "<javascript:pwned()>",
    "[a]: javascript:pwned()\n\n[a]",
    '[click](https://example.com "\' onmouseover=pwned() x=")',
    "![x](https://evil.example/pixel.png)",
    '![" onerror="pwned()](x)',
    "![x](javascript:pwned())",
    "```html\n<img src=x onerror=pwned()>\n```",
    '```"><img/src=x/onerror=pwned()>\nx\n```',
    "~~~ block-0\n<img src=x onerror=pwned()>\n~~~",
    "`<img src=x onerror=pwned()>`",
    "| <img src=x onerror=pwned()> |\n|---|\n| <script>pwned()</script> |",
    "&lt;img src=x onerror=pwned()&gt;",
    "&#60;script&#62;pwned()&#60;/script&#62;",
    "\\<img src=x onerror=pwned()\\>",
    "\u202e<script>pwned()</script>",
    "<img src=x\u00a0onerror=pwned()><\x00script>pwned()</script>",
    "{{constructor.constructor('pwned()')()}}${pwned()}",
    "https://example.com/<script>pwned()</script>",
    "';pwned();//\";pwned();//--></script><script>pwned()</script>",
)
"""At least 40; every one of them once came through somewhere."""
