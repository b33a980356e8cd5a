"""A file of each language that there is a grammar for, and what its outline is to tell.

``‸`` is the caret, and no part of the file.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Example(NamedTuple):
    """A file, and what stands in it."""

    text: str
    heads: list[str]
    """Of the scopes around the caret, outer before inner."""
    imports: list[str]
    names: set[str]


EXAMPLES: Final[dict[str, Example]] = {
    "c": Example(
        "#include <stdio.h>\n#define N 1\nstruct P {\n  int x;\n};\ntypedef struct { int y; } Q;\n"
        "int total = 0;\nstatic int *f(int a) {\n  return ‸0;\n}\n",
        ["static int *f(int a) {"],
        ["#include <stdio.h>"],
        {"N", "P", "Q", "total", "f"},
    ),
    "cpp": Example(
        "#include <x>\nusing namespace std;\nnamespace n {\ntemplate <class T>\nclass C : B {\n"
        " public:\n  int f() const {\n    ‸return 1;\n  }\n  int x;\n};\n}\nint n::C::g() { }\n",
        ["namespace n {", "template <class T>\nclass C : B {", "  int f() const {"],
        ["#include <x>", "using namespace std;"],
        {"C", "f", "x", "g"},
    ),
    "csharp": Example(
        "using System;\nnamespace A.B {\n  [Attr]\n  public class C : D {\n    int x = 1;\n"
        "    public int P { get; set; }\n    public int F(int a) {\n      ‸\n    }\n  }\n}\n",
        [
            "namespace A.B {",
            "  [Attr]\n  public class C : D {",
            "    public int F(int a) {",
        ],
        ["using System;"],
        {"C", "x", "P", "F"},
    ),
    "css": Example(
        "@import 'x.css';\n:root { --a: 1px; }\n@media print {\n  .c > b {\n    ‸\n  }\n}\n",
        ["@media print {", "  .c > b {"],
        ["@import 'x.css';"],
        {"--a"},
    ),
    "go": Example(
        'package a\n\nimport (\n\t"fmt"\n)\n\ntype T struct {\n\tX int\n}\n\n'
        "type I interface {\n\tG()\n}\nconst K = 1\n\nfunc (t *T) F(a int) int {\n\t‸return a\n}\n",
        ["func (t *T) F(a int) int {"],
        ['import (\n\t"fmt"\n)'],
        {"T", "I", "K", "F"},
    ),
    "html": Example(
        "<html>\n<body class='x'>\n  <ul>\n    ‸\n  </ul>\n</body>\n</html>\n",
        ["<html>", "<body class='x'>", "  <ul>"],
        [],
        set(),
    ),
    "java": Example(
        "package a;\nimport a.B;\nimport static c.D.*;\n@X\npublic class A extends B {\n"
        "  private int x = 1;\n  public A() { }\n  @Override\n  public int f(int a) {\n    ‸\n  }\n"
        "}\ninterface I { void g(); }\n",
        ["@X\npublic class A extends B {", "  @Override\n  public int f(int a) {"],
        ["import a.B;", "import static c.D.*;"],
        {"A", "x", "f", "I", "g"},
    ),
    "javascript": Example(
        "import a from 'a';\nconst b = require('b');\nexport class A extends B {\n  x = 1;\n"
        "  f(a) {\n    return ‸a;\n  }\n}\nexport const h = (a) => {\n  return a;\n};\n",
        ["export class A extends B {", "  f(a) {"],
        ["import a from 'a';", "const b = require('b');"],
        {"A", "b", "x", "f", "h"},
    ),
    "javascriptreact": Example(
        "import React from 'react';\nexport default function App(props) {\n  return (\n"
        "    <b>‸</b>\n  );\n}\n",
        ["export default function App(props) {"],
        ["import React from 'react';"],
        {"App"},
    ),
    "kotlin": Example(
        "package a\nimport a.B\nclass A(val x: Int) : B() {\n  val y = 1\n  companion object {\n"
        "    const val Z = 1\n  }\n  fun f(a: Int): Int {\n    ‸return a\n  }\n}\nfun g() = 1\n",
        ["class A(val x: Int) : B() {", "  fun f(a: Int): Int {"],
        ["import a.B"],
        {"A", "y", "f", "g"},
    ),
    "lua": Example(
        "local x = require('x')\nlocal M = {}\nfunction M.f(a)\n  return ‸a\nend\n"
        "M.h = function()\n  return 1\nend\nreturn M\n",
        ["function M.f(a)"],
        ["local x = require('x')"],
        {"x", "M", "f", "h"},
    ),
    "php": Example(
        "<?php\nnamespace A;\nuse C\\D;\nclass A extends B {\n  private int $x = 1;\n"
        "  public function f(int $a): int {\n    ‸\n  }\n}\nfunction g() { return 1; }\n",
        ["class A extends B {", "  public function f(int $a): int {"],
        ["use C\\D;"],
        {"A", "x", "f", "g"},
    ),
    "python": Example(
        "import os\nfrom a import (\n    b,\n)\n\nX: int = 1\n\n\n@dec\nclass A(B):\n    y: int\n\n"
        "    @property\n    def f(self):\n        ‸return 1\n\n\nasync def g():\n    pass\n",
        ["@dec\nclass A(B):", "    @property\n    def f(self):"],
        ["import os", "from a import (\n    b,\n)"],
        {"X", "A", "y", "f", "g"},
    ),
    "ruby": Example(
        "require 'set'\nrequire_relative 'x'\nmodule M\n  X = 1\n  class A < B\n    def f(a)\n"
        "      ‸a\n    end\n    def self.g = 1\n  end\nend\n",
        ["module M", "  class A < B", "    def f(a)"],
        ["require 'set'", "require_relative 'x'"],
        {"M", "X", "A", "f", "g"},
    ),
    "rust": Example(
        "use std::io;\n#[derive(Debug)]\npub struct S { x: i32 }\nconst C: i32 = 1;\n"
        "impl T for S {\n    fn f(&self) -> i32 {\n        ‸self.x\n    }\n}\n",
        ["impl T for S {", "    fn f(&self) -> i32 {"],
        ["use std::io;"],
        {"S", "C", "f"},
    ),
    "scala": Example(
        "import a.b\nobject A {\n  val x = 1\n  def f(a: Int): Int = {\n    ‸a\n  }\n}\n"
        "trait T { def g: Int }\n",
        ["object A {", "  def f(a: Int): Int = {"],
        ["import a.b"],
        {"A", "x", "f", "T", "g"},
    ),
    "shellscript": Example(
        "source ./x.sh\nX=1\nf() {\n  echo ‸a\n}\nfunction g { echo b; }\n",
        ["f() {"],
        ["source ./x.sh"],
        {"X", "f", "g"},
    ),
    "sql": Example(
        "CREATE TABLE users (\n  id INT PRIMARY KEY,\n  ‸name TEXT\n);\n"
        "CREATE VIEW v AS SELECT 1;\n",
        ["CREATE TABLE users ("],
        [],
        {"users", "v"},
    ),
    "toml": Example("x = 1\n[a.b]\nc = ‸1\n[[d]]\ne = 2\n", ["[a.b]"], [], set()),
    "typescript": Example(
        "import { a } from 'a';\nexport interface I { x: number }\nexport type T = number;\n"
        "@Dec()\nexport class A<T> extends B {\n  private y = 1;\n  f(a: number): number {\n"
        "    ‸\n  }\n}\nconst k = 1;\n",
        ["@Dec()\nexport class A<T> extends B {", "  f(a: number): number {"],
        ["import { a } from 'a';"],
        {"I", "x", "T", "A", "y", "f", "k"},
    ),
    "typescriptreact": Example(
        "import React from 'react';\nexport const App = (props: P) => {\n  return <b>‸</b>;\n};\n",
        ["export const App = (props: P) => {"],
        ["import React from 'react';"],
        {"App"},
    ),
    "yaml": Example("a:\n  b:\n    - c: 1\n      d: ‸2\n  e: f\n", ["a:", "  b:"], [], set()),
}
