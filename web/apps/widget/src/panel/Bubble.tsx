import { hiddenHost, tokenize } from '@otklik/chat/tokenizer';
import type { ComponentChildren } from 'preact';
import { Component } from 'preact';
import type { Attachment, Locale } from '../contract';
import { Icon } from './icons';
import type { Row, Status } from './rows';
import { fileSize, wordsOf } from './words';

interface Props {
  row: Row;
  locale: Locale;
  origin: string;
  isFresh: boolean;
  onRetry(clientId: string): void;
  onLink(url: string): void;
}

const STATUS_ICON = {
  sending: 'clock',
  slowed: 'clock',
  queued: 'clock',
  notTaken: 'clock',
  sent: 'tick',
  delivered: 'ticks',
  read: 'ticks',
  notSent: 'alert',
} as const;

/** A class for one reason: an unchanged row costs nothing when a message is added to five hundred. */
export class Bubble extends Component<Props> {
  override shouldComponentUpdate(next: Props) {
    return next.row !== this.props.row || next.locale !== this.props.locale;
  }

  override render() {
    const { row, locale, isFresh } = this.props;
    const words = wordsOf(locale);
    const pictures = row.attachments.filter(isPicture);
    const files = row.attachments.filter((file) => !isPicture(file));
    const time = new Date(row.at).toLocaleString(locale, { dateStyle: 'long', timeStyle: 'short' });
    const body = (row.text || row.mark || row.links[0]) && (
      <div class="body">
        {row.quoted && (
          <p class="name">
            <q>{row.quoted}</q>
          </p>
        )}
        {row.text && this.text(row.text)}
        {row.mark && <small>{words[row.mark]}</small>}
        {row.links.map((button) => (
          <p key={button.id} class="action">
            {this.link(
              button.url!,
              <>
                {button.label} <Icon name="out" />
              </>,
              { title: hiddenHost(button.label, button.url!) ?? undefined },
            )}
          </p>
        ))}
      </div>
    );
    const isFailed = row.status === 'notSent';
    const kind = `row${row.isOurs ? ' ours' : ''}${isFresh ? ' fresh' : ''}${isFailed ? ' failed' : ''}`;
    return (
      <div class={kind} title={time}>
        <span class="sr">{row.isOurs ? words.you : (row.author ?? words.support)}: </span>
        {pictures[0] ? (
          <div class="card">
            {pictures.map((file) => this.picture(file))}
            {body}
          </div>
        ) : (
          body && <div class="bubble">{body}</div>
        )}
        {files.map((file) => this.file(file))}
        {row.status && this.status(row.status)}
      </div>
    );
  }

  private text(text: string) {
    return (
      <p class="text">
        {tokenize(text).map((token) => {
          switch (token.kind) {
            case 'text':
              return token.text;
            case 'bold':
              return <strong>{token.text}</strong>;
            case 'italic':
              return <em>{token.text}</em>;
            case 'code':
              return <code>{token.text}</code>;
            case 'break':
              return <br />;
            case 'link':
              return (
                <>
                  {this.link(token.href, token.text, { title: token.host })}
                  {token.host && (
                    <b>
                      {' '}
                      ({wordsOf(this.props.locale).leadsTo} {token.host})
                    </b>
                  )}
                </>
              );
          }
        })}
      </p>
    );
  }

  private link(href: string, children: ComponentChildren, more?: { class?: string; title?: string }) {
    return (
      <a
        {...more}
        href={href}
        target="_blank"
        rel="noreferrer nofollow"
        onClick={() => this.props.onLink(href)}
      >
        {children}
        <span class="sr"> ({wordsOf(this.props.locale).newTab})</span>
      </a>
    );
  }

  private picture(file: Attachment) {
    const url = this.address(file);
    return this.link(
      url,
      <img src={url} alt={file.name} width={file.width} height={file.height} loading="lazy" />,
      { class: 'picture' },
    );
  }

  private file(file: Attachment) {
    return this.link(
      this.address(file),
      <>
        <Icon name="file" />
        <span class="name">{file.name}</span>
        <span class="size">{fileSize(this.props.locale, file.size)}</span>
      </>,
      { class: 'file' },
    );
  }

  /** Files live on the server unless it names another origin; nothing but web addresses is followed. */
  private address(file: Attachment): string {
    const url = new URL(file.url, this.props.origin);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : this.props.origin;
  }

  private status(status: NonNullable<Status>) {
    const { row, locale, onRetry } = this.props;
    const words = wordsOf(locale);
    return (
      <p class={`status ${status}`}>
        <Icon name={STATUS_ICON[status]} />
        {words[status]}
        {row.detail && `: ${row.detail}`}
        {status === 'notSent' && (
          <button type="button" class="link" onClick={() => onRetry(row.key)}>
            {words.retry}
          </button>
        )}
      </p>
    );
  }
}

function isPicture(file: Attachment): boolean {
  return /^image\/(png|jpeg|gif|webp|avif)$/.test(file.mime);
}
