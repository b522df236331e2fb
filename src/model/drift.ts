/**
 * A `Reference` is a place in the repository that names a port; a `Finding` is one that disagrees with the config. Facts only: the
 * codes are stable, and the sentences are made in `check/words.ts` and `render/explain/`.
 */

/** A range in a file. Lines and columns count from 1, offsets (UTF-16 code units of the text) from 0. */
export interface Place {
  /** Relative to the config's folder, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Exactly the characters that name the port (or value), so that a fix replaces nothing else. */
  readonly from: number;
  readonly to: number;
}

/** How a file uses a port. */
export type Use =
  /** A program listens there: `--port 8000`, `server.port`, `runserver 0.0.0.0:8000`, `listen 80`. */
  | 'listen'
  /** A container's or pod's own port, as seen from inside. */
  | 'container'
  /** Published to the developer's machine: compose `ports`, a Service's `port`. */
  | 'publish'
  /** A client connects there: a URL, a proxy target, a probe, a scrape target. */
  | 'target'
  /** A document mentions it. */
  | 'table';

/** A port that a file names. */
export interface PortReference {
  readonly kind: 'port';
  readonly use: Use;
  readonly place: Place;
  readonly port: number;
  /** `localhost`, a host name, or null if the file names none. */
  readonly host: string | null;
  /** The file's names for the owner of the port, best first: a compose service, a Deployment, a table's first cell, the folder. */
  readonly names: readonly string[];
  /** The whole scalar, when the port is only a part of it: `"8000:8000"`. */
  readonly text: string;
  /** Weaker than names: suggests what was meant when no service has the port (`postgres` from a URL's scheme). */
  readonly hints?: readonly string[];
  /** Ports that the file itself declares correct (those of the container behind a name). They replace the config's ports. */
  readonly allowed?: readonly number[];
  /** The port may differ on purpose (80 in front of 8000): it counts only if it resembles a port of the config, and as a warning. */
  readonly loose?: boolean;
}

/** A list of origins or hosts that a backend allows. */
export interface OriginsReference {
  readonly kind: 'origins';
  readonly list: 'cors' | 'csrf' | 'hosts';
  readonly place: Place;
  readonly entries: readonly { readonly value: string; readonly place: Place }[];
  readonly names: readonly string[];
  /** The list allows everything (`*`, `CORS_ALLOW_ALL_ORIGINS = True`). */
  readonly all: boolean;
}

/** A setting that a rule requires: Vite's `strictPort`. */
export interface SettingReference {
  readonly kind: 'setting';
  readonly setting: 'strictPort';
  readonly value: boolean | null;
  readonly place: Place;
  readonly names: readonly string[];
}

/** The address that a program listens on. */
export interface HostReference {
  readonly kind: 'host';
  readonly host: string;
  readonly place: Place;
}

/** A file, or part of one, that lists services. Services of the config that it lacks are findings. */
export interface ListingReference {
  readonly kind: 'listing';
  readonly of: 'compose' | 'kubernetes' | 'document' | 'prometheus';
  readonly place: Place;
  /** The services listed, with or without a port. */
  readonly entries: readonly { readonly name: string; readonly place: Place }[];
}

/** A row of a document's table of ranges: `3000-3099 | Frontend applications`. */
export interface RangeReference {
  readonly kind: 'range';
  readonly place: Place;
  readonly from: number;
  readonly to: number;
  /** The other cells of the row: a purpose, a category. */
  readonly names: readonly string[];
}

/** A value that is known only when a program runs. It is reported, never guessed. */
export interface UnresolvedReference {
  readonly kind: 'unresolved';
  readonly place: Place;
  readonly text: string;
  readonly why: 'variable' | 'template' | 'not-static';
}

export type Reference =
  | PortReference
  | OriginsReference
  | SettingReference
  | HostReference
  | ListingReference
  | RangeReference
  | UnresolvedReference;

export type DriftCode =
  /** Two services, or two lines of one file, use the same port. */
  | 'D101'
  /** A file that names the service has another port. */
  | 'D102'
  /** A URL, proxy target or scrape target leads to a port that no service has. */
  | 'D103'
  /** CORS or CSRF lacks the frontend's origin. */
  | 'D104'
  /** A list of origins or hosts holds an invalid entry (`*:8002`). */
  | 'D105'
  /** A service's port is outside the range of its category, or inside the range of another. */
  | 'D106'
  /** A port is outside all ranges. */
  | 'D107'
  /** `strictPort` is missing. */
  | 'D108'
  /** A service of the config is missing in compose, Kubernetes or the document. */
  | 'D109'
  /** A service of such a file is missing in the config. */
  | 'D110'
  /** The document's table disagrees with the config. */
  | 'D111'
  /** A port that causes trouble: ephemeral, below 1024, blocked by browsers, AirPlay's. */
  | 'D112'
  /** A server listens on all interfaces, or on another host than the config's. */
  | 'D113'
  /** A file could not be parsed; the rest was checked. */
  | 'D120'
  /** At run time: a service listens on undeclared ports or not on its declared ports, refuses CORS, or a link or route does not answer. */
  | 'D201'
  | 'D202'
  | 'D203'
  | 'D204';

export interface Finding {
  readonly code: DriftCode;
  readonly severity: 'error' | 'warning';
  readonly service: string | null;
  readonly port: number | null;
  /** Null for findings about the config alone. */
  readonly place: Place | null;
  readonly expected: string | null;
  readonly found: string | null;
  readonly message: string;
  readonly fix: string | null;
  /** Text by which `--fix` replaces `place.from … place.to`; null if no change is safe. */
  readonly replacement: string | null;
}
