/** The reader of a text: paths, users and ages are shown relative to it. */
export interface Viewer {
  /** Shown as `~`; null: paths are shown whole. */
  readonly home: string | null;
  /** Shown as `you`. */
  readonly uid: number | null;
  /** Wall clock, milliseconds since 1970; null: no ages. */
  readonly nowMs: number | null;
  /** Masked wherever they appear; see `Secrets`. */
  readonly secrets?: Iterable<string>;
}

export const NOBODY: Viewer = { home: null, uid: null, nowMs: null };

/** The text of one failure. */
export interface Words {
  /** What happened: a sentence without a full stop. */
  readonly what: string;
  readonly why: string | null;
  /** What to type or change. */
  readonly fix: string | null;
  /** Lines below: all problems of a config, all ports of a refusal, the last lines of a service. */
  readonly details?: readonly string[];
}
