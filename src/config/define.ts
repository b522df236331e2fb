import type { StackInput } from '../model/service.ts';

/**
 * Types a config and returns it unchanged: a misspelt service name in `dependsOn` or `routes` is a compile error.
 * A config that imports `defineConfig` from `devup` gets this function, whether the package is installed or not.
 */
export function defineConfig<const Name extends string>(config: StackInput<Name>): StackInput<Name> {
  return config;
}
