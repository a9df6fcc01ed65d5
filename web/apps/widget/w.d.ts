/** Types of the site script's command function, `Chat` unless the site names it otherwise. `TalkMe` is the same function. */

export type OtklikEvent =
  | 'ready'
  | 'open'
  | 'close'
  /** Somebody has answered: `{id, text, operator}`. */
  | 'message'
  /** The visitor, or the page for him, has written: `{text, client_id}`. */
  | 'send'
  | 'unread'
  | 'identify'
  | 'logout'
  | 'contacts'
  /** Happens once; whoever asks later is told at once. */
  | 'clientId'
  | 'link'
  | 'menu'
  /** A form was filled in: its values by the keys of fields. */
  | 'form'
  /** A rating was taken: `{score, comment}`. */
  | 'rate'
  /** An auto-action's event: `{name, id}`. `event` is another name of it. */
  | 'auto_action'
  | 'event'
  | 'destroy';

/** Event names of the source product; each is another name of one above. */
export type OtklikEventAlias =
  | 'fullyLoaded'
  | 'openSupport'
  | 'closeSupport'
  | 'operatorSendMessage'
  | 'clientSendMessage'
  | 'clientMakeSubscribe'
  | 'contactsUpdated'
  | 'linkPressed'
  | 'sendRate';

export type OtklikFields = Record<string, string | number | boolean | null | (string | number)[]>;

export interface OtklikContacts {
  name: string | null;
  phone: string | null;
  email: string | null;
}

export interface OtklikClientInfo {
  name?: string;
  phone?: string;
  email?: string;
  custom?: OtklikFields;
}

/** At most 20 tags of 50 characters in one call. */
export interface OtklikClientTags {
  toAdd?: string | string[];
  toRemove?: string | string[];
  isRemoveAllCurrentTags?: boolean;
}

export type OtklikTheme = 'auto' | 'light' | 'dark';

/** Before `granted` everything stays in memory, and no line is opened. */
export type OtklikConsent = 'pending' | 'granted' | 'denied';

/** Asks the site's server for a JWT: at once where there is none, and again shortly before its end. */
export type OtklikRefresh = () => string | Promise<string>;

/** A short-lived JWT of the site's server, or the function that gets one, or both. */
export type OtklikIdentity =
  | string
  | OtklikRefresh
  | { token: string | OtklikRefresh; refresh?: OtklikRefresh }
  | { refresh: OtklikRefresh };

/** Set before the script loads, as `ChatSetup` (or `<name>Setup`). `clientId` is a claim, never a proof. */
export interface OtklikSetup {
  language?: string;
  clientId?: string;
  theme?: OtklikTheme;
  consent?: OtklikConsent;
  /**
   * Where the chat stands in the page, always open and without a launcher; it may come later, and go. Without it the
   * element with the id `onlineSupportContainer` is taken.
   */
  container?: string | Element;
  /** `false`: an operator's message is not heard. */
  sound?: boolean;
  /** Taken for sites that move over, and without effect here. */
  domain?: string;
  disableTimeouts?: boolean;
}

/**
 * Calls may come before the script. More than 500 in one second are left out, but for those of fields, tags and pages:
 * these are put together, and their last word counts. At most 50 messages wait for the line.
 */
export interface OtklikChat {
  (verb: 'open' | 'close' | 'toggle' | 'show' | 'hide' | 'reload' | 'destroy'): void;
  (verb: 'openSupport' | 'closeSupport' | 'hideTrigger'): void;
  /** The form of reviews does not exist yet: the chat opens. */
  (verb: 'openReviewsTab'): void;
  /** There is one tab: the chat opens. */
  (verb: 'openTab', tab: number): void;
  /** Pixels from the left and the top; negative from the right and the bottom. */
  (verb: 'setPosition', left: number, top: number): void;
  (verb: 'setTheme', theme: OtklikTheme): void;
  (verb: 'setLocale', locale: 'ru' | 'en'): void;
  (verb: 'setConsent', consent: OtklikConsent): void;
  (verb: 'send' | 'sendMessage', text: string): void;
  (verb: 'startScenario', id: string): void;
  (verb: 'setFields', fields: OtklikFields): void;
  (verb: 'setClientInfo', info: OtklikClientInfo): void;
  (verb: 'setClientTags', tags: OtklikClientTags): void;
  (verb: 'addTags' | 'removeTags', tags: string | string[]): void;
  /** Marks the visitor as one that the site wants, and why. */
  (verb: 'setTarget', reason: string): void;
  /** Taken for sites that move over; no effect: the company decides who answers. */
  (verb: 'setOperator', login: string): void;
  (verb: 'identify', identity: OtklikIdentity): void;
  /** The person left: whoever writes next is somebody new. */
  (verb: 'logout'): void;
  /** Counted in this visit: auto-actions ask how often it was told. */
  (verb: 'event', name: string, data?: unknown): void;
  (verb: 'page', page?: { url?: string; title?: string }): void;
  (
    verb: 'on' | 'setCallback',
    event: OtklikEvent | OtklikEventAlias,
    listener: (data?: unknown) => void,
  ): void;
  (verb: 'off', event: OtklikEvent | OtklikEventAlias, listener?: (data?: unknown) => void): void;
  (verb: 'get', what: 'unread'): Promise<number>;
  (verb: 'get', what: 'state'): Promise<{ open: boolean; unread: number }>;
  (verb: 'get', what: 'visitorId' | 'clientId'): Promise<string | null>;
  (verb: 'get', what: 'contacts'): Promise<OtklikContacts>;
  (verb: 'getContacts', tell: (contacts: OtklikContacts) => void): void;
  (verb: 'getClientId', tell: (id: string | null) => void): void;
  /** Shown on this page only: the server does not hear of it. At most 200 of them. */
  (verb: 'receiveMessage', text: string, operator?: string | null, typingMs?: number): void;
}

declare global {
  interface Window {
    Chat?: OtklikChat;
    ChatSetup?: OtklikSetup;
    TalkMe?: OtklikChat;
    TalkMeSetup?: OtklikSetup;
    supportAPIMethod?: string;
  }
}
