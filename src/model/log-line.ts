/** One line of a service's log, as it is read from the files of its sessions and told over the socket. */
export interface LogLine {
  readonly service: string;
  /** Wall clock to about a second, milliseconds since 1970; null where the times were lost. */
  readonly atMs: number | null;
  /** Decoded with replacement, without its line end. Control characters are still in it. */
  readonly text: string;
  /** Where it begins in the service's log. */
  readonly offset: number;
  /** Where the next line begins. */
  readonly nextOffset: number;
  /** It is a further part of a line that is longer than 64 KiB. */
  readonly continued: boolean;
  /** False for the unfinished last line, and for parts that go on. */
  readonly ended: boolean;
}
