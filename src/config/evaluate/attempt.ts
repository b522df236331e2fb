/**
 * One try to read a config without the whole compiler. It has failed when the config imports more than there is here, also
 * when the config catches that, and when what was run is no program after all: the compiler says where and why.
 */
export class Attempt {
  #importsMore = false;

  /** Of an import that only the compiler can serve. */
  refuseImport(): never {
    this.#importsMore = true;
    throw new ImportsMore();
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

class ImportsMore extends Error {}
