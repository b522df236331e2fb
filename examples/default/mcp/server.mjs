/**
 * A Model Context Protocol server over streamable HTTP, at /mcp. Its one tool asks backend2. It is stateless: every request
 * gets a new server. It listens on the loopback only, and accepts neither another Host nor a foreign page's Origin.
 */
import { createServer } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { required, requiredPort } from '../lib/env.mjs';
import { isLocal, send, stopOnSignal } from '../lib/service.mjs';

const port = requiredPort();
const backend = required('BACKEND2_URL');
const origins = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];

const TOOL = {
  name: 'list_appointments',
  description: 'The appointments of one clinic, the next first: patient, time, reason.',
  inputSchema: {
    type: 'object',
    properties: { tenant: { type: 'string', description: 'The short name of the clinic, such as "north"' } },
    required: ['tenant'],
    additionalProperties: false,
  },
};

const http = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.stack);
    if (!response.headersSent) send(response, 500, { error: 'internal error' });
  });
});
http.on('error', (error) => {
  console.error(`mcp cannot listen: ${error.message}`);
  process.exitCode = 1;
});
http.listen(port, '127.0.0.1', () => console.log(`mcp listens on http://localhost:${port}/mcp`));
stopOnSignal(http, () => {});

async function answer(request, response) {
  const { origin } = request.headers;
  if (!isLocal(request)) return send(response, 403, { error: 'this service answers only to localhost' });
  if (origin !== undefined && !origins.includes(origin)) return send(response, 403, { error: `not open to pages of ${origin}` });
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/health') return send(response, 200, { status: 'ok' });
  if (pathname !== '/mcp') return send(response, 404, { error: 'the endpoint is /mcp' });
  if (request.method !== 'POST') return send(response, 405, { error: 'without sessions there is only POST' });

  const server = toolServer();
  // No `sessionIdGenerator`: stateless.
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

function toolServer() {
  const server = new Server({ name: 'appointments', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [TOOL] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    if (params.name !== TOOL.name) return failed(`no such tool: ${params.name}`);
    const tenant = params.arguments?.tenant;
    if (typeof tenant !== 'string' || !tenant) return failed('tenant must be a text');
    return listAppointments(tenant);
  });
  return server;
}

async function listAppointments(tenant) {
  const url = new URL(`/api/v2/tenants/${encodeURIComponent(tenant)}/appointments`, backend);
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(5000) });
    const body = await reply.json();
    if (!reply.ok) return failed(body.error);
    return { content: [{ type: 'text', text: JSON.stringify(body, null, 2) }] };
  } catch (error) {
    return failed(`backend2 does not answer: ${error.cause?.code ?? error.message}`);
  }
}

function failed(message) {
  return { isError: true, content: [{ type: 'text', text: message }] };
}
