// What administrators do on pages.
import type { Page } from '@playwright/test';
import { as, expect, test } from '../fixtures.ts';
import { minted, unused, workshop } from './workshop.ts';

test('the inventory is filtered, and what is chosen is revoked', async ({ page, office }) => {
  const { server } = office;
  const place = await workshop(office);
  const word = unused('sweep');
  const tokens = [];
  for (const name of ['one', 'two', 'three']) tokens.push(await minted(office, place, { name: `${word}-${name}`, scopes: ['read_api'] }));
  await as(page, office, 'ingrid');
  await page.goto('/admin/tokens');
  await page.getByLabel('Token or owner').fill(word);
  await page.getByRole('button', { name: /filter|apply/i }).click();
  await expect(page.getByRole('checkbox', { name: new RegExp(word) })).toHaveCount(3);
  await expect(page.getByRole('main').getByRole('row').filter({ hasText: place.owner.username }).first()).toBeVisible();

  await page.getByRole('checkbox', { name: new RegExp(`${word}-one`) }).check();
  await page.getByRole('checkbox', { name: new RegExp(`${word}-two`) }).check();
  await page.getByRole('button', { name: /^revoke/i }).first().click();
  await expect(page.getByRole('main')).toContainText(/2 (access )?tokens/);
  await expect(page.getByRole('main')).toContainText(`${word}-one`);
  expect((await server.api(tokens[0]!.token, 'GET', '/user')).status, 'nothing has happened yet').toBe(200);
  await page.getByRole('button', { name: /^revoke/i }).last().click();
  await expect(page.getByRole('status').filter({ hasText: /revoked/i })).toBeVisible();
  const statuses = await Promise.all(tokens.map(async ({ token }) => (await server.api(token, 'GET', '/user')).status));
  expect(statuses).toEqual([401, 401, 200]);
});

test('a person is made, blocked and unblocked', async ({ page, another, office }) => {
  const username = unused('hired');
  await as(page, office, 'ingrid');
  await page.goto('/admin/users/new');
  await page.getByLabel('Username', { exact: true }).fill(username);
  await page.getByLabel('Name', { exact: true }).fill('Hired by a page');
  await page.getByLabel('Email', { exact: true }).fill(`${username}@harbour.example`);
  for (const label of ['Password', 'Password, once more']) await page.getByLabel(label, { exact: true }).fill('a-first-password-1907');
  await page.getByRole('button', { name: 'Create user' }).click();
  await expect(page).toHaveURL(new RegExp(`/admin/users/${username}`));
  const [made] = await office.server.root('GET', `/users?username=${username}`);
  expect(made).toMatchObject({ username, name: 'Hired by a page', state: 'active' });

  const state = async (): Promise<string> => (await office.server.root('GET', `/users/${made.id}`)).state;
  await act(page, /^block/i);
  await expect.poll(state).toBe('blocked');
  await page.goto(`/admin/users/${username}`);
  await act(page, /^unblock/i);
  await expect.poll(state).toBe('active');
  const bystander = await another();
  await bystander.goto(`/admin/users/${username}`);
  await expect(bystander).toHaveURL(/\/users\/sign_in/);
});

test('a policy is set and holds on the token page', async ({ another, untouched }) => {
  // A server of its own: a policy is everybody's.
  await untouched.command(['user', 'create', '--username', 'boss', '--name', 'Boss', '--email', 'boss@harbour.example', '--admin', '--password-stdin'], 'tide-table-of-1907\n');
  const page = await another({ baseURL: untouched.url });
  await page.goto('/users/sign_in');
  await page.getByLabel('Username or email').fill('boss');
  await page.getByLabel('Password', { exact: true }).fill('tide-table-of-1907');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.goto('/admin/application_settings/general');
  await page.getByLabel(/life ?time/i).fill('20');
  await page.getByRole('button', { name: /^save/i }).first().click();
  await expect(page.getByRole('status').filter({ hasText: /saved|changed/i })).toBeVisible();
  await page.goto('/-/user_settings/personal_access_tokens');
  await expect(page.getByRole('radio', { name: '7 days' })).toBeVisible();
  await expect(page.getByRole('radio', { name: '90 days' })).toHaveCount(0);
  await expect(page.getByRole('radio', { name: /never/i })).toHaveCount(0);
});

test('a feature is turned off for one project and the log tells of it', async ({ page, office }) => {
  const { project } = await workshop(office);
  await as(page, office, 'ingrid');
  await page.goto('/admin/feature_flags');
  await expect(page.getByRole('main')).toContainText('resource_access_token');
  await page.getByRole('main').getByLabel(/project/i).first().fill(project);
  await page.getByRole('button', { name: /off|disable/i }).last().click();
  await expect(page.getByRole('main')).toContainText(project);
  await page.goto(`/admin/audit_events`);
  await expect(page.getByRole('main')).toContainText('feature');
});

test('the calendar of endings leads to the tokens of a day', async ({ page, office }) => {
  await as(page, office, 'ingrid');
  await page.goto('/admin/tokens/calendar');
  const day = page.getByRole('main').getByRole('link', { name: /\b[1-9]\d* tokens?\b/ }).first();
  const count = Number(/(\d+) token/.exec((await day.getAttribute('aria-label')) ?? '')?.[1]);
  await day.click();
  await expect(page).toHaveURL(/\/admin\/tokens\?/);
  await expect(page.getByRole('checkbox', { name: /^choose/i })).toHaveCount(count);
});

/** Presses a button or follows a link of this name, and confirms where that is asked. */
async function act(page: Page, name: RegExp): Promise<void> {
  const first = page.getByRole('main').getByRole('button', { name }).or(page.getByRole('main').getByRole('link', { name })).first();
  const asks = (await first.evaluate((element) => element.tagName)) === 'A';
  await first.click();
  if (asks) await page.getByRole('button', { name }).last().click();
}
