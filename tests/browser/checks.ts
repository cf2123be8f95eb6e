// What holds on every page.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** The most that a page may weigh with everything on it, in bytes on the wire. */
const WEIGHT = 60_000;
/** Pages with long tables have the same buttons over and over. */
const MOST_STOPS = 150;

/** No violation of WCAG 2.2 AA nor of what is good practice. */
export async function axe(page: Page): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ''}`).slice(0, 5).join(' | ')}`);
  expect(told, 'what axe finds').toEqual([]);
}

/** Nothing is wider than the window; what is, is named. */
export async function noSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const beyond = [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > room + 0.5);
    return beyond.slice(0, 5).map((each) => `${each.tagName.toLowerCase()}.${each.className}: ${Math.round(each.getBoundingClientRect().right)} px`);
  });
  expect(wide, 'what reaches beyond the window').toEqual([]);
}

/** Counts what comes over the wire; call it before the page is visited, and the answer after it. */
export async function weigh(page: Page): Promise<() => number> {
  const client = await page.context().newCDPSession(page);
  let bytes = 0;
  client.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await client.send('Network.enable');
  return () => bytes;
}

/** What came must be light. */
export function light(bytes: number): void {
  expect(bytes, 'that anything was counted').toBeGreaterThan(0);
  expect(bytes, 'bytes on first view').toBeLessThan(WEIGHT);
}

interface Stop {
  what: string;
  /** Where Tab has left the page and begins anew. */
  outside: boolean;
  seen: boolean;
  marked: boolean;
  skip: boolean;
}

/** Where the focus is, and whether a person sees that. */
function stop(): Stop {
  const at = document.activeElement as HTMLElement | null;
  if (at === null || at === document.body || at === document.documentElement) {
    return { what: '', outside: true, seen: true, marked: true, skip: false };
  }
  // The button that opens a calendar has a ring of the browser's own, within the field.
  const picker = at.matches('input[type=date]:not(:focus-visible)');
  const around = [at, ...((at as HTMLInputElement).labels ?? []), at.parentElement, at.nextElementSibling];
  const marked = picker || around.some((each) => {
    if (each === null || each === undefined) return false;
    const style = getComputedStyle(each);
    return (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0) || (each === at && style.boxShadow !== 'none');
  });
  const seen = around.some((each) => {
    const box = each?.getBoundingClientRect();
    return box !== undefined && box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  });
  const skip = at.getAttribute('href')?.startsWith('#') === true && /skip/i.test(at.textContent ?? '');
  return { what: at.outerHTML.slice(0, 120), outside: false, seen, marked, skip };
}

/** Tab reaches the skip link first, and wherever it leads, the focus is seen. */
export async function keyboard(page: Page): Promise<void> {
  // A page may put the focus where work begins, on a field or on what went wrong; this walk begins at its top.
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  await page.keyboard.press('Tab');
  const first = await page.evaluate(stop);
  expect(first.skip, `the first stop is the skip link, not ${first.what}`).toBe(true);
  const hidden: string[] = [];
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    const here = await page.evaluate(stop);
    if (here.outside) break;
    if (!here.seen || !here.marked) hidden.push(`${here.what} (${here.seen ? 'no outline' : 'out of sight'})`);
    await page.keyboard.press('Tab');
  }
  expect(hidden, 'where the focus is not seen').toEqual([]);
}
