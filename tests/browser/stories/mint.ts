// The token page as a person uses it.
import { expect, type Page } from '@playwright/test';

export interface Wish {
  name: string;
  description?: string;
  scopes: string[];
  /** For project tokens. */
  role?: string;
  /** A preset by its words. */
  expires?: string;
}

/** Fills the form in and leaves the sending to the caller. */
export async function fill(page: Page, { name, description, scopes, role, expires }: Wish): Promise<void> {
  await page.getByLabel('Token name').fill(name);
  if (description !== undefined) await page.getByLabel(/^Description/).fill(description);
  for (const scope of scopes) await page.getByRole('checkbox', { name: new RegExp(`^${scope}\\b`) }).check();
  if (role !== undefined) await page.getByLabel('Role').selectOption({ label: role });
  if (expires !== undefined) await page.getByRole('radio', { name: expires }).check();
}

/** The new secret as its page shows it: with script masked until it is revealed, without it at once. */
export async function secret(page: Page): Promise<string> {
  const shown = page.locator('.secret');
  await expect(shown).toBeVisible();
  const reveal = page.getByRole('button', { name: 'Reveal' });
  if (/^•+$/.test(await shown.innerText())) await reveal.click();
  const text = (await shown.innerText()).trim();
  expect(text).toMatch(/^glpat-[\w.-]{20,}$/);
  return text;
}

/** The new secret by the button that copies it. */
export async function copied(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy token' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  return page.evaluate(() => navigator.clipboard.readText());
}
