/**
 * Processes, past ones included, that may have led a group or a session. Its number stays theirs while a process is in it; later, the kernel
 * may give it to a stranger as its pid, and so to the stranger's own group.
 */
import type { ProcessId } from '../model/port.ts';

export class Leaders {
  /** The start of each by pid; null: it had ended before it could be read. */
  readonly #starts = new Map<number, number | null>();

  add({ pid, start }: ProcessId): void {
    this.#starts.set(pid, start);
  }

  addEnded(pid: number): void {
    if (!this.#starts.has(pid)) this.#starts.set(pid, null);
  }

  /** True if one had this pid. */
  hasPid(pid: number): boolean {
    return this.#starts.has(pid);
  }

  /** True for the number of a group or session that one of them has led. `living`: the process that has this pid now. */
  hasLed(id: number, living: ProcessId | undefined): boolean {
    return this.#starts.has(id) && (living === undefined || living.start === this.#starts.get(id));
  }
}
