// First passwords, changed passwords, and the sessions of several browsers.
import { PASSWORD } from '../company/people.ts';
import { as, expect, signIn, test } from '../fixtures.ts';
import { somebody } from './workshop.ts';

test('signing in leads where one wanted to go, signing out ends it', async ({ page }) => {
  await page.goto('/-/user_settings/profile');
  await expect(page).toHaveURL(/\/users\/sign_in/);
  await page.getByLabel('Username or email').fill('ada@harbour.example');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL('/-/user_settings/profile');

  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false });
  await page.locator('details.menu > summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/users/sign_in');
  // The old cookie opens nothing either.
  await page.context().addCookies([cookie!]);
  await page.goto('/-/user_settings/profile');
  await expect(page).toHaveURL(/\/users\/sign_in/);
});

test('the administrator of a new instance is welcomed and chooses a password', async ({ another, untouched }) => {
  const page = await another({ baseURL: untouched.url });
  const initial = untouched.initialPassword();
  await signIn(page, 'root', initial);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/welcome/i);
  for (const path of ['/admin', '/-/user_settings/personal_access_tokens', '/projects/new']) {
    await page.goto(path);
    await expect(page, 'nothing else is open yet').toHaveURL('/users/password');
  }

  await page.getByLabel('Current password').fill(initial);
  await page.getByLabel('New password', { exact: true }).fill('short');
  await page.getByLabel('New password, once more').fill('short');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByLabel('New password', { exact: true })).toHaveAccessibleDescription(/short|8 characters/i);

  await page.getByLabel('Current password').fill(initial);
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('New password, once more').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page).toHaveURL('/');
  await page.goto('/admin');
  await expect(page).toHaveURL('/admin');
  await expect(async () => expect(() => untouched.initialPassword(), 'the file of the first password').toThrow('ENOENT')).toPass();
});

test('whose password an administrator set changes it first', async ({ page, office }) => {
  const newcomer = await somebody(office, 'newcomer');
  await office.server.root('PUT', `/users/${newcomer.id}`, { password: 'set-by-somebody-else' });
  await signIn(page, newcomer.username, 'set-by-somebody-else');
  await expect(page).toHaveURL('/users/password');
  await page.goto('/dashboard/groups');
  await expect(page).toHaveURL('/users/password');
  await page.getByLabel('Current password').fill('set-by-somebody-else');
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('New password, once more').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page).toHaveURL('/');
});

test('another browser is signed out from the list of sessions', async ({ page, another, office }) => {
  const { username } = await somebody(office, 'traveller');
  const other = await another();
  await signIn(other, username);
  await expect(other).toHaveURL('/');
  await signIn(page, username);
  await page.goto('/-/user_settings/active_sessions');
  await expect(page.getByRole('main')).toContainText('127.0.0.1');
  const end = page.getByRole('button', { name: /^End session/ });
  await expect(end, 'this very session is left by signing out').toHaveCount(1);
  await end.click();
  await expect(end).toHaveCount(0);
  await other.goto('/');
  await expect(other, 'signed out').toHaveURL(/\/users\/sign_in/);
  await page.goto('/');
  await expect(page, 'still signed in').toHaveURL('/');
});

test('a changed password ends the other sessions', async ({ page, another, office }) => {
  const { username } = await somebody(office, 'careful');
  const other = await another();
  await signIn(other, username);
  await expect(other).toHaveURL('/');
  await as(page, office, username);
  await page.goto('/-/user_settings/password/edit');
  await page.getByLabel('Current password').fill('not this one');
  await page.getByLabel('New password', { exact: true }).fill('a-new-password-1907');
  await page.getByLabel('New password, once more').fill('a-new-password-1907');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByLabel('Current password')).toHaveAccessibleDescription(/not|wrong|current/i);
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password', { exact: true }).fill('a-new-password-1907');
  await page.getByLabel('New password, once more').fill('a-new-password-1907');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status').filter({ hasText: /password/i })).toBeVisible();
  await other.goto('/');
  await expect(other).toHaveURL(/\/users\/sign_in/);
});
