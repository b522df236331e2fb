/** JSON from a file or another program, which may be cut off or may not be JSON at all. */

/** The parsed value; undefined, which no JSON stands for, if the text is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
