/** One error in a config; a run reports all of them. */
export interface ConfigProblem {
  /** `services.backend.port`, or '' for the whole config. */
  readonly path: string;
  /** The service that contains the error; null outside services. */
  readonly service: string | null;
  /** A sentence without the path: `must be a whole number between 1 and 65535`. */
  readonly message: string;
  /** The offending value as JSON, cut to 80 characters; null where there is none. */
  readonly value: string | null;
  readonly suggestion: string | null;
  /** 1-based, for file formats that provide positions (YAML, JSON); otherwise null. */
  readonly line: number | null;
  readonly column: number | null;
}
