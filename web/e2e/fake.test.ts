import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Control } from './telegram-fake/control';
import { ControlServer } from './telegram-fake/control-http';
import { TelegramFake } from './telegram-fake/server';
import { mustHavePython, runPython } from './support/python';

let fake: TelegramFake;
let control: Control;
let remote: ControlServer;
const secrets: (string | undefined)[] = [];
const hook = createServer((request, response) => {
  secrets.push(request.headers['x-telegram-bot-api-secret-token'] as string | undefined);
  // The first knock is refused: the server must come again.
  response.writeHead(secrets.length === 1 ? 503 : 200).end();
});

beforeAll(async () => {
  await mustHavePython('telegram');
  fake = await TelegramFake.start(50);
  control = new Control(fake, fake.newBot());
  remote = await ControlServer.start(control);
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
});

afterAll(() => {
  remote?.stop();
  fake?.stop();
  hook.close();
});

test('python-telegram-bot takes our fake for the real server', async () => {
  const hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;
  const script = resolve(import.meta.dirname, 'judges/telegram_client.py');
  const judge = runPython('the judge', [script, fake.url, control.bot.token, remote.url, hookUrl]);
  expect(await judge.exitCode(), judge.output).toBe(0);
  expect(judge.output).toContain('accepted by python-telegram-bot 22.8');
});

test('the fake brings its secret with every knock and comes again after a refusal', () => {
  expect(secrets).toEqual(['s3cret-_', 's3cret-_']);
  expect(fake.updates.knocks.map((knock) => knock.status)).toEqual([503, 200]);
});
