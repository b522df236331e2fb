import type { StackInput } from '../model/service.ts';

/**
 * Types a config and gives it back unchanged: a misspelt service name in `dependsOn` or `routes` is a compile error.
 * Configs get this very function for `import { defineConfig } from 'devup'`, installed or not.
 */
export function defineConfig<const Name extends string>(config: StackInput<Name>): StackInput<Name> {
  return config;
}
