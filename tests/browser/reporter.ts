// Says at the end which pages are not there yet, in one plain list.
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

export const NOT_BUILT = 'not built';

export default class NotBuilt implements Reporter {
  private readonly names = new Set<string>();

  printsToStdio(): boolean {
    return false;
  }

  onTestEnd(test: TestCase, _result: TestResult): void {
    for (const { type, description } of test.annotations) {
      if (type === NOT_BUILT && description !== undefined) this.names.add(description);
    }
  }

  onEnd(): void {
    if (this.names.size > 0) console.log(`\nnot built: ${[...this.names].join(', ')}`);
  }
}
