/** For all applications: each is the folder in which Vite is started, or which it is given. */
import { requiredPort } from '../../default/lib/env.mjs';

const port = requiredPort();

export default {
  // One cache per application: simultaneous ones would overwrite each other's files.
  cacheDir: `../../.devup/vite/${port}`,
  server: {
    host: 'localhost',
    port,
    // Never use another port.
    strictPort: true,
    fs: { allow: [import.meta.dirname] },
  },
  clearScreen: false,
};
