// Every page, as every page must be.
import type { TestInfo } from '@playwright/test';
import { axe, keyboard, light, noSidewaysScroll, weigh } from './checks.ts';
import { as, expect, test } from './fixtures.ts';
import { ALL_MUST_BE_THERE, addressOf, PAGES, REDIRECTS, visit } from './pages.ts';
import { NOT_BUILT } from './reporter.ts';

/** Leaves a page out that does not exist yet, and has it told at the end. */
function skipUnlessBuilt(built: boolean, name: string, info: TestInfo): void {
  if (built) return;
  expect(ALL_MUST_BE_THERE, `${name} must be there`).toBe(false);
  info.annotations.push({ type: NOT_BUILT, description: name });
  test.skip(true, 'not built');
}

for (const listed of PAGES) {
  test(`every page: ${listed.name}`, async ({ page, office, javaScriptEnabled }, info) => {
    if (listed.who !== undefined || listed.reach !== undefined) {
      const { status } = await fetch(`${office.server.url}/users/sign_in`);
      skipUnlessBuilt(status !== 404, listed.name, info);
    }
    if (listed.who !== undefined) await as(page, office, listed.who);
    if (listed.raw === true) {
      const answer = await page.request.get(addressOf(listed, office));
      skipUnlessBuilt(answer.status() !== 404, listed.name, info);
      expect(answer.status()).toBe(200);
      return;
    }

    const weight = await weigh(page);
    const { built, status } = await visit(page, listed, office);
    skipUnlessBuilt(built, listed.name, info);
    expect(status).toBe(listed.status ?? 200);
    await expect(page).toHaveTitle(/\S/);
    await expect(page.locator('html')).toHaveAttribute('lang', /\S/);
    await expect(page.locator('h1')).toHaveCount(1);
    await noSidewaysScroll(page);
    // What stands in the page is the same with and without script: axe and the keyboard were there already.
    if (!javaScriptEnabled) return;
    await page.waitForLoadState('networkidle');
    if (listed.reach === undefined) light(weight());
    await axe(page);
    await keyboard(page);
  });
}

for (const [from, to, who] of REDIRECTS) {
  test(`${from} leads to ${to}`, async ({ page, office }, info) => {
    const { status } = await fetch(`${office.server.url}/users/sign_in`);
    skipUnlessBuilt(status !== 404, from, info);
    await as(page, office, who);
    const answer = await page.goto(from);
    skipUnlessBuilt(answer?.status() !== 404, from, info);
    await expect(page).toHaveURL(to);
  });
}
