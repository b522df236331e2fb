/** Of all applications: each is the folder in which Vite is started, or which it is given. */
import { requiredPort } from '../../default/lib/env.mjs';

const port = requiredPort();

export default {
  // One for each: beside each other they would write over each other's files.
  cacheDir: `../../.devup/vite/${port}`,
  server: {
    host: 'localhost',
    port,
    // Never silently another port.
    strictPort: true,
    fs: { allow: [import.meta.dirname] },
  },
  clearScreen: false,
};
