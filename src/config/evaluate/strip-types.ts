import { transform } from 'sucrase';

/** TypeScript or modules → CommonJS on the same lines. Null for what is no syntax; not all of that is noticed. */
export function stripTypes(text: string, file: string): string | null {
  try {
    return transform(text, {
      transforms: /\.[cm]?ts$/.test(file) ? ['typescript', 'imports'] : ['imports'],
      disableESTransforms: true,
      production: true,
      filePath: file,
    }).code;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
