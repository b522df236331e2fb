import path from 'node:path';
import { compileFunction } from 'node:vm';

/** Runs a module that was compiled to CommonJS, with top-level `await`, and returns its `module.exports`. */
export async function runModule(
  text: string,
  file: string,
  require: (id: string) => unknown,
  more: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const module = { exports: {} as unknown };
  const names = { exports: module.exports, require, module, __filename: file, __dirname: path.dirname(file), ...more };
  const body = compileFunction(`return (async () => {${text}\n})();`, Object.keys(names), { filename: file }) as (
    ...values: unknown[]
  ) => Promise<void>;
  await body(...Object.values(names));
  return module.exports;
}
