/**
 * detect-port as an independent second opinion that a port is free once something on it was stopped. It only says yes
 * or no (a taken port is answered with another one), never who; so it confirms, and decides nothing else.
 */
export async function detectPortAgrees(port: number): Promise<boolean> {
  const { detect } = await import('detect-port');
  return (await detect(port)) === port;
}
