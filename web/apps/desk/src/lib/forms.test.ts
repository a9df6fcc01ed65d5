import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MORE_ACTS, typedIn, type Act } from './forms.acts';
import { EXCEPTIONS } from './forms.exceptions';

const SRC = new URL('../', import.meta.url);
const sources = new Map(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(svelte|ts)$/.test(file) && !/\.test\.ts$|paraglide\//.test(file))
    .map((file) => [file, readFileSync(new URL(file.replaceAll('[', '%5B'), SRC), 'utf8')]),
);
const files = (pattern: RegExp) =>
  [...sources].flatMap(([file, source]) => (pattern.test(source) ? [file] : [])).sort();

/** Something a person may type into, or choose from. */
const INPUT =
  /<(form|Form|input|textarea|select|ChipsInput|FieldInput|ChoiceList|WrittenValues|FieldForm)[\s>]/;
const GUARDED = /\bguard(Edits|Form)\(/;

describe('unsaved edits', () => {
  it('are guarded by every form', () => {
    expect(sources.size).toBeGreaterThan(150);
    const bare = files(INPUT).filter(
      (file) => !GUARDED.test(sources.get(file) ?? '') && !(file in EXCEPTIONS),
    );
    expect(bare).toEqual([]);
  });

  it('have no exception that is not needed', () => {
    const needed = files(INPUT).filter((file) => !GUARDED.test(sources.get(file) ?? ''));
    expect(Object.keys(EXCEPTIONS).filter((file) => !needed.includes(file))).toEqual([]);
  });

  it('are asked about by every dialog that has them', () => {
    const dialogs = files(/<Dialog[\s>]/).filter((file) =>
      /\bguardEdits\(|<FieldForm/.test(sources.get(file) ?? ''),
    );
    expect(dialogs.length).toBeGreaterThan(7);
    expect(dialogs.filter((file) => !sources.get(file)?.includes('mayClose='))).toEqual([]);
  });

  it('are asked about in one place, and never by the browser’s own boxes', () => {
    expect(files(/\bbeforeNavigate\(|beforeunload/)).toEqual(['lib/shell/UnsavedGuard.svelte']);
    expect(files(/(^|[^\w.'"$])(window\.|globalThis\.)?(confirm|alert|prompt)\(/m)).toEqual([]);
  });
});

const SETTINGS = 'routes/(app)/projects/[projectId]/settings';
const ACTS: Act[] = [
  {
    act: 'a client is erased',
    file: 'lib/clients/erase.svelte.ts',
    call: /path\('erase'\)/,
    way: 'typed',
    at: 'lib/clients/EraseDialog.svelte',
    offer: typedIn('\\{name\\}'),
  },
  {
    act: 'a client is deleted',
    file: 'lib/clients/clients.svelte.ts',
    call: /api\.delete\(this\.path\(`contacts/,
    way: 'typed',
    at: 'routes/(app)/(desk)/clients/+page.svelte',
    offer: typedIn('name=\\{leavingName\\}'),
  },
  {
    act: 'an invitation is withdrawn',
    file: 'lib/team/team.svelte.ts',
    call: /api\.delete\(path\(user\)\)/,
    way: 'typed',
    at: `${SETTINGS}/team/+page.svelte`,
    offer: typedIn('name=\\{leavingName\\}'),
  },
  {
    act: 'an announcement is deleted',
    file: 'lib/announcements/written.svelte.ts',
    call: /api\.delete\(this\.path\(announcement\)\)/,
    way: 'typed',
    at: `${SETTINGS}/announcements/+page.svelte`,
    offer: typedIn('name=\\{leavingName\\}'),
  },
  {
    act: 'a department is deleted',
    file: 'lib/departments/departments.svelte.ts',
    call: /api\.delete\(this\.path\(department\.id\)\)/,
    way: 'typed',
    at: `${SETTINGS}/departments/+page.svelte`,
    offer: typedIn('name=\\{leavingName\\}'),
  },
  ...MORE_ACTS,
  {
    act: 'a scenario is deleted',
    file: 'lib/scenarios/list/scenarios.svelte.ts',
    call: /api\.delete\(`\$\{this\.path\(\)\}/,
    way: 'typed',
    at: 'lib/scenarios/list/DeleteScenarioDialog.svelte',
    offer: typedIn('\\{name\\}'),
  },
  {
    act: 'a secret of scenarios is deleted',
    file: 'lib/scenarios/secrets/secrets.svelte.ts',
    call: /api\.delete\(this\.path\(name\)/,
    way: 'typed',
    at: 'lib/scenarios/secrets/SecretsDialog.svelte',
    offer: typedIn('name=\\{leaving'),
  },
  {
    act: 'every test user is let go',
    file: 'lib/scenarios/testUsers/TestUsersDrawer.svelte',
    call: /held\.choose\(\[\]\)/,
    way: 'undo',
    at: 'lib/scenarios/testUsers/TestUsersDrawer.svelte',
    offer: /offerUndo\(m\.tus_reset_done/,
  },
  {
    act: 'a channel is deleted',
    file: 'lib/channels/connections.svelte.ts',
    call: /api\.delete\(this\.path\(connection\)/,
    way: 'typed',
    at: `${SETTINGS}/channels/+page.svelte`,
    offer: typedIn('name=\\{leaving'),
  },
  {
    act: 'a secret is renewed',
    file: 'lib/channels/connections.svelte.ts',
    call: /renew_secret: true/,
    way: 'typed',
    at: `${SETTINGS}/channels/+page.svelte`,
    offer: typedIn('name=\\{renewing'),
  },
  {
    act: 'the demo is removed',
    file: 'lib/projects/projects.ts',
    call: /api\.delete\('\/demo'\)/,
    way: 'typed',
    at: 'routes/(app)/(desk)/sites/+page.svelte',
    offer: typedIn('name=\\{demoName\\}'),
  },
  {
    act: 'a channel is switched off',
    file: 'lib/channels/connections.svelte.ts',
    call: /'active' : 'off'/,
    way: 'undo',
    at: `${SETTINGS}/channels/+page.svelte`,
    offer: /offerUndo\(m\.channel_stopped/,
  },
  {
    act: 'a field is deleted',
    file: 'lib/fields/fields.svelte.ts',
    call: /api\.delete\(this\.path\(`fields/,
    way: 'undo',
    at: 'lib/fields/fields.svelte.ts',
    offer: /offerUndo\(m\.field_deleted/,
  },
  {
    act: 'a canned reply is deleted',
    file: 'lib/canned-replies/canned.svelte.ts',
    call: /api\.delete\(this\.path\(id\)\)/,
    way: 'undo',
    at: 'lib/canned-replies/canned.svelte.ts',
    offer: /offerUndo\(m\.canned_deleted/,
  },
  {
    act: 'a saved view is deleted',
    file: 'lib/views/views.svelte.ts',
    call: /api\.delete\(this\.path\(id\)\)/,
    way: 'undo',
    at: 'lib/views/views.svelte.ts',
    offer: /offerUndo\(m\.view_deleted/,
  },
  {
    act: 'a menu button is deleted',
    file: 'lib/menu-buttons/menuButtons.svelte.ts',
    call: /api\.delete\(this\.path\(button\.id\)\)/,
    way: 'undo',
    at: 'lib/menu-buttons/menuButtons.svelte.ts',
    offer: /offerUndo\(m\.menu_deleted/,
  },
  {
    act: 'unpublished edits of the appearance are discarded',
    file: 'lib/appearance/appearance.svelte.ts',
    call: /api\.delete\(this\.path\('draft'\)\)/,
    way: 'undo',
    at: 'lib/appearance/AppearancePage.svelte',
    offer: /offerUndo\(m\.look_reverted/,
  },
  {
    act: 'an auto-action with numbers is deleted',
    file: 'lib/auto-actions/autoActions.svelte.ts',
    call: /api\.delete\(this\.rules\.path/,
    way: 'typed',
    at: 'lib/auto-actions/RulesPane.svelte',
    offer: typedIn('name=\\{leavingTitle\\}'),
  },
  {
    act: 'an auto-action without numbers is deleted',
    file: 'lib/auto-actions/autoActions.svelte.ts',
    call: /api\.delete\(this\.rules\.path/,
    way: 'undo',
    at: 'lib/auto-actions/autoActions.svelte.ts',
    offer: /offerUndo\(m\.aa_deleted/,
  },
  {
    act: 'a suggest is deleted',
    file: 'lib/auto-actions/autoActions.svelte.ts',
    call: /api\.delete\(this\.suggests\.path/,
    way: 'undo',
    at: 'lib/auto-actions/autoActions.svelte.ts',
    offer: /offerUndo\(m\.sug_deleted/,
  },
  {
    act: 'a mailing that was started is deleted',
    file: 'lib/mailings/mailings.svelte.ts',
    call: /api\.delete\(`\$\{this\.path\}/,
    way: 'typed',
    at: `${SETTINGS}/mailings/+page.svelte`,
    offer: typedIn('name=\\{leaving'),
  },
  {
    act: 'a draft of a mailing is deleted',
    file: 'lib/mailings/mailings.svelte.ts',
    call: /api\.delete\(`\$\{this\.path\}/,
    way: 'undo',
    at: `${SETTINGS}/mailings/+page.svelte`,
    offer: /offerUndo\(m\.mailing_deleted/,
  },
  {
    act: 'a mailing is stopped',
    file: 'lib/mailings/editor.svelte.ts',
    call: /this\.do\('stop'\)/,
    way: 'neither',
    why: 'it is asked about, and whoever was not reached is reached by a copy of it',
  },
  {
    act: 'an opt-out that one of us set is taken back',
    file: 'lib/consent/consent.svelte.ts',
    call: /api\.delete\(this\.path/,
    way: 'neither',
    why: 'the button in its place sets it again; what the client said himself is refused',
  },
  {
    act: 'a person is switched off, or gets another role',
    file: 'lib/team/team.svelte.ts',
    call: /api\.patch\(`\/users/,
    way: 'undo',
    at: `${SETTINGS}/team/+page.svelte`,
    offer: /offerUndo\(told\(/,
  },
  {
    act: 'an allowed address is removed',
    file: 'lib/install/AllowedOrigins.svelte',
    call: /allowed_origins: allowed/,
    way: 'undo',
    at: 'lib/install/AllowedOrigins.svelte',
    offer: /offerUndo\(m\.saved/,
  },
  {
    act: 'a rule is removed',
    file: 'lib/multi-contacts/rules.svelte.ts',
    call: /remove\(row: string\)/,
    way: 'undo',
    at: 'lib/multi-contacts/RuleList.svelte',
    offer: /offerUndo\(m\.rule_removed/,
  },
  {
    act: 'a decision about a value is forgotten',
    file: 'lib/multi-contacts/values.svelte.ts',
    call: /api\.delete\(this\.path\('multi-contact-values'\)/,
    way: 'undo',
    at: 'lib/multi-contacts/multiContacts.svelte.ts',
    offer: /offerUndo\(m\.value_forgotten/,
  },
  {
    act: 'a proposal that was refused is proposed again',
    file: 'lib/card/decisions.svelte.ts',
    call: /api\.delete\(this\.path\(`contacts\/\$\{contactId\}\/suggestions/,
    way: 'neither',
    why: 'it is the undo of the refusal, which is made again by the button beside it',
  },
  {
    act: 'a decision about two records is taken back',
    file: 'lib/card/decisions.svelte.ts',
    call: /api\.delete\(this\.path\(`multi-contact-overrides/,
    way: 'neither',
    why: 'it is the undo of that decision, which is made again by the button beside it',
  },
  {
    act: 'a bot is stopped',
    file: 'lib/bot/run.svelte.ts',
    call: /api\.delete\(this\.path\)/,
    way: 'neither',
    why: 'people have the conversation then, and the button in its place starts the scenario again',
  },
  {
    act: 'a device is told nothing any more',
    file: 'lib/push/push.svelte.ts',
    call: /api\.delete\(`\$\{PATH\}/,
    way: 'neither',
    why: 'the button of that device switches it on again',
  },
  {
    act: 'a webhook is deleted',
    file: 'lib/webhooks/webhooks.svelte.ts',
    call: /api\.delete\(this\.path\(webhook\)\)/,
    way: 'typed',
    at: `${SETTINGS}/webhooks/+page.svelte`,
    offer: typedIn('name=\\{leaving'),
  },
  {
    act: 'a webhook is switched off',
    file: 'lib/webhooks/webhooks.svelte.ts',
    call: /'on' : 'off'/,
    way: 'undo',
    at: `${SETTINGS}/webhooks/+page.svelte`,
    offer: /offerUndo\(m\.hook_turned_off/,
  },
  {
    act: 'a code of the phone is asked for no more',
    file: 'lib/me/security.svelte.ts',
    call: /api\.delete\(FACTOR\)/,
    way: 'typed',
    at: 'lib/me/SecondFactorCard.svelte',
    offer: typedIn('name=\\{session'),
  },
  {
    act: 'one of the own sessions ends',
    file: 'lib/me/security.svelte.ts',
    call: /api\.delete\(`\/sessions/,
    way: 'neither',
    why: 'signing in there again brings everything back',
  },
  {
    act: 'a colleague is asked for no code any more',
    file: 'lib/team/team.svelte.ts',
    call: /api\.delete\(`\/users\/\$\{user\.id\}\/second-factor/,
    way: 'typed',
    at: `${SETTINGS}/team/+page.svelte`,
    offer: typedIn('name=\\{unlockingName\\}'),
  },
  {
    act: 'a person signs out, here or everywhere',
    file: 'lib/session/session.svelte.ts',
    call: /api\.delete\(everywhere/,
    way: 'neither',
    why: 'signing in again brings everything back',
  },
];

describe('what takes something away', () => {
  it.each(ACTS.map((act) => [act.act, act.way, act] as const))(
    '%s: %s',
    (_, way, { file, call, at, offer, why }) => {
      expect(sources.get(file)).toMatch(call);
      if (way === 'neither') expect(why).toBeTruthy();
      else expect(sources.get(at ?? '')).toMatch(offer as RegExp);
    },
  );

  it('is in this table, every call of it', () => {
    const calls = [...sources].flatMap(([file, source]) =>
      [...source.matchAll(/api\.delete\b.*|.*path\('erase.*|.*renew_secret.*/g)].map(([line]) => ({
        file,
        line,
      })),
    );
    expect(calls.length).toBeGreaterThan(8);
    const known = ({ file, line }: { file: string; line: string }) =>
      ACTS.some((act) => act.file === file && act.call.test(line));
    expect(calls.filter((call) => !known(call))).toEqual([]);
  });

  it('is asked about with the name, or not at all: no dialog is left that only wants a click', () => {
    // A deleted field comes back with its values; its dialog tells where it is used.
    expect(files(/variant="danger"/)).toEqual([
      'lib/clients/EraseDialog.svelte',
      'lib/fields/FieldDeleteDialog.svelte',
      'lib/scenarios/list/DeleteScenarioDialog.svelte',
      'lib/shared/ConfirmDialog.svelte',
      'lib/tags/DeleteTagDialog.svelte',
      'lib/tags/MergeTagDialog.svelte',
    ]);
  });
});
