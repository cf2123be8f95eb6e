// What no page may do, whatever is being tested: complain, break its own policy, ask another host, fail.
import type { BrowserContext } from '@playwright/test';

/** Collects what went wrong in a context from now on. */
export async function watch(context: BrowserContext, origin: string): Promise<string[]> {
  const wrong: string[] = [];
  // Refusals are pages too; the browser complains of their status as of a missing picture's.
  const visited = new Set<string>();
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (request.isNavigationRequest()) visited.add(request.url());
    if (url.protocol.startsWith('http') && url.origin !== origin) wrong.push(`asked another host: ${url.href}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 500) wrong.push(`${response.status()} at ${response.url()}`);
  });
  context.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const refusal = /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
    if (refusal && visited.has(message.location().url)) return;
    wrong.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => wrong.push(`uncaught: ${error.error().message}`));
  await context.exposeBinding('tesseraPolicy', (_source, what: string) => wrong.push(`policy: ${what}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const tell = (globalThis as unknown as { tesseraPolicy(what: string): void }).tesseraPolicy;
      tell(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return wrong;
}
