import { type TestSpecification, BaseSequencer } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** The fake Telegram is judged first, and only then judges; the rest goes by name. */
class JudgeFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (moduleId.endsWith('/fake.test.ts') ? '' : moduleId);
    return files.toSorted((a, b) => rank(a).localeCompare(rank(b)));
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
