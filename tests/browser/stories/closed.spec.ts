// What opens no page, and forms that were not ours.
import { ROOT_TOKEN } from '../company/facts.ts';
import { as, expect, test } from '../fixtures.ts';
import { addressOf, PAGES } from '../pages.ts';

// One project is enough: nothing here is looked at.
test.skip(({ viewport, javaScriptEnabled }) => viewport?.width !== 1440 || !javaScriptEnabled, 'the same everywhere');

interface Seen {
  status: number;
  /** Where it leads, without where one is led back to. */
  leads: string;
  /** Names of cookies. */
  cookies: string[];
  body: string;
}

async function look(url: string, headers: Record<string, string> = {}): Promise<Seen> {
  const answer = await fetch(url, { headers, redirect: 'manual' });
  const cookies = answer.headers.getSetCookie();
  const home = cookies.length === 0 ? undefined : await fetch(new URL('/', url), { headers: { Cookie: cookies.map((each) => each.split(';')[0]).join('; ') }, redirect: 'manual' });
  if (home !== undefined) expect(home.status, `the cookie of ${url} signs nobody in`).toBeGreaterThanOrEqual(300);
  const leads = (answer.headers.get('location') ?? '').split('?')[0] ?? '';
  return { status: answer.status, leads, cookies: cookies.map((each) => each.split('=')[0] ?? ''), body: await answer.text() };
}

test('no token opens a page, however it is sent', async ({ office }) => {
  test.setTimeout(180_000);
  const { url } = office.server;
  expect((await office.server.api(ROOT_TOKEN, 'GET', '/user')).body.username, 'the token is good').toBe('root');
  const basic = Buffer.from(`root:${ROOT_TOKEN}`).toString('base64');
  const addresses = new Set([...PAGES.map((listed) => addressOf(listed, office)), '/-/user_settings/personal_access_tokens', '/users/sign_out', '/users/password']);
  for (const path of addresses) {
    const plain = await look(url + path);
    const query = `${path}${path.includes('?') ? '&' : '?'}private_token=${ROOT_TOKEN}`;
    const carried = [
      await look(url + path, { 'PRIVATE-TOKEN': ROOT_TOKEN }),
      await look(url + path, { Authorization: `Bearer ${ROOT_TOKEN}` }),
      await look(url + path, { Authorization: `Basic ${basic}` }),
      await look(url + query),
    ];
    for (const [index, seen] of carried.entries()) {
      const { body, ...same } = seen;
      expect(same, `${path}, carrier ${index}`).toEqual({ status: plain.status, leads: plain.leads, cookies: plain.cookies });
      expect(body, `${path}, carrier ${index}`).not.toContain('Sign out');
      expect(body, `${path}, carrier ${index}`).not.toContain(ROOT_TOKEN);
    }
  }
});

test('a form of another site is refused though its proof is right', async ({ page, office }) => {
  await as(page, office, 'ben');
  await page.goto('/');
  const authenticity_token = await page.locator('input[name=authenticity_token]').first().inputValue();
  const headers = { 'Sec-Fetch-Site': 'cross-site' };
  const refused = await page.request.post('/users/sign_out', { form: { authenticity_token }, headers, maxRedirects: 0 });
  expect(refused.status()).toBe(422);
});

test('pages say what browsers must know: the policy, no frames, nothing kept', async ({ page, office }) => {
  await as(page, office, 'ada');
  for (const path of ['/', '/-/user_settings/personal_access_tokens', '/harbour/platform/gateway', '/no/such/page']) {
    const headers = (await page.goto(path))?.headers() ?? {};
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect(headers['cache-control']).toContain('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});
