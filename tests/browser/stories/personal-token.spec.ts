// A person's own tokens.
import { as, expect, test } from '../fixtures.ts';
import { git } from '../server.ts';
import { copied, fill, secret } from './mint.ts';
import { confirm, row, workshop } from './workshop.ts';

const LIST = '/-/user_settings/personal_access_tokens';

test('a personal token is minted, copied, used, rotated and revoked', async ({ page, office, folder, javaScriptEnabled }) => {
  const { server } = office;
  const { owner, project } = await workshop(office);
  await as(page, office, owner.username);

  // The way there that the documents tell: the avatar at the top right, Settings, Access Tokens.
  await page.goto('/');
  await page.locator('details.menu > summary').click();
  await page.getByRole('banner').getByRole('link', { name: 'Settings' }).click();
  const tokens = page.getByRole('link', { name: /^access tokens$/i });
  if (!(await tokens.isVisible())) await page.locator('details.nav > summary').click();
  await tokens.click();
  await expect(page).toHaveURL(LIST);

  await fill(page, { name: 'laptop', scopes: ['read_repository', 'read_api'], expires: '7 days' });
  await page.getByRole('button', { name: 'Create personal access token' }).click();
  await expect(page.getByText('You will not see it again.')).toBeVisible();
  const first = await secret(page);
  if (javaScriptEnabled) expect(await copied(page)).toBe(first);
  await git(folder, ['clone', '-q', server.remote(project, first), 'copy']);
  await page.reload();
  expect(await page.content()).not.toContain(first);

  await expect(async () => {
    await page.goto(LIST);
    await expect(row(page, 'laptop').first()).toContainText('127.0.0.1', { timeout: 500 });
  }).toPass();
  await confirm(page, 'Rotate laptop');
  const second = await secret(page);
  // The first is not tried before the end: whoever presents a rotated secret ends its successors too (D22).
  expect((await server.api(second, 'GET', '/projects')).status).toBe(200);
  await page.goto(LIST);
  await confirm(page, 'Revoke laptop');
  await expect(page).toHaveURL(LIST);
  for (const dead of [second, first]) expect((await server.api(dead, 'GET', '/projects')).status).toBe(401);
  await expect(row(page, 'laptop').first()).toContainText(/revoked/i);
});

test('nobody sees, rotates or revokes another’s tokens', async ({ page, office }) => {
  const { owner } = await workshop(office);
  const words = ['token', 'create', '--user', owner.username, '--name', 'mine', '--scopes', 'read_api', '--json'];
  const { id, token } = JSON.parse(await office.server.command(words)) as { id: number; token: string };
  await as(page, office, 'emi');
  for (const act of ['revoke', 'rotate']) {
    expect((await page.goto(`${LIST}/${id}/${act}`))?.status()).toBe(404);
    await page.goto(LIST);
    const authenticity_token = await page.locator('input[name=authenticity_token]').first().inputValue();
    const answer = await page.request.post(`${LIST}/${id}/${act}`, { form: { authenticity_token }, maxRedirects: 0 });
    expect(answer.status()).toBe(404);
  }
  expect((await office.server.api(token, 'GET', '/user')).status).toBe(200);
});
