/** The names of all commands and flags. Each command needs a spec, and each spec a runner (see `spec.ts`). */

export type CommandName = SessionCommand | ContractCommand;
export type SessionCommand = 'start' | 'stop' | 'restart' | 'status' | 'kill' | 'logs' | 'run' | 'wait' | 'exec' | 'debug';
export type ContractCommand = 'ports' | 'check' | 'graph' | 'env' | 'open' | 'add' | 'docs' | 'doctor' | 'explain';

/** Second names of commands, for hands that are used to Compose. They run the command. */
export const ALIASES = { up: 'start', down: 'stop', ps: 'status' } as const satisfies Readonly<Record<string, CommandName>>;
export type CommandAlias = keyof typeof ALIASES;

/** Long names, without dashes: a command that reads a misspelt flag does not compile. */
export type FlagName =
  | GlobalFlag
  | 'all'
  | 'category'
  | 'check'
  | 'command'
  | 'cwd'
  | 'description'
  | 'detach'
  | 'dry-run'
  | 'exit-on-failure'
  | 'file'
  | 'fix'
  | 'follow'
  | 'force'
  | 'format'
  | 'grep'
  | 'keep-going'
  | 'lines'
  | 'live'
  | 'next'
  | 'no-deps'
  | 'no-prefix'
  | 'on-conflict'
  | 'port'
  | 'print'
  | 'profile'
  | 'signal'
  | 'since'
  | 'stdout'
  | 'take-over'
  | 'timeout'
  | 'watch'
  | 'with'
  | 'with-dependents'
  | 'yes';
/** Flags of every command, and those that print help and the version. */
type GlobalFlag = 'directory' | 'config' | 'json' | 'no-color' | 'debug' | 'help' | 'version';
