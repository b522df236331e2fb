/**
 * The table of commands (src/cli/runners.ts), as the build reads it: the bundle of each first word, and the file that runs it.
 */
import { resolve } from 'node:path';
import { build } from 'esbuild';

/** `[{ word, bundle, file }]`. The table is run, but no command is: each import only reports its file. */
export async function commandsOf(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/runners.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    // A command's file has no exports here.
    logOverride: { 'import-is-undefined': 'silent' },
    plugins: [filesTold],
  });
  const { RUNNERS } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  const commands = [];
  for (const [word, { bundle, run }] of Object.entries(RUNNERS)) {
    globalThis.runnerFile = null;
    await run();
    // The runner of an alias is its command's, and reports its file only once.
    const file = globalThis.runnerFile ?? commands.find((other) => RUNNERS[other.word].run === run)?.file;
    if (!file) throw new Error(`the runner of '${word}' must import a file of its own`);
    commands.push({ word, bundle, file });
  }
  return commands;
}

const filesTold = {
  name: 'files-told',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import' ? { path: resolve(resolveDir, path), namespace: 'told' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'told' }, ({ path }) => ({ contents: `globalThis.runnerFile = ${JSON.stringify(path)};` }));
  },
};

/** Leaves other bundles' commands out of this one, which is never asked for them. */
export function only(bundle, commands) {
  const others = new Set(commands.filter((command) => command.bundle !== bundle).map(({ file }) => file));
  return {
    name: `only-${bundle}`,
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' && others.has(resolve(resolveDir, path)) ? { path, namespace: 'other-bundle' } : undefined,
      );
      build.onLoad({ filter: /./, namespace: 'other-bundle' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is in another bundle`)});`,
      }));
    },
  };
}
