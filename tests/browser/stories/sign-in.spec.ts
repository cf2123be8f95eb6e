// Signing in, and who is kept out.
import { as, expect, signIn, test } from '../fixtures.ts';
import { somebody } from './workshop.ts';

test('a wrong password says so at the field and nothing more', async ({ page }) => {
  const said: string[] = [];
  for (const username of ['ada', 'nobody-of-this-name']) {
    await signIn(page, username, 'not the password');
    await expect(page).toHaveURL('/users/sign_in');
    const wrong = page.locator('[aria-invalid=true]');
    await expect(wrong).toHaveCount(1);
    await expect(wrong).toHaveAccessibleDescription(/password/i);
    await expect(page.getByLabel('Username or email')).toHaveValue(username);
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
    said.push(await page.getByRole('alert').innerText());
  }
  expect(said[1], 'strangers learn nothing of who exists').toBe(said[0]);
});

test('guessing is stopped, and the page says for how long', async ({ another, untouched }) => {
  const page = await another({ baseURL: untouched.url });
  // Ten a minute are taken; typing them would take a busy machine longer than that.
  await page.goto('/users/sign_in');
  const authenticity_token = await page.locator('input[name=authenticity_token]').first().inputValue();
  const form = { authenticity_token, login: 'root', password: 'a guess' };
  for (let guesses = 0; guesses < 10; guesses++) {
    expect((await page.request.post('/users/sign_in', { form })).status()).toBe(422);
  }
  await signIn(page, 'root', 'a guess');
  await expect(page.getByRole('alert')).toContainText(/too many attempts.*wait \d+ seconds/is);
  await signIn(page, 'root', untouched.initialPassword());
  await expect(page.getByRole('alert'), 'not even the right one now').toContainText(/too many/i);
});

test('a blocked person is told at the door, and is out at once', async ({ page, office }) => {
  const { id, username } = await somebody(office, 'leaver');
  await as(page, office, username);
  await page.goto('/');
  await expect(page).toHaveURL('/');
  await office.server.root('POST', `/users/${id}/block`);
  await page.goto('/');
  await expect(page).toHaveURL(/\/users\/sign_in/);
  await signIn(page, username);
  await expect(page.getByRole('alert')).toContainText(/blocked/i);
});
