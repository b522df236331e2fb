/**
 * How long devup waits for a container engine. An engine that hangs accepts each command and answers none, so after the first answer that
 * is overdue devup asks it nothing more.
 */
import { type EngineAnswer, type RunTool, unanswered } from './engine.ts';

export class EnginePatience {
  readonly #silent = new Set<string>();

  /** True if an engine has not answered in time. */
  get isOver(): boolean {
    return this.#silent.size > 0;
  }

  /** `over`: aborts the commands that are still running. */
  limit(run: RunTool, over?: AbortSignal): RunTool {
    return async (tool, args, limits = {}): Promise<EngineAnswer | null> => {
      if (this.#silent.has(tool)) return unanswered(tool, limits.timeoutMs);
      const answer = await run(tool, args, over ? { over, ...limits } : limits);
      if (answer?.timedOut) this.#silent.add(tool);
      return answer;
    };
  }
}
