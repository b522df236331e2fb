/** The gateway, the only address that a page knows. It is in the .env beside each page. */
export const gateway: string = import.meta.env['VITE_API_GATEWAY_URL'];

/** The gateway's answer; throws its text on an error. */
export async function ask<Body>(path: string, init: { readonly body?: object; readonly token?: string } = {}): Promise<Body> {
  const response = await fetch(gateway + path, {
    method: init.body ? 'POST' : 'GET',
    headers: {
      ...(init.body ? { 'content-type': 'application/json' } : {}),
      ...(init.token ? { authorization: `Bearer ${init.token}` } : {}),
    },
    ...(init.body ? { body: JSON.stringify(init.body) } : {}),
    signal: AbortSignal.timeout(5000),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? `status ${response.status}`);
  return body as Body;
}
