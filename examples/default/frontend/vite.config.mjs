import { requiredPort } from '../lib/env.mjs';

export default {
  server: {
    host: 'localhost',
    port: requiredPort(),
    // Never use another port.
    strictPort: true,
  },
  clearScreen: false,
};
