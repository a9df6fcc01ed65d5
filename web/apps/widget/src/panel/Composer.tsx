import { hooked, useEffect, useRef, useState } from './hooks';
import type { Locale } from '../contract';
import type { Core } from '../shell';
import { Icon } from './icons';
import type { Upload, Uploads } from './uploads';
import { fileSize, type Words } from './words';

interface Props {
  core: Core;
  locale: Locale;
  words: Words;
  uploads: Uploads;
  /** Out of sight and not gone: what was typed is there when the chat is on again, or a form is closed. */
  isHidden: boolean;
  /** Operators see what is typed. */
  isWatched: boolean | undefined;
}

const MAX_FIELD_PX = 132;
const MAX_TEXT = 4000;

export const Composer = hooked(({ core, locale, words, uploads, isHidden, isWatched }: Props) => {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);

  const ready = uploads.list.flatMap((upload) => upload.attachment ?? []);
  const isUploading = uploads.list.some((upload) => !upload.attachment && !upload.fault);
  const isEmpty = !text.trim() && !ready[0];
  const canSend = !isEmpty && !isUploading;

  useEffect(() => {
    const style = field.current!.style;
    style.height = 'auto';
    style.height = `${Math.min(field.current!.scrollHeight, MAX_FIELD_PX)}px`;
    // Out of sight it has no height.
  }, [text, isHidden]);

  const send = () => {
    if (!canSend || !core.mayTell()) return;
    core.send(text.trim(), ready);
    setText('');
    core.typing('');
    uploads.clear();
    field.current!.focus();
  };

  return (
    <form
      class="composer"
      hidden={isHidden}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {uploads.list[0] && (
        <ul class="uploads">
          {uploads.list.map((upload) => (
            <UploadRow key={upload.key} upload={upload} locale={locale} words={words} uploads={uploads} />
          ))}
        </ul>
      )}
      <div class="field">
        <button
          type="button"
          class="icon"
          aria-label={words.attach}
          title={words.attach}
          onClick={() => core.mayTell() && picker.current!.click()}
        >
          <Icon name="clip" />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            uploads.add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = '';
          }}
        />
        <textarea
          ref={field}
          rows={1}
          maxLength={MAX_TEXT}
          value={text}
          placeholder={words.write}
          aria-label={words.write}
          aria-describedby={isWatched ? 'watched' : undefined}
          onInput={(event) => {
            setText(event.currentTarget.value);
            core.typing(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            // Enter that ends a word of an input method is not the end of the message.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
          onPaste={(event) => {
            const files = [...(event.clipboardData?.files ?? [])];
            if (!files.length) return;
            event.preventDefault();
            uploads.add(files);
          }}
        />
        <button
          type="submit"
          class="send"
          aria-label={words.send}
          aria-disabled={!canSend}
          title={isUploading ? words.waitUpload : words.send}
        >
          <Icon name="send" />
        </button>
      </div>
      {isWatched && <p id="watched">{words.watched}</p>}
    </form>
  );
});

function UploadRow(props: { upload: Upload; locale: Locale; words: Words; uploads: Uploads }) {
  const { upload, locale, words, uploads } = props;
  const faults = {
    lost: words.uploadLost,
    refused: upload.detail || words.uploadRefused,
    tooBig: words.tooBig,
    empty: words.empty,
  };
  return (
    <li class={upload.fault ? 'upload failed' : 'upload'}>
      <Icon name={upload.fault ? 'alert' : 'file'} />
      <div>
        <span class="name">{upload.file.name}</span>
        {upload.fault ? (
          <span class="size" role="alert">
            {faults[upload.fault]}{' '}
            {upload.fault === 'lost' && (
              <button type="button" class="link" onClick={() => uploads.retry(upload.key)}>
                {words.retry}
              </button>
            )}
          </span>
        ) : (
          <span class="size">{fileSize(locale, upload.file.size)}</span>
        )}
        {!upload.fault && !upload.attachment && (
          <progress max={1} value={upload.share} aria-label={words.waitUpload} />
        )}
      </div>
      <button
        type="button"
        class="icon"
        aria-label={`${words.remove} ${upload.file.name}`}
        title={words.remove}
        onClick={() => uploads.remove(upload.key)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
