"""In each language: code, what a model made of it, and what is to come of that."""

from __future__ import annotations

from typing import Final, NamedTuple


class Case(NamedTuple):
    language: str
    original: str
    answer: str
    expected: str
    kept: int
    dropped: int = 0


CASES: Final = {
    "python": Case(
        "python",
        """\
def mean(values):
    # old words
    total = sum(values)
    return total / len(values)  # noqa: E501
""",
        '''\
def mean(values: list[float]) -> float:
    """Return the mean.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        # An empty list has none.
        raise ValueError
    # Add them up.
    result = sum(values)  # at once
    return result / len(values)  # by their number
''',
        '''\
def mean(values):
    """Return the mean.

    Raises:
        ValueError: there are no values.
    """
    # Add them up.
    total = sum(values)  # at once
    return total / len(values)  # noqa: E501
''',
        3,
        2,
    ),
    "javascript": Case(
        "javascript",
        """\
function area(w, h) {
  const a = w * h
  return a
}
""",
        """\
/**
 * Returns the area.
 * @param {number} w
 */
function area(width, h) {
  // Multiply.
  const a = width * h; // in px
  return a; /* done */
}
""",
        """\
/**
 * Returns the area.
 * @param {number} w
 */
function area(w, h) {
  // Multiply.
  const a = w * h // in px
  return a /* done */
}
""",
        4,
    ),
    "javascriptreact": Case(
        "javascriptreact",
        """\
const Hello = ({name}) => (
  <div>
    <b>{name}</b>
  </div>
)
""",
        """\
// Greets.
const Hello = ({ name }) => (
  <section>
    {/* the name */}
    <b>{name}</b>
  </section>
);
""",
        """\
// Greets.
const Hello = ({name}) => (
  <div>
    {/* the name */}
    <b>{name}</b>
  </div>
)
""",
        2,
    ),
    "typescript": Case(
        "typescript",
        """\
export class Box<T> {
  // @ts-expect-error later
  private v: T;
  get(): T { return this.v; }
}
""",
        """\
/** A box. */
export class Box<T> {
  // What is in it.
  private readonly v: T; // one
  // Gives it back.
  get(): T {
    return this.v;
  }
}
""",
        """\
/** A box. */
export class Box<T> {
  // What is in it.
  // @ts-expect-error later
  private v: T; // one
  // Gives it back.
  get(): T { return this.v; }
}
""",
        4,
    ),
    "typescriptreact": Case(
        "typescriptreact",
        """\
export const A = (p: Props): JSX.Element => {
  const x = use(p.id)
  return <p>{x}</p>
}
""",
        """\
/** Shows it. */
export const A = (props: Props): JSX.Element => {
  // Ask the store.
  const x = use(props.id)
  return <p>{x /* may be null */}</p>
}
""",
        """\
/** Shows it. */
export const A = (p: Props): JSX.Element => {
  // Ask the store.
  const x = use(p.id)
  return <p>{x}</p>
}
""",
        2,
        1,
    ),
    "java": Case(
        "java",
        """\
public int add(int a, int b) {
    int c = a + b;
    return c;
}
""",
        """\
/**
 * Adds.
 */
public long add(int a, int b) {
    int c = a + b; // the sum
    // \\u000a return 0;
    return c;
}
""",
        """\
/**
 * Adds.
 */
public int add(int a, int b) {
    int c = a + b; // the sum
    return c;
}
""",
        2,
    ),
    "kotlin": Case(
        "kotlin",
        """\
fun f(x: Int): Int {
    val y = x * 2
    return y
}
""",
        """\
/* Doubles. /* Really. */ */
fun f(x: Int) = x * 2 // short
""",
        """\
/* Doubles. /* Really. */ */
fun f(x: Int): Int {
    val y = x * 2 // short
    return y
}
""",
        2,
    ),
    "go": Case(
        "go",
        """\
//go:build linux

package a

//go:noinline
func F(a int) int {
	s := `
x`
	return a
}
""",
        """\
//go:build linux

// Package a does it.
package a

// F does it.
//go:noinline
func F(a int /* how much */) int {
	// Raw.
	s := `
// no
x`
	return a + 1 // it
}
""",
        """\
//go:build linux

// Package a does it.
package a

// F does it.
//go:noinline
func F(a int /* how much */) int {
	// Raw.
	s := `
x`
	return a // it
}
""",
        5,
    ),
    "rust": Case(
        "rust",
        """\
fn f(x: i32) -> i32 {
    let y = x + 1;
    y
}
""",
        """\
/// Adds one.
///
/// Never overflows.
pub fn f(x: i32) -> i32 {
    // One more.
    let y = x.wrapping_add(1); // y
    /// The result.
    y
}
""",
        """\
/// Adds one.
///
/// Never overflows.
fn f(x: i32) -> i32 {
    // One more.
    let y = x + 1; // y
    y
}
""",
        5,
    ),
    "c": Case(
        "c",
        """\
#define MAX(a, b) \\
  ((a) > (b) ? (a) : (b))
int f(int n) {
  return MAX(n, 0);
}
""",
        """\
/* The greater one. */
#define MAX(a, b) \\
  /* compares */ \\
  ((a) > (b) ? (a) : (b))
int f(int n) {
  // never below zero \\
  return MAX(n, 0); // clamped
}
""",
        """\
/* The greater one. */
#define MAX(a, b) \\
  ((a) > (b) ? (a) : (b))
int f(int n) {
  return MAX(n, 0);
}
""",
        1,
        1,
    ),
    "cpp": Case(
        "cpp",
        """\
template <typename T>
T id(T x) { return x; }
auto s = R"(
)";
""",
        """\
/// Gives x back.
template <class T>
T id(T x) { return x; } // as it is
// Raw.
auto s = R"(
// no
)";
""",
        """\
/// Gives x back.
template <typename T>
T id(T x) { return x; } // as it is
// Raw.
auto s = R"(
)";
""",
        3,
    ),
    "csharp": Case(
        "csharp",
        """\
#region Sums
public int Add(int a, int b)
{
    return a + b;
}
#endregion
""",
        """\
#region Sums // all
/// <summary>Adds.</summary>
public int Add(int a, int b) => a + b; // short
#endregion
""",
        """\
#region Sums
/// <summary>Adds.</summary>
public int Add(int a, int b) // short
{
    return a + b;
}
#endregion
""",
        2,
    ),
    "ruby": Case(
        "ruby",
        """\
# frozen_string_literal: true

def f(a)
  s = <<~X
    a
  X
  a.map { |x| x + 1 }
end
""",
        """\
# Says f.
def f(a)
  # Text.
  s = <<~X
    # no
    a
  X
  a.map { |y| y + 1 } # one more
end
""",
        """\
# frozen_string_literal: true

# Says f.
def f(a)
  # Text.
  s = <<~X
    a
  X
  a.map { |x| x + 1 } # one more
end
""",
        3,
    ),
    "php": Case(
        "php",
        """\
<?php
#[Pure]
function f($a) {
    return $a + 1;
}
""",
        """\
<?php
/** Adds one. */
function f(int $a): int {
    // One more. ?>
    return $a + 1; # so
}
""",
        """\
<?php
#[Pure]
/** Adds one. */
function f($a) {
    return $a + 1;
}
""",
        1,
        1,
    ),
    "shellscript": Case(
        "shellscript",
        """\
#!/bin/sh
f() {
  cat <<EOF
a
EOF
  ls | \\
    sort
}
""",
        """\
#!/bin/bash
# Shows it.
f() {
  # The text.
  cat <<EOF
# no
a
EOF
  # In order.
  ls | \\
    # here not
    sort -u # last
}
""",
        """\
#!/bin/sh
# Shows it.
f() {
  # The text.
  cat <<EOF
a
EOF
  # In order.
  ls | \\
    sort # last
}
""",
        4,
        1,
    ),
    "scala": Case(
        "scala",
        """\
def f(x: Int) =
  val y = x + 1
  y
""",
        """\
/** Adds one. */
def f(x: Int): Int =
  // One more.
  val y = x + 1 // y
  y
""",
        """\
/** Adds one. */
def f(x: Int) =
  // One more.
  val y = x + 1 // y
  y
""",
        3,
    ),
    "lua": Case(
        "lua",
        """\
local function f(a)
  local s = [[
x]]
  return a + 1
end
""",
        """\
--- Adds one.
-- @param a number
local function f(b)
  --[[ raw
  text ]]
  local s = [[
-- no
x]]
  return b + 1 -- one more
end
""",
        """\
--- Adds one.
-- @param a number
local function f(a)
  --[[ raw
  text ]]
  local s = [[
x]]
  return a + 1 -- one more
end
""",
        4,
    ),
    "html": Case(
        "html",
        """\
<!DOCTYPE html>
<body>
<pre>
 x
</pre>
<script>
let a = 1;
</script>
<style>
a { b: c; }
</style>
</body>
""",
        """\
<!-- first -->
<!DOCTYPE html>
<!-- The page. -->
<body class="x">
<pre>
 <!-- no -->
 x
</pre>
<script>
// One.
const a = 1; // a
</script>
<style>
/* Links. */
a { b: d; }
</style>
</body> <!-- end -->
""",
        """\
<!DOCTYPE html>
<!-- The page. -->
<body>
<pre>
 x
</pre>
<script>
// One.
let a = 1; // a
</script>
<style>
/* Links. */
a { b: c; }
</style>
</body> <!-- end -->
""",
        5,
        1,
    ),
    "css": Case(
        "css",
        """\
a.b {
  color: red;
}
""",
        """\
/* Links. */
a /* all */ .b {
  color: blue; /* loud */
  // no comment here
}
""",
        """\
/* Links. */
a.b {
  color: red; /* loud */
}
""",
        2,
        1,
    ),
    "sql": Case(
        "sql",
        """\
SELECT a, b
FROM t
WHERE c = '--
';
""",
        """\
-- What is open.
SELECT a, b, c -- both
FROM /* all */ t
WHERE c = '--
'; -- end
""",
        """\
-- What is open.
SELECT a, b -- both
FROM t
WHERE c = '--
'; -- end
""",
        3,
        1,
    ),
    "yaml": Case(
        "yaml",
        """\
a: 1
b: |
  # text
  more
c:
  - x
""",
        """\
# First.
a: 2  # one
b: |
  # no
  # text
  more
# Then.
c:
  # Items.
  - x
  - y  # new
""",
        """\
# First.
a: 1  # one
b: |
  # text
  more
# Then.
c:
  # Items.
  - x
""",
        4,
        1,
    ),
    "toml": Case(
        "toml",
        '''\
[a]
b = 1
c = """
x
"""
''',
        '''\
# The table.
[a]
b = 2  # one
c = """
# no
x
"""  # text
''',
        '''\
# The table.
[a]
b = 1  # one
c = """
x
"""  # text
''',
        3,
    ),
}
