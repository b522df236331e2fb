/**
 * Whether a config is an ES module that imports only devup and Node's own modules. The text decides, before any code runs:
 * a config that turned out to import more halfway would have to run twice. A doubtful text, such as a comment that looks
 * like an import, counts as importing more, which only costs time.
 */
import { isBuiltin } from 'node:module';

const imports = /\b(?:from|import)\s*(['"])(?<from>[^'"\n]*)\1|\bimport\s*\((?:\s*(['"])(?<later>[^'"\n]*)\3\s*\))?/g;

/** Comments, strings, and templates without `${`. */
const quoted = /\/\/.*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\$]|\\[\s\S]|\$(?!\{))*`/g;

export function isSelfContained(text: string): boolean {
  if (/\b(?:require|exports)\b/.test(text) && mayRequire(text.replace(quoted, ' '))) return false;
  return Array.from(text.matchAll(imports), ({ groups }) => groups?.['from'] ?? groups?.['later']).every(
    (id) => id === 'devup' || (id !== undefined && isBuiltin(id)),
  );
}

/**
 * `code` is the text without comments and quoted text. A remaining slash or quote may begin a regular expression or a template that
 * contains code, and then the rest of the text is uncertain.
 */
function mayRequire(code: string): boolean {
  return /["'`/]|<!--|-->|\b(?:require|exports|eval|Function)\b/.test(code);
}
