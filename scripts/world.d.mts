export interface LivingProcess {
  readonly pid: number;
  readonly ppid: number;
  /** Clock ticks since boot. */
  readonly start: number;
}

export const RUN_VARIABLE: string;
export function processesOfRun(run: string, except?: ReadonlySet<number>): readonly (LivingProcess & { readonly command: string })[];
export function processRow(pid: number): LivingProcess | null;
