// Members: people are changed, bots are not.
import { as, expect, test } from '../fixtures.ts';
import { confirm, minted, row, somebody, workshop } from './workshop.ts';

test('people are added, changed and removed', async ({ page, office }) => {
  const { owner, project, id } = await workshop(office);
  const helper = await somebody(office, 'helper');
  await as(page, office, owner.username);
  const list = `/${project}/-/project_members`;
  await page.goto(list);
  const level = async (): Promise<number | undefined> => (await office.server.api(owner.token, 'GET', `/projects/${id}/members/${helper.id}`)).body.access_level;

  await page.getByLabel('Username', { exact: true }).fill('nobody-of-this-name');
  await page.getByRole('button', { name: 'Add member' }).click();
  await expect(page.getByLabel('Username', { exact: true })).toHaveAccessibleDescription(/\S/);
  await page.getByLabel('Username', { exact: true }).fill(helper.username);
  await page.getByLabel('Role', { exact: true }).first().selectOption({ label: 'Developer' });
  await page.getByRole('button', { name: 'Add member' }).click();
  await expect(row(page, helper.username)).toBeVisible();
  expect(await level()).toBe(30);

  const line = row(page, helper.username);
  await line.getByRole('combobox').selectOption({ label: 'Reporter' });
  await line.getByRole('button', { name: /save|change/i }).click();
  await expect(page.getByRole('status').first()).toBeVisible();
  expect(await level()).toBe(20);

  const remove = line.getByRole('link', { name: /^remove/i });
  await confirm(page, (await remove.getAttribute('aria-label')) ?? (await remove.innerText()));
  await expect(row(page, helper.username)).toHaveCount(0);
  expect(await level()).toBeUndefined();
});

test('a bot is marked, its row says why it is as it is, and a crafted request changes nothing', async ({ page, office }) => {
  const { server } = office;
  const place = await workshop(office);
  const helper = await somebody(office, 'helper');
  await server.as(place.owner.token, 'POST', `/projects/${place.id}/members`, { user_id: helper.id, access_level: 30 });
  const bot = await minted(office, place, { name: 'robot', scopes: ['read_api'], access_level: 30 });
  await as(page, office, place.owner.username);
  await page.goto(`/${place.project}/-/project_members`);
  const line = row(page, 'robot');
  await expect(line).toContainText('Bot');
  await expect(line).toContainText(/token/i);
  await expect(line.getByRole('combobox')).toHaveCount(0);
  await expect(line.getByRole('button')).toHaveCount(0);
  await expect(line.getByRole('link', { name: /remove/i })).toHaveCount(0);

  // The person's forms, with the bot's number in place of the person's.
  const forms = await row(page, helper.username).locator('form').evaluateAll((all) =>
    (all as HTMLFormElement[]).map((form) => ({ action: form.action, data: Object.fromEntries(new FormData(form)) as Record<string, string> })),
  );
  expect(forms.length).toBeGreaterThan(0);
  const links = await row(page, helper.username).getByRole('link', { name: /remove/i }).evaluateAll((all) => (all as HTMLAnchorElement[]).map((link) => link.href));
  const { authenticity_token = '' } = forms[0]?.data ?? {};
  const crafted = [...forms, ...links.map((action) => ({ action, data: { authenticity_token } }))];
  const member = () => server.as(place.owner.token, 'GET', `/projects/${place.id}/members/${bot.user_id}`);
  const before = await member();
  for (const { action, data } of crafted) {
    const target = action.replace(`/${helper.id}`, `/${bot.user_id}`).replace(helper.username, before.username);
    expect(target, 'the form names whom it changes').not.toBe(action);
    const answer = await page.request.post(target, { form: { ...data, access_level: '10' }, maxRedirects: 0 });
    expect(answer.status(), target).toBeGreaterThanOrEqual(400);
    expect(answer.status(), target).toBeLessThan(500);
  }
  expect(await member()).toEqual(before);
});
