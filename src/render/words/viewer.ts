/** Who reads, when and where: what is said of paths, users and ages depends on it. */
export interface Viewer {
  /** Shown as `~`; null: paths are shown whole. */
  readonly home: string | null;
  /** Shown as `you`. */
  readonly uid: number | null;
  /** Wall clock, milliseconds since 1970; null: no ages. */
  readonly nowMs: number | null;
  /** Never shown, wherever they stand; see `Secrets`. */
  readonly secrets?: Iterable<string>;
}

export const NOBODY: Viewer = { home: null, uid: null, nowMs: null };

/** What one failure says. */
export interface Words {
  /** What happened: a sentence without a full stop. */
  readonly what: string;
  readonly why: string | null;
  /** What to type or change. */
  readonly fix: string | null;
  /** Lines below: all problems of a config, all ports of a refusal, the last lines of a service. */
  readonly details?: readonly string[];
}
