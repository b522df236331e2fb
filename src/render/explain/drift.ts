/** Advice on each kind of drift for `devup explain`, beyond the fix in the finding. One paragraph of Markdown each. */
import type { DriftCode } from '../../model/drift.ts';

export const DRIFT_EXPLAINED: Readonly<Record<DriftCode, string>> = {
  D101: 'Only one of them can have the port on your machine: the second one does not start. Give one of the two the port that the config has for it.',
  D102: 'The service listens where the config says, so this file leads to the wrong port, or the program that it starts listens elsewhere. `devup check --fix` writes the right port where its place is certain. If the file is right, change the config.',
  D103: 'Nothing answers at this address. Name the port of the service that is meant, add the service to the config, or mark the line with a `devup-ignore` comment if it leads out of the stack.',
  D104: "The browser will refuse the answers of this backend to the frontend. Add the frontend's origin with its scheme and port, such as `http://localhost:5000`.",
  D105: 'An origin is a scheme, a host and a port (`http://localhost:5000`); a host is only a host. A pattern such as `*:8002` matches nothing.',
  D106: 'The next service of that other category will want the port. Move this service into the range of its own category (the finding names a free port), or correct its `category`. It is only a warning if the category of the service has no range.',
  D107: 'Nobody will find the port where ports are looked up. Choose a port of a range (the finding names a free one), or declare a range that contains this port in `ranges`. It is only a warning if the service has no `category` with a range.',
  D108: 'Vite takes the next free port when its own is held, and then every address that names its port is wrong. Set `server.strictPort: true`, or pass `--strictPort`.',
  D109: 'The file lists the services of this stack, but not this one. Add it there, or exclude the file with `check.ignore` in the config.',
  D110: 'The file has a service, or a port, that the config does not declare, so nothing claims the port and nothing starts the service. Add it to the config, remove it from the file, or mark it with a `devup-ignore` comment.',
  D111: 'People trust the document. Write the port of the config there, or let `devup check --fix` do it. A table between the markers of `devup docs` cannot disagree.',
  D112: 'A port below 1024 may need root; browsers refuse some ports; 5000 and 7000 belong to the AirPlay Receiver of macOS; and any outgoing connection may hold a port of the ephemeral range. Choose another port for the service.',
  D113: "A name or address in a service's `host` says where clients reach it; `localhost` also says that other machines should not. Make the server listen at that name or address (Vite: `server.host`), or correct `host` in the config.",
  D120: 'The file cannot be parsed as what its name says, so none of its ports were compared; the other files were. Fix it, or exclude it with `check.ignore` in the config.',
  D201: 'Make the service listen on the declared port, and on no other; pass `${port}` in its command. If it listens but accepts no connections, its log says why: see E117.',
  D202: "Add the frontend's origin, with its scheme and port, to the backend's list of allowed origins, and restart the backend.",
  D203: 'Correct the link in `links` of the service, or fix the service: its log says more.',
  D204: 'Correct the prefix in `routes` of the config, or the proxy that should send it to the service.',
};

/** Findings that are warnings: they alone do not fail a check. */
export const DRIFT_WARNINGS: readonly DriftCode[] = ['D108', 'D109', 'D110', 'D112', 'D113'];
