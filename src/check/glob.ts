/**
 * Patterns of `check` and of `.gitignore`: `*` is a part of a name, `**` any folders, `?` one character. A pattern
 * without `/` fits a name at any depth; one that fits a folder fits all below it.
 */
export function globToRegExp(pattern: string): RegExp {
  const anchored = pattern.replace(/\/$/, '').includes('/');
  const body = pattern.replace(/^\.?\//, '').replace(/\/$/, '');
  const source = body
    .split(/(\*\*\/|\/\*\*$|\*\*|\*|\?|\[[^\]]+\])/)
    .map((part) => {
      if (part === '**/') return '(?:[^/]+/)*';
      if (part === '/**') return '/.*';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      if (/^\[.+\]$/.test(part)) return oneOf(part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\'));
      return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${anchored ? '' : '(?:.*/)?'}${source}(?:/.*)?$`);
}

/** `[a-z]`; of `[z-a]` no character is one, as git has it. */
function oneOf(characters: string): string {
  try {
    return new RegExp(characters).source;
  } catch (error) {
    if (error instanceof SyntaxError) return '(?!)';
    throw error;
  }
}

/** Whether a path (relative, with `/`) fits one of the patterns. */
export function fitsAny(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(globToRegExp);
  return (path) => expressions.some((expression) => expression.test(path));
}
