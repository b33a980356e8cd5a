"""A piece of code in each language that there is a grammar for, with what is hard to read in it."""

from __future__ import annotations

from typing import Final

SNIPPETS: Final = {
    "c": r"""// c
#include <a.h> // t
#define X(a) \
  a \
  + 1
#if A
int f(int a /* in */) { // t
  /* b
   * c
   */
  return "a\
b"; // c \
 continued
}
#else // e
int g;
#endif /* A */
""",
    "cpp": """/// doc
template<typename T> // t
auto s = R"(
// no
)";
class A { //!< x
public: // p
  int a; ///< x
};
""",
    "csharp": """/// <summary>x</summary>
#region R
[A] // t
class X { // t
  string s = @"
// no
"; /* c */
  #if A // c
  int a;
  #endif
}
#endregion
""",
    "css": """/* c */
@media x { /* t */
  a, /* u */
  b { color: red; /* v */ }
}
a::after { content: "/* no */"; }
""",
    "go": """//go:build linux
// +build linux

// Package x
package x

/*
#include <stdio.h>
*/
import "C"

// f does
func f(a int /* in */) { // t
	s := `
// no
`
}
""",
    "html": """<!DOCTYPE html>
<!-- c -->
<html>
<head><script>
// c
let a = 1; /* b */
</script><style>
/* c */
a { b: c; }
</style></head>
<body a="1"
  b>
<!--[if IE]> x <![endif]-->
<pre>
 <!-- c -->
 x
</pre> text more <!-- t -->
</body></html>
""",
    "java": '''/** doc */
@A // t
public class X { // t
  int a = 1; /* b */ int b;
  // last
  String s = """
    // not
    """;
}
''',
    "javascript": """#!/usr/bin/env node
'use strict'
/** doc */
function f(a /* in */, b) { // tr
  const t = `x ${a /* c */} // no
  `; // c
  return /re#/.test(a) // x
}
""",
    "javascriptreact": """const A = () => (
  // c
  <div /* attr */ a="1" // c
  >
    {/* jsx */}
    text // not comment
    {
      // c2
      x /* c */
    }
    <b>hi</b>
  </div>
)
""",
    "kotlin": '''/* a /* n */ b */
/** doc */
fun f(x: Int) = x // t
class A {
  // c
  val s = """
   // no
  """
}
''',
    "lua": """#!/usr/bin/lua
-- c
--[[ b
x ]]
--[==[ z ]==]
--- doc
local function f(a) -- t
  local s = [[
-- no
]]
  return a --[[in]] + 1
end
""",
    "php": """<!-- html -->
<p>text</p>
<?php
/** doc */
# c
#[Attr]
function f($a /* in */) { // t
  $s = <<<X
  // no $a
  X;
  return $a; // c ?>
<b>x</b>
<?php // a
}
""",
    "python": r'''#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""Mod."""
@dec
# c
def f(x,  # tr
      y):
    """Doc.

    more"""
    # c
    s = f"a{x}b" "t" \
      "x"
    if x: return 1
    return y  # tr
    # last
class A:
    # first
    """D"""
    x = 1


async def g(*args: int, **kw: str) -> None:
    async with a as b:  # t
        await b.c(
            1,
            # inside
            2,
        )
    # after with
    try:
        pass
    except ValueError:  # noqa: E501
        # nothing
        raise
    else:
        x = """a
    # no
        b"""
    data = {"a": 1, 'b': [2, 3]}
    return None
''',
    "ruby": """# frozen_string_literal: true
=begin
block
=end
# c
def f(a) # t
  s = <<~X # c
    # no
    a #{a}
  X
  a # x
   .foo
   # y
   .bar
  %w[a # b
  ]
end
__END__
# data
""",
    "rust": """//! mod doc
/// doc
/// more
fn f(x: i32) -> i32 { // t
    //! inner
    let s = "a
    // no";
    /* b /* n */ */
    /** out */
    x
}
/// trailing doc
struct S {
    /// field
    a: i32, // t
}
""",
    "scala": '''/* a /* n */ b */
/** d */
def f(x: Int) = // t
  // c
  x
val s = """
// no
"""
''',
    "shellscript": r"""#!/bin/bash
# c
f() { # t
  x="a
# no"
  cat <<EOF # c
# no $x
EOF
  a | \
    b
  a |
    # piped
    b ${#x} # d
  y=(
    # e
    1 2
  )
  if [ "$x" = 1 ]; then
    echo "$(
      # in a string
      ls)"
  fi
}
""",
    "sql": """-- c
SELECT a, -- t
  /* b */ b
FROM t
WHERE x = '-- no
' -- z
;
/* d
   e */
INSERT INTO t (a, b) VALUES (1, 'x');
""",
    "toml": '''# c
[a] # t
b = 1 # u
c = [
  1, # v
  # w
  2,
]
s = """
# no
"""
''',
    "typescript": """// c
interface A<T> { // t
  a?: number; // u
  /** doc */
  b(x: T): void;
}
@dec()
export class B implements A<string> {
  // first
  private readonly x = `a ${1 /* no */}
  // no
  `;

  async b(x: string): Promise<void> { // v
    await this.c(
      x, // w
      /* y */ 1,
    );
    // last
  }
}
""",
    "typescriptreact": """const A = (x: number): JSX => (
  <div>
    {/* jsx */}
    text
  </div>
)
""",
    "yaml": """# c
---
a: 1 # t
# d
b:
  # e
  - x # f
  - |
    # no
    t
  - "a
   # no
   b"
c: plain
  more
# g
""",
}
