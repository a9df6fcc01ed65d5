import { Child } from './processes';

const PYTHON = process.env.OTKLIK_PYTHON ?? 'python3';

/** Fails with the way to repair it: a suite without its independent peers proves nothing. */
export async function mustHavePython(...modules: string[]) {
  for (const module of modules) {
    const probe = new Child('python', PYTHON, ['-c', `import ${module}`]);
    const code = await probe.exitCode().catch(() => -1);
    if (code !== 0) {
      throw new Error(
        `the Python module "${module}" is missing for ${PYTHON}: python3 -m venv VENV && ` +
          `VENV/bin/pip install -r web/e2e/requirements.txt, then set OTKLIK_PYTHON=VENV/bin/python`,
      );
    }
  }
}

export function runPython(
  name: string,
  args: string[],
  env: Record<string, string> = {},
  cwd?: string,
): Child {
  return new Child(name, PYTHON, args, env, cwd);
}
