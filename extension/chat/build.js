// Builds the page into built/, which is committed: users install Spyhop where there is no Node.
//
//   node build.js          the page
//   node build.js tests    its unit tests, into .tests/

import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
  charset: "utf8",
};

/** Builds the page: three files that load nothing else, and the licences of what is in them. */
async function page() {
  const { metafile } = await build({
    ...common,
    entryPoints: [
      { in: "src/main.tsx", out: "page" },
      { in: "src/page.css", out: "page" },
    ],
    outdir: "built",
    minify: true,
    metafile: true,
    // Evergreen browsers of the last three years, and the webviews of editors.
    target: ["chrome110", "firefox115", "safari16.4"],
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  for (const name of ["index.html", "icon.svg"]) {
    await copyFile(join(here, "src", name), join(here, "built", name));
  }
  await writeFile(join(here, "built/LICENSES.txt"), await licences(Object.keys(metafile.inputs)));
}

/**
 * Returns the licences of the packages that the built files hold.
 * @param {string[]} inputs
 */
async function licences(inputs) {
  const names = new Set(
    inputs.map((path) => path.match(/(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? ""),
  );
  names.delete("");
  const texts = [...names].sort().map(async (name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${(await licenceText(folder)).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

/**
 * Returns the text of a package's licence.
 * @param {string} folder
 */
async function licenceText(folder) {
  const name = (await readdir(folder)).sort().find((file) => /^licen[cs]e/i.test(file));
  if (!name) {
    throw new Error(`${folder} has no licence`);
  }
  return readFile(join(folder, name), "utf8");
}

async function tests() {
  await build({
    ...common,
    entryPoints: ["tests/*.ts"],
    outdir: ".tests",
    platform: "node",
    sourcemap: "inline",
    external: ["node:*"],
  });
}

await mkdir(join(here, "built"), { recursive: true });
await (process.argv[2] === "tests" ? tests() : page());
