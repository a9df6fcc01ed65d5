import type { ReplyChannel } from '@otklik/api';
import { render } from 'svelte/server';
import { beforeAll, expect, it } from 'vitest';
import { m } from '$lib/paraglide/messages';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import Composer from './Composer.svelte';
import { Uploads } from './uploads.svelte';

beforeAll(() => overwriteGetLocale(() => 'ru'));

function composed(channel: string, length: number): string {
  const reply: ReplyChannel = {
    contact_id: 'con_1',
    connection_id: 'cxn_1',
    channel: channel as ReplyChannel['channel'],
    title: 'Shop',
    handle: 'anna',
    can_write: true,
    online: false,
    last_message_at: null,
    reason: null,
  };
  const nothing = () => {};
  const props = {
    projectId: 'prj_1',
    people: [],
    fillIn: (text: string) => text,
    text: 'я'.repeat(length),
    uploads: new Uploads('prj_1'),
    channels: [reply],
    chosen: 'con_1',
    stale: false,
    operatorTyping: null,
    ontext: nothing,
    onchannel: nothing,
    onsend: nothing,
    onsendanyway: nothing,
    onreview: nothing,
  };
  return render(Composer, { props }).body;
}

it('counts to what the channel takes', () => {
  expect(composed('youla', 2_001)).toContain(m.counter_over({ over: 1 }));
  expect(composed('youla', 2_000)).toContain(m.counter({ used: 2_000, limit: 2_000 }));
  // Telegram's adapter sends a long text in several messages.
  expect(composed('telegram', 5_000)).toContain(m.enter_hint());
  expect(composed('telegram', 10_001)).toContain(m.counter_over({ over: 1 }));
  expect(composed('a-newer-kind', 10_001)).toContain(m.counter_over({ over: 1 }));
});
