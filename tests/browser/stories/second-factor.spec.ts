// The second factor.
import { PASSWORD } from '../company/people.ts';
import { as, expect, giveCode, signIn, test } from '../fixtures.ts';
import { code } from '../totp.ts';
import { somebody } from './workshop.ts';

test('a second factor is set up with its QR code, then asked for; recovery codes do once', async ({ page, another, office }) => {
  const { username } = await somebody(office, 'cautious');
  await as(page, office, username);
  await page.goto('/-/profile/two_factor_auth');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up two-factor authentication' }).click();
  await expect(page.getByRole('img', { name: /qr/i })).toBeVisible();
  const shown = await page.getByRole('main').innerText();
  const secret = /\b(?:[A-Z2-7]{4}\s?){8}\b|\b[A-Z2-7]{16,}\b/.exec(shown)?.[0] ?? '';
  expect(secret, 'the secret, for devices without a camera').not.toBe('');

  await page.getByLabel('Code').fill('000000');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await expect(page.getByLabel('Code')).toHaveAccessibleDescription(/code/i);
  await page.getByLabel('Code').fill(code(secret));
  await page.getByRole('button', { name: 'Turn on' }).click();
  const list = page.getByRole('main').getByRole('listitem').filter({ hasText: /^[0-9a-z-]{8,}$/ });
  await expect(list).toHaveCount(10);
  const recovery = (await list.allInnerTexts()).map((text) => text.trim());
  await page.reload();
  for (const each of recovery) expect(await page.content(), 'shown once').not.toContain(each);

  const other = await another();
  await signIn(other, username);
  await expect(other).toHaveURL(/\/users\/sign_in\/second_factor/);
  await other.goto('/');
  await expect(other, 'the password alone opens nothing').toHaveURL(/\/users\/sign_in\/second_factor/);
  await giveCode(other, '000000');
  await expect(other.getByLabel('Code')).toHaveAccessibleDescription(/code/i);
  await giveCode(other, code(secret, 1));
  await expect(other).toHaveURL('/');

  const third = await another();
  await signIn(third, username);
  await giveCode(third, recovery[0] ?? '');
  await expect(third).toHaveURL('/');
  const fourth = await another();
  await signIn(fourth, username);
  await giveCode(fourth, recovery[0] ?? '');
  await expect(fourth.getByLabel('Code'), 'a recovery code does once').toHaveAccessibleDescription(/code/i);
});
