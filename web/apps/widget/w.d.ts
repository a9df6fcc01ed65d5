/** Types of the site script's command function, `Chat` unless the site names it otherwise. `TalkMe` is the same function. */

export type OtklikEvent =
  | 'ready'
  | 'open'
  | 'close'
  | 'message'
  | 'send'
  | 'unread'
  | 'identify'
  | 'logout'
  | 'contacts'
  | 'clientId'
  | 'link'
  | 'menu';

/** Event names of the source product; each is another name of one above. */
export type OtklikEventAlias =
  | 'fullyLoaded'
  | 'openSupport'
  | 'closeSupport'
  | 'operatorSendMessage'
  | 'clientSendMessage'
  | 'contactsUpdated'
  | 'linkPressed';

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

/** Set before the script loads, as `ChatSetup` (or `<name>Setup`). `clientId` is a claim, never a proof. */
export interface OtklikSetup {
  language?: string;
  clientId?: string;
}

export interface OtklikChat {
  (verb: 'open' | 'close' | 'toggle' | 'show' | 'hide' | 'reload' | 'destroy'): void;
  (verb: 'openSupport' | 'closeSupport' | 'hideTrigger' | 'openReviewsTab'): void;
  (verb: 'openTab', tab: number): void;
  /** Pixels from the left and the top; negative from the right and the bottom. */
  (verb: 'setPosition', left: number, top: number): void;
  (verb: 'send' | 'sendMessage', text: string): void;
  (verb: 'setFields', fields: OtklikFields): void;
  (verb: 'setClientInfo', info: OtklikClientInfo): void;
  (verb: 'setLocale', locale: 'ru' | 'en'): void;
  (verb: 'identify', identity: { token: string }): void;
  /** The person left: whoever writes next is somebody new. */
  (verb: 'logout'): void;
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
  /** Shown on this page only: the server does not hear of it. */
  (verb: 'receiveMessage', text: string, operator?: string, typingMs?: number): void;
  /** Accepted for sites that move over; no effect yet. */
  (
    verb: 'setClientTags',
    tags: { toAdd?: string[]; toRemove?: string[]; isRemoveAllCurrentTags?: boolean },
  ): void;
  (verb: 'setTarget' | 'setOperator', value: string): void;
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
