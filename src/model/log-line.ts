/** One line of a service's log, as read from the files of its sessions and sent over the socket. */
export interface LogLine {
  readonly service: string;
  /** Wall clock to about a second, milliseconds since 1970; null if the time index is lost. */
  readonly atMs: number | null;
  /** Decoded with replacement characters and without the line end. Control characters are kept. */
  readonly text: string;
  /** Position in the service's log where the line begins. */
  readonly offset: number;
  /** Position where the next line begins. */
  readonly nextOffset: number;
  /** The text continues a line that is longer than 64 KiB. */
  readonly continued: boolean;
  /** False for an unfinished last line, and for a part that another part continues. */
  readonly ended: boolean;
}
