import { basename } from 'node:path';
import { type TestSpecification, BaseSequencer } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** The longest, so that none of them is left alone at the end. */
const LONG = ['schemathesis', 'desk-looks', 'visitors', 'visitors-looks', 'letters', 'mailings-looks'];

/** The fake Telegram is judged first, and only then judges; then come the longest, the rest goes by name. */
class JudgeFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = ['fake', ...LONG];
    const rank = ({ moduleId }: TestSpecification) => {
      const place = order.indexOf(basename(moduleId, '.test.ts'));
      return place < 0 ? order.length : place;
    };
    return files.toSorted((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    environment: 'node',
    pool: 'forks',
    // Each suite runs a server and a browser of its own, and waits for one of them most of the time: two leave the cores of CI at rest
    // now and then, more than three make pages wait for each other.
    maxWorkers: 3,
    sequence: { sequencer: JudgeFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
