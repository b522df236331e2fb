/** What to do about each kind of drift, beyond the fix that stands beside a finding: for `devup explain`. Markdown of one paragraph. */
import type { DriftCode } from '../../model/drift.ts';

export const DRIFT_EXPLAINED: Readonly<Record<DriftCode, string>> = {
  D101: 'Only one of them can have the port on your machine: whoever comes second does not start. Give one of the two the port that the config has for it.',
  D102: 'The service listens where the config says, so this file leads past it, or the program started by it listens elsewhere. `devup check --fix` puts the right port there where its place is beyond doubt; if the file is right, change the config.',
  D103: 'Whoever follows this address gets no answer. Name the port of the service that is meant, add the service to the config, or mark the line with a `devup-ignore` comment when it leads out of the stack.',
  D104: "The browser will refuse the answers of this backend to the frontend. Add the frontend's origin, scheme and port included, such as `http://localhost:5000`.",
  D105: 'An origin is a scheme, a host and a port (`http://localhost:5000`), a host is a host alone. A pattern such as `*:8002` matches nothing.',
  D106: 'The next service of that other category will want the port. Move this one into the range of its own category (the finding names a free port), or correct its `category`. It is a warning for a service whose category has no range of its own.',
  D107: 'Nobody will find the port where ports are looked up. Choose one of a range (the finding names a free one), or declare a range that holds it in `ranges`. It is a warning for a service without a `category` that has a range.',
  D108: 'Vite takes the next free port when its own is held, and every address that names it is wrong then. Set `server.strictPort: true`, or pass `--strictPort`.',
  D109: 'The file lists the services of this stack, and this one is not among them. Add it there, or leave the file out with `check.ignore` in the config.',
  D110: 'The file has a service, or a port, that the config does not declare, so nobody claims its port and nothing starts it. Add it to the config, take it out of the file, or mark it with a `devup-ignore` comment.',
  D111: 'People believe the document. Put the port of the config there: `devup check --fix` does, and a table between the markers of `devup docs` cannot disagree.',
  D112: 'Below 1024 a port may need root; some ports are refused by browsers; 5000 and 7000 belong to the AirPlay Receiver of macOS; and a port of the ephemeral range may be held by any outgoing connection. Choose another port for the service.',
  D113: 'A name or address in `host` of a service says where clients reach it; `localhost` also says that nobody else is to. Let the server listen there (Vite: `server.host`), or correct `host` in the config.',
  D120: 'The file is not what its name says, and none of its ports were compared; the other files were. Mend it, or leave it out with `check.ignore` in the config.',
  D201: 'Make the service listen on the port that is declared, and on no other; pass `${port}` in its command.',
  D202: "Add the frontend's origin, scheme and port included, to the list of origins that the backend lets in, and restart it.",
  D203: 'Correct the link in `links` of the service, or the service, whose log says more.',
  D204: 'Correct the prefix in `routes` of the config, or the proxy that is to send it to the service.',
};

/** Findings that alone do not let a check fail. */
export const DRIFT_WARNINGS: readonly DriftCode[] = ['D108', 'D109', 'D110', 'D112', 'D113'];
