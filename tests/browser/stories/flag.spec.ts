// The feature off (D13): nothing new is made, what there is goes on working and can be ended.
import { as, expect, test } from '../fixtures.ts';
import { confirm, minted, workshop } from './workshop.ts';

const FLAG = 'resource_access_token';

test('with the feature off for a project its tokens work and can be revoked, and none is made', async ({ page, office }) => {
  const { server } = office;
  const place = await workshop(office);
  const kept = await minted(office, place, { name: 'kept', scopes: ['read_api'] });
  const list = `/${place.project}/-/settings/access_tokens`;
  await as(page, office, place.owner.username);
  await page.goto(list);
  const authenticity_token = await page.locator('input[name=authenticity_token]').first().inputValue();
  const action = await page.locator('form', { has: page.getByRole('button', { name: 'Create project access token' }) }).getAttribute('action');
  const field = await page.getByLabel('Token name').getAttribute('name');
  const scope = await page.locator('input[value=read_api]').getAttribute('name');
  const form = { authenticity_token, [field ?? '']: 'crafted', [scope ?? '']: 'read_api', expires: '30' };

  await server.command(['feature', 'disable', FLAG, '--project', place.project]);
  await page.goto(list);
  await expect(page.getByRole('button', { name: 'Create project access token' })).toHaveCount(0);
  await expect(page.getByRole('main')).toContainText(/(turned|switched) off|disabled/i);
  await expect(page.getByRole('link', { name: 'Rotate kept' })).toHaveCount(0);
  const names = async (): Promise<string[]> => (await server.as(place.owner.token, 'GET', `/projects/${place.id}/access_tokens`)).map(({ name }: { name: string }) => name);
  const crafted = await page.request.post(action ?? '', { form, maxRedirects: 0 });
  expect(crafted.status()).toBeGreaterThanOrEqual(400);
  const rotated = await page.request.post(`${list}/${kept.id}/rotate`, { form: { authenticity_token }, maxRedirects: 0 });
  expect(rotated.status()).toBeGreaterThanOrEqual(400);
  expect(await names()).toEqual(['kept']);
  expect((await server.api(kept.token, 'GET', `/projects/${place.id}`)).status).toBe(200);

  await confirm(page, 'Revoke kept');
  await expect(page).toHaveURL(list);
  expect((await server.api(kept.token, 'GET', `/projects/${place.id}`)).status).toBe(401);
  await server.command(['feature', 'enable', FLAG, '--project', place.project]);
  await page.goto(list);
  await expect(page.getByRole('button', { name: 'Create project access token' })).toBeVisible();
});
