import { defineConfig } from 'devup';

const serve = `require('node:http').createServer((_, answer) => answer.end('hello')).listen(process.env.PORT)`;

export default defineConfig({
  services: { hello: { port: Number(process.env.HELLO_PORT ?? 4810), command: ['node', '-e', serve] } },
});
