/** The names of all commands. Each needs a spec, and each spec a runner (see `spec.ts`). */

export type CommandName = SessionCommand | ContractCommand;
export type SessionCommand = 'start' | 'stop' | 'restart' | 'status' | 'kill' | 'logs' | 'run' | 'wait' | 'exec' | 'debug';
export type ContractCommand = 'ports' | 'check' | 'graph' | 'env' | 'open' | 'add' | 'docs' | 'doctor' | 'explain';
