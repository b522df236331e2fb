/**
 * One attempt to evaluate a config without jiti's compiler. It fails when the config imports more than devup and `node:`,
 * even if the config catches that error, and on a syntax or reference error, which the compiler then reports with its place.
 */
export class Attempt {
  #importsMore = false;

  /** Called for an import that only jiti can resolve. */
  refuseImport(): never {
    this.#importsMore = true;
    throw new UnsupportedImport();
  }

  async result<T>(read: () => Promise<T>): Promise<{ readonly value: T } | 'unsupported'> {
    try {
      const value = await read();
      return this.#importsMore ? 'unsupported' : { value };
    } catch (error) {
      if (this.#importsMore || error instanceof SyntaxError || error instanceof ReferenceError) return 'unsupported';
      throw error;
    }
  }
}

class UnsupportedImport extends Error {}
