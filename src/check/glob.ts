/**
 * The patterns of `check`, matched by picomatch. Two rules are those of `.gitignore`: a pattern without `/` fits a name at any
 * depth, and one that fits a folder fits all below it.
 */
import picomatch from 'picomatch';

/** Whether a path (relative, with `/`) fits one of the patterns. */
export function fitsAny(patterns: readonly string[]): (path: string) => boolean {
  const globs = patterns.flatMap(globsOf);
  return globs.length === 0 ? () => false : picomatch(globs, { dot: true, nonegate: true, windows: false });
}

function globsOf(pattern: string): readonly string[] {
  const body = pattern.replace(/^\.?\//, '').replace(/\/$/, '');
  if (body === '') return [];
  // Parentheses are literal: folders called `(group)` are more common than patterns with a group.
  const literal = body.replace(/[()|]/g, '\\$&');
  const glob = pattern.replace(/\/$/, '').includes('/') ? literal : `**/${literal}`;
  return [glob, `${glob}/**`];
}
