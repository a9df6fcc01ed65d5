import { readFileSync } from 'node:fs';
import type { Conversation, LiveEvent, Message } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { reduceConversation, reduceMessages } from '../src';

/** What the program's own socket told (crates/server/tests/it/recorded.rs), and what it answered after each step. */
interface Recording {
  me: string;
  before: { conversation: Conversation; messages: Message[] };
  steps: { events: LiveEvent[]; conversation: Conversation }[];
  messages: Message[];
}

const recording = JSON.parse(readFileSync(new URL('./recorded.json', import.meta.url), 'utf8')) as Recording;
const { me, before, steps } = recording;
const events = steps.flatMap((step) => step.events);

function conversationAfter(known: Conversation, heard: LiveEvent[]): Conversation {
  return heard.reduce((conversation, event) => reduceConversation(conversation, event, me), known);
}

function messagesAfter(heard: LiveEvent[]): Message[] {
  return heard.reduce(reduceMessages, oldestFirst(before.messages));
}

/** The server lists the newest first. */
function oldestFirst(messages: Message[]): Message[] {
  return [...messages].reverse();
}

describe('events that the server told, applied, equal what it answers', () => {
  it('for a conversation, after every step', () => {
    let known = before.conversation;
    for (const [number, step] of steps.entries()) {
      known = conversationAfter(known, step.events);
      expect(known, `step ${number}: ${step.events.map((event) => event.kind).join()}`).toEqual(
        step.conversation,
      );
    }
  });

  it('for its messages', () => {
    expect(messagesAfter(events)).toEqual(oldestFirst(recording.messages));
  });

  it('when they are heard again from any place on, as after a reconnect', () => {
    for (let from = 0; from < events.length; from++) {
      const again = [...events, ...events.slice(from)];
      expect(conversationAfter(before.conversation, again), `from ${from}`).toEqual(
        steps.at(-1)?.conversation,
      );
      expect(messagesAfter(again), `from ${from}`).toEqual(oldestFirst(recording.messages));
    }
  });
});
