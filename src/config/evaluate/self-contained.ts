/**
 * Whether a config imports nothing but devup and what comes with Node, and is no CommonJS. Told by its text, before any of it
 * runs: one that began to run and then turned out to import more would run twice. In doubt, as with a comment that looks so,
 * it imports more, which costs time only.
 */
import { isBuiltin } from 'node:module';

const imports = /\b(?:from|import)\s*(['"])(?<from>[^'"\n]*)\1|\bimport\s*\((?:\s*(['"])(?<later>[^'"\n]*)\3\s*\))?/g;

export function isSelfContained(text: string): boolean {
  if (/\b(?:require|exports)\b/.test(text)) return false;
  return Array.from(text.matchAll(imports), ({ groups }) => groups?.['from'] ?? groups?.['later']).every(
    (id) => id === 'devup' || (id !== undefined && isBuiltin(id)),
  );
}
