// The five-block scenario on XState 5: prints steps a second in memory, then with a snapshot taken and restored around every event.
// usage: node xstate.mjs SECONDS
import { assign, createActor, createMachine } from 'xstate';

const isNumber = ({ event }) => /^\+?\d{10,15}$/.test(event.text);
const isOurs = ({ context }) => context.phone.includes('+7');
const counted = assign({ sent: ({ context }) => context.sent + 1 });

const machine = createMachine({
  id: 'five',
  initial: 'waiting',
  context: { name: '', phone: '', sent: 0 },
  states: {
    waiting: { on: { START: { target: 'name', actions: counted } } },
    name: { on: { TEXT: { target: 'phone', actions: assign({ name: ({ event }) => event.text }) } } },
    phone: {
      on: {
        TEXT: [
          { guard: isNumber, target: 'branch', actions: assign({ phone: ({ event }) => event.text }) },
          { target: 'phone' },
        ],
      },
    },
    branch: { always: [{ guard: isOurs, target: 'bye' }, { target: 'name' }] },
    bye: { type: 'final', entry: counted },
  },
});

const events = [{ type: 'START' }, { type: 'TEXT', text: 'Anna' }, { type: 'TEXT', text: '+79161234567' }];
const STEPS = 5;

function measure(dialogue) {
  const [end, started] = [performance.now() + Number(process.argv[2]) * 1000, performance.now()];
  let dialogues = 0;
  while (performance.now() < end) {
    for (let batch = 0; batch < 50; batch += 1) dialogue();
    dialogues += 50;
  }
  return Math.round((dialogues * STEPS * 1000) / (performance.now() - started));
}

function isDone(actor) {
  if (actor.getSnapshot().status !== 'done') throw new Error('the dialogue did not end');
}

const inMemory = measure(() => {
  const actor = createActor(machine).start();
  for (const event of events) actor.send(event);
  isDone(actor);
});

const withSnapshots = measure(() => {
  let stored;
  let actor;
  for (const event of events) {
    actor = createActor(machine, stored && { snapshot: JSON.parse(stored) }).start();
    actor.send(event);
    stored = JSON.stringify(actor.getPersistedSnapshot());
  }
  isDone(actor);
});

console.log(inMemory, withSnapshots);
