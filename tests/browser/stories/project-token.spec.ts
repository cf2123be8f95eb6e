// The story of a project token from its making to the Ghost User, with real git in between.
import { join } from 'node:path';
import { axe } from '../checks.ts';
import { as, expect, test } from '../fixtures.ts';
import { git } from '../server.ts';
import { copied, fill, secret } from './mint.ts';
import { confirm, minted, row, workshop } from './workshop.ts';

test('a project token is minted, copied, used with git, rotated, revoked; what it wrote is the Ghost User’s', async ({ page, office, folder, javaScriptEnabled }) => {
  const { server } = office;
  const { owner, project, id } = await workshop(office);
  const list = `/${project}/-/settings/access_tokens`;
  await as(page, office, owner.username);
  await page.goto(list);

  await fill(page, { name: 'nightly-mirror', description: 'Copies main', scopes: ['api', 'write_repository'], role: 'Maintainer', expires: '30 days' });
  if (javaScriptEnabled) await expect(page.getByText(/^This token will be able to .* until /)).toBeVisible();
  await page.getByRole('button', { name: 'Create project access token' }).click();
  await expect(page.getByText('You will not see it again.')).toBeVisible();
  const first = await secret(page);
  if (javaScriptEnabled) expect(await copied(page)).toBe(first);

  await git(folder, ['clone', '-q', server.remote(project, first), 'copy']);
  const copy = join(folder, 'copy');
  await git(copy, ['commit', '-q', '--allow-empty', '-m', 'Pushed by the token of the page']);
  await git(copy, ['push', '-q', 'origin', 'HEAD']);
  const issue = await server.as(first, 'POST', `/projects/${id}/issues`, { title: 'Found by the bot' });
  const note = await server.as(first, 'POST', `/projects/${id}/issues/${issue.iid}/notes`, { body: 'Said by the bot' });

  await page.reload();
  expect(await page.content(), 'after a refresh').not.toContain(first);
  await page.goto(list);
  expect(await page.content(), 'in the list').not.toContain(first);
  await page.goBack();
  expect(await page.content(), 'on the way back').not.toContain(first);

  const line = row(page, 'nightly-mirror').first();
  await expect(async () => {
    await page.goto(list);
    await expect(line).toContainText('127.0.0.1', { timeout: 500 });
  }).toPass();
  await expect(line).not.toContainText(/never used/i);

  await confirm(page, 'Rotate nightly-mirror', async (question) => {
    await expect(question).toContainText(/stops working at once/);
    if (javaScriptEnabled) await axe(page);
  });
  await expect(page.getByText('You will not see it again.')).toBeVisible();
  const second = await secret(page);
  expect(second).not.toBe(first);
  // The first is not tried here: whoever presents a rotated secret ends its successors too (D22).
  await git(copy, ['ls-remote', server.remote(project, second)]);

  await page.goto(list);
  await confirm(page, 'Revoke nightly-mirror', async (question) => {
    await expect(question).toContainText('Ghost User');
    await expect(question).toContainText(/\b[1-9]\d* (records?|issues?|comments?)\b/);
  });
  await expect(page).toHaveURL(list);
  await expect(page.getByRole('link', { name: 'Revoke nightly-mirror' })).toHaveCount(0);
  await expect(row(page, 'nightly-mirror').first()).toContainText(/revoked/i);
  for (const dead of [second, first]) {
    await expect(git(copy, ['ls-remote', server.remote(project, dead)])).rejects.toThrow('Access denied');
  }

  const author = async (path: string): Promise<string> => (await server.as(owner.token, 'GET', `/projects/${id}/issues/${issue.iid}${path}`)).author.name;
  await expect.poll(() => author('')).toBe('Ghost User');
  await expect.poll(() => author(`/notes/${note.id}`)).toBe('Ghost User');
  await page.goto(`/${project}/-/issues/${issue.iid}`);
  await expect(page.getByRole('main').getByText('Ghost User')).toHaveCount(2);
  await expect(page.getByRole('main')).not.toContainText('nightly-mirror');
  await expect(page.getByText('Said by the bot')).toBeVisible();
});

test('what is wrong with a wish for a token stands at its field', async ({ page, office, javaScriptEnabled }) => {
  const { owner, project } = await workshop(office);
  await as(page, office, owner.username);
  await page.goto(`/${project}/-/settings/access_tokens`);
  await page.getByLabel(/^Description/).fill('kept when the form comes back');
  await page.getByRole('button', { name: 'Create project access token' }).click();

  const summary = page.getByRole('alert').filter({ hasText: /problem/ });
  await expect(summary).toBeVisible();
  if (javaScriptEnabled) await expect(summary).toBeFocused();
  const name = page.getByLabel('Token name');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toHaveAccessibleDescription(/\S/);
  await expect(page.getByRole('group', { name: /scopes/i })).toHaveAccessibleDescription(/scope/i);
  await expect(page.getByLabel(/^Description/)).toHaveValue(/kept when the form comes back/);
  await summary.getByRole('link').first().click();
  await expect(name).toBeFocused();
});

test('a token is minted with the keyboard alone', async ({ page, office, javaScriptEnabled }) => {
  const { owner, project } = await workshop(office);
  await as(page, office, owner.username);
  await page.goto(`/${project}/-/settings/access_tokens`);
  const reach = async (what: string, there: () => Promise<boolean>): Promise<void> => {
    for (let stops = 0; stops < 80; stops++) {
      if (await there()) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${what}`);
  };
  const focused = (selector: string) => () => page.locator(`${selector}:focus`).count().then((count) => count > 0);

  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#main$/);
  const name = page.getByLabel('Token name');
  const id = await name.getAttribute('id');
  await reach('the name', focused(`#${id}`));
  await page.keyboard.type('by-keyboard');
  await reach('a scope', focused('input[value=read_api]'));
  await page.keyboard.press('Space');
  await reach('a preset', focused('input[type=radio]'));
  await page.keyboard.press('ArrowRight');
  await reach('the button', () => page.getByRole('button', { name: 'Create project access token' }).evaluate((button) => button === document.activeElement));
  await page.keyboard.press('Enter');
  await expect(page.getByText('You will not see it again.')).toBeVisible();
  const made = await secret(page);
  expect((await office.server.api(made, 'GET', '/user')).status).toBe(200);
  if (!javaScriptEnabled) return;

  await page.goto(`/${project}/-/settings/access_tokens`);
  await reach('Revoke', () => page.getByRole('link', { name: 'Revoke by-keyboard' }).evaluate((link) => link === document.activeElement));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('link', { name: 'Cancel' }).or(dialog.getByRole('button', { name: 'Cancel' }))).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Revoke by-keyboard' })).toBeFocused();
});

test('tokens that ended or were never used say so', async ({ page, office }) => {
  const place = await workshop(office);
  await minted(office, place, { name: 'sleeper', scopes: ['read_api'] });
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await minted(office, place, { name: 'short-lived', scopes: ['read_api'], expires_at: tomorrow });
  await minted(office, place, { name: 'stillborn', scopes: ['read_api'], expires_at: new Date().toISOString().slice(0, 10) });
  await as(page, office, place.owner.username);
  await page.goto(`/${place.project}/-/settings/access_tokens`);
  await expect(row(page, 'sleeper')).toContainText(/never/i);
  await expect(row(page, 'short-lived')).toContainText(/ends soon/i);
  await expect(row(page, 'stillborn')).toContainText(/expired/i);
  const active = page.getByRole('table').first();
  await expect(active).toContainText('sleeper');
  await expect(active).not.toContainText('stillborn');
});
