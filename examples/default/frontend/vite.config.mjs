import { requiredPort } from '../lib/env.mjs';

export default {
  server: {
    host: 'localhost',
    port: requiredPort(),
    // Never silently another port.
    strictPort: true,
  },
  clearScreen: false,
};
