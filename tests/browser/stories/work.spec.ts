// Projects, groups and issues, as people work with them.
import { as, expect, test } from '../fixtures.ts';
import { row, somebody, unused, workshop } from './workshop.ts';

test('a project is made, and its empty page says how to push', async ({ page, office }) => {
  const { username } = await somebody(office, 'founder');
  await as(page, office, username);
  await page.goto('/projects/new');
  await page.getByLabel('Name', { exact: true }).fill('Lighthouse');
  await page.getByRole('button', { name: 'Create project' }).click();
  await expect(page).toHaveURL(`/${username}/lighthouse`);
  await expect(page.getByRole('main')).toContainText(`git remote add origin ${office.server.url}/${username}/lighthouse.git`);
});

test('a group is made, a subgroup and a project in it', async ({ page, office }) => {
  const { username } = await somebody(office, 'founder');
  const name = unused('fleet');
  await as(page, office, username);
  await page.goto('/groups/new');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Path', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create group' }).click();
  await expect(page).toHaveURL(`/${name}`);
  await page.getByRole('link', { name: /new subgroup/i }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Tugs');
  await page.getByLabel('Path', { exact: true }).fill('tugs');
  await page.getByRole('button', { name: /^create (sub)?group/i }).click();
  await expect(page).toHaveURL(`/${name}/tugs`);
  await page.getByRole('link', { name: /new project/i }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Engine');
  await page.getByRole('button', { name: 'Create project' }).click();
  await expect(page).toHaveURL(`/${name}/tugs/engine`);
});

test('an issue is written, commented, edited and closed; markup is text or prose, never script', async ({ page, office }) => {
  const { owner, project } = await workshop(office);
  await as(page, office, owner.username);
  await page.goto(`/${project}/-/issues/new`);
  await page.getByLabel('Title').fill('The light <b>flickers</b>');
  await page.getByLabel(/^Description/).fill('Every **night**.\n\n<script>alert(1)</script><img src=x onerror=alert(2)>\n\n[click](javascript:alert(3))');
  await page.getByRole('button', { name: 'Create issue' }).click();
  await expect(page).toHaveURL(`/${project}/-/issues/1`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/The light <b>flickers<\/b>/);
  await expect(page.getByRole('main').locator('strong')).toHaveText('night');
  await expect(page.getByRole('main').locator('script, img[onerror], a[href^="javascript:"]')).toHaveCount(0);

  await page.getByLabel('Comment', { exact: true }).fill('Seen it too.');
  await page.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(page.getByText('Seen it too.')).toBeVisible();
  await page.goto(`/${project}/-/issues/1/edit`);
  await page.getByLabel('Title').fill('The light flickers');
  await page.getByRole('button', { name: /^save/i }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/The light flickers/);
  await page.getByRole('button', { name: /^close issue/i }).click();
  await expect(page.getByRole('main')).toContainText(/closed/i);
});

test('code is browsed from the overview to a line of a file', async ({ page, office }) => {
  await as(page, office, 'ada');
  await page.goto('/harbour/platform/gateway');
  await expect(page.getByRole('heading', { name: 'Quick start' })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'GATEWAY_LISTEN' })).toBeVisible();
  await page.getByRole('link', { name: 'src', exact: true }).click();
  await page.getByRole('link', { name: 'server.rs', exact: true }).click();
  await expect(page).toHaveURL('/harbour/platform/gateway/-/blob/main/src/server.rs');
  await expect(page.getByText('pub struct Gateway')).toBeVisible();
  await page.goto('/harbour/platform/gateway/-/commits/main');
  await page.getByRole('link', { name: 'Version 1.0.0' }).first().click();
  await expect(page.getByText('Cargo.toml').first()).toBeVisible();
  await page.goto('/harbour/platform/gateway/-/branches');
  await page.getByRole('link', { name: 'feature/rate-limits' }).first().click();
  await expect(page.getByRole('main')).toContainText('src');
});

test('a branch is protected and unprotected in the settings', async ({ page, office }) => {
  const { owner, project, id } = await workshop(office);
  await as(page, office, owner.username);
  await page.goto(`/${project}/-/settings/repository`);
  await page.locator('form', { has: page.getByRole('button', { name: 'Protect branch' }) }).locator('input[name=name]').fill('release/*');
  await page.getByRole('button', { name: /^protect branch/i }).click();
  const names = async (): Promise<string[]> => (await office.server.as(owner.token, 'GET', `/projects/${id}/protected_branches`)).map(({ name }: { name: string }) => name);
  await expect.poll(names).toContain('release/*');
  await expect(row(page, 'release/*')).toBeVisible();
});
