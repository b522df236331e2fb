/**
 * What a file of the repository says about ports (`Reference`), and where that disagrees with the config (`Finding`).
 * Facts only; the codes are stable, the sentences are made in `render/words.ts`.
 */

/** Where something stands in a file. Lines and columns count from 1, offsets (UTF-16 code units of the text) from 0. */
export interface Place {
  /** Relative to the config's folder, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The very characters that name the port (or the value), so that a fix replaces nothing else. */
  readonly from: number;
  readonly to: number;
}

/** How a file uses a port. */
export type Use =
  /** A program is told to listen there: `--port 8000`, `server.port`, `runserver 0.0.0.0:8000`, `listen 80`. */
  | 'listen'
  /** A container's or a pod's own port, seen from inside. */
  | 'container'
  /** Published towards the developer's machine: compose `ports`, a Service's `port`. */
  | 'publish'
  /** Somebody connects there: a URL, a proxy target, a probe, a scrape target. */
  | 'target'
  /** A document says so. */
  | 'table';

/** A port that a file names. */
export interface PortReference {
  readonly kind: 'port';
  readonly use: Use;
  readonly place: Place;
  readonly port: number;
  /** `localhost`, a host name, or null where the file names none. */
  readonly host: string | null;
  /** What the file calls the one it belongs to: a compose service, a Deployment, a table's first cell, the folder's name. Best first. */
  readonly names: readonly string[];
  /** The scalar as written, when the port is only a part of it: `"8000:8000"`. */
  readonly text: string;
  /** Weaker than names: say what was probably meant when nobody owns the port (`postgres` of a URL's scheme). */
  readonly hints?: readonly string[];
  /** Where the file itself says which ports are right (those of the container behind a name): these, not the config's. */
  readonly allowed?: readonly number[];
  /** May differ on purpose (80 before 8000): counts only where it looks like one of the config's ports, as a warning. */
  readonly loose?: boolean;
}

/** A list of origins or hosts that a backend lets in. */
export interface OriginsReference {
  readonly kind: 'origins';
  readonly list: 'cors' | 'csrf' | 'hosts';
  readonly place: Place;
  readonly entries: readonly { readonly value: string; readonly place: Place }[];
  readonly names: readonly string[];
  /** The whole list is open (`*`, `CORS_ALLOW_ALL_ORIGINS = True`). */
  readonly all: boolean;
}

/** A setting that a rule wants to see: Vite's `strictPort`. */
export interface SettingReference {
  readonly kind: 'setting';
  readonly setting: 'strictPort';
  readonly value: boolean | null;
  readonly place: Place;
  readonly names: readonly string[];
}

/** The address a program is told to listen on. */
export interface HostReference {
  readonly kind: 'host';
  readonly host: string;
  readonly place: Place;
}

/** A file, or a part of it, lists services: the config's services that are missing in it are findings. */
export interface ListingReference {
  readonly kind: 'listing';
  readonly of: 'compose' | 'kubernetes' | 'document' | 'prometheus';
  readonly place: Place;
  /** The services named there, with or without a port. */
  readonly entries: readonly { readonly name: string; readonly place: Place }[];
}

/** A row of a document's table of ranges: `3000-3099 | Frontend applications`. */
export interface RangeReference {
  readonly kind: 'range';
  readonly place: Place;
  readonly from: number;
  readonly to: number;
  /** What the row says beside it: a purpose, a category. */
  readonly names: readonly string[];
}

/** A value that cannot be known without running something: said, and never guessed. */
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
  /** Two services, or two lines of one file, claim one port. */
  | 'D101'
  /** A file that names the service has another port. */
  | 'D102'
  /** A URL, proxy or scrape target leads to a port that nobody owns. */
  | 'D103'
  /** CORS or CSRF lacks the frontend's origin. */
  | 'D104'
  /** A list of origins or hosts holds something that is none (`*:8002`). */
  | 'D105'
  /** A service's port is outside the range of its category (or inside another's). */
  | 'D106'
  /** A port that is in no range at all. */
  | 'D107'
  /** `strictPort` is missing. */
  | 'D108'
  /** A service of the config is missing in compose, Kubernetes or the document. */
  | 'D109'
  /** A service of such a file is missing in the config. */
  | 'D110'
  /** The document's table disagrees with the config. */
  | 'D111'
  /** A port that makes trouble: ephemeral, below 1024, blocked by browsers, AirPlay's. */
  | 'D112'
  /** A server is told to listen for the whole network, or elsewhere than on the host of the config. */
  | 'D113'
  /** A file could not be read as what it is; the rest was checked. */
  | 'D120'
  /** While running: listens elsewhere or on more than declared, CORS refused, a link or route does not answer. */
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
  /** What `--fix` puts in the place of `place.from … place.to`; null: nothing can be changed safely. */
  readonly replacement: string | null;
}
