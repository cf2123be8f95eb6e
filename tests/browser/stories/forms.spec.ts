// Forms that were not ours.
import type { APIResponse } from '@playwright/test';
import { as, expect, type Office, test } from '../fixtures.ts';
import { addressOf, PAGES } from '../pages.ts';

// One project is enough: nothing here is looked at.
test.skip(({ viewport, javaScriptEnabled }) => viewport?.width !== 1440 || !javaScriptEnabled, 'the same everywhere');

/** Everything that an administrator can see to have changed. */
async function state({ server }: Office): Promise<string> {
  const events = await server.root('GET', '/audit_events?per_page=100');
  const written = events.filter((event: { event_name?: string; event_type?: string }) => !/refus|fail|denied/.test(JSON.stringify(event)));
  return JSON.stringify(written.map(({ id }: { id: number }) => id));
}

test('every form without its proof, or with another, is refused and changes nothing', async ({ page, another, office }) => {
  test.setTimeout(240_000);
  const stranger = await another();
  await stranger.goto('/users/sign_in');
  const foreign = await stranger.locator('input[name=authenticity_token]').first().inputValue();
  const done = new Set<string>();
  const tried: string[] = [];
  let own = '';
  for (const who of ['ada', 'ingrid']) {
    await page.context().clearCookies();
    await as(page, office, who);
    const before = await state(office);
    for (const listed of PAGES.filter((each) => each.who === who && each.raw !== true && (each.status ?? 200) === 200)) {
      const answer = await page.goto(addressOf(listed, office));
      if (answer?.status() !== 200) continue;
      const forms = await page.locator('form[method=post]').evaluateAll((all) =>
        (all as HTMLFormElement[]).map((form) => ({ action: form.action, data: Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)])) })),
      );
      for (const { action, data } of forms) {
        if (done.has(action)) continue;
        done.add(action);
        own = data.authenticity_token ?? '';
        expect(own, `${listed.name}: ${action} has a proof`).not.toBe('');
        const { authenticity_token: _, ...rest } = data;
        const post = (form: Record<string, string>): Promise<APIResponse> => page.request.post(action, { form, maxRedirects: 0 });
        for (const form of [rest, { ...rest, authenticity_token: '' }, { ...rest, authenticity_token: foreign }, { ...rest, authenticity_token: `${own}x` }]) {
          const refused = await post(form);
          expect(refused.status(), `${listed.name}: ${action}`).toBe(422);
          expect(await refused.text()).toContain('Nothing was changed');
        }
        tried.push(action);
      }
    }
    expect(await state(office), `what ${who}'s forms did`).toBe(before);
    // With its proof a form does what it says: what was refused was refused for want of it.
    const out = await page.request.post('/users/sign_out', { form: { authenticity_token: own }, maxRedirects: 0 });
    expect(out.status()).toBe(303);
    office.sessions.delete(who);
  }
  expect(tried.length, tried.join(' ')).toBeGreaterThan(10);
});
