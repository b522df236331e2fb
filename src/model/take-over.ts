/** Services of another stack that a start stops through their own session, because they hold its ports or depend on one that does. */
export interface TakeOver {
  readonly stackId: string;
  /** The other stack's config. */
  readonly config: string;
  /** In the order of that config, dependents included. */
  readonly services: readonly string[];
}

/** The sessions of other stacks. Null: the session does not answer, or refuses. */
export interface OtherSessions {
  /** Finds all that a stop of these services would stop now. */
  find(stackId: string, services: readonly string[]): Promise<TakeOver | null>;
  /** Stops these services and their dependents; resolves with all that it stopped. */
  stop(stackId: string, services: readonly string[]): Promise<TakeOver | null>;
}
