import { ApiError, type ChannelKind } from '@otklik/api';
import { speak, type Explained } from '@otklik/ui';
import { m } from '$lib/paraglide/messages';
import { fieldErrors, problemText, requestId } from './problem';

/** `kind` of the channel that was asked for, where it is known. */
export function explain(error: unknown, kind?: ChannelKind): Explained {
  const request = requestId(error);
  return {
    text: problemText(error, kind),
    errors: fieldErrors(error, kind),
    isForbidden: error instanceof ApiError && error.status === 403,
    request: request ? m.error_request({ id: request }) : '',
  };
}

/** Gives the common components their words. */
export function lendWords() {
  speak({
    close: m.close,
    loading: m.loading,
    retry: m.retry,
    failed: m.error_title,
    noAccess: m.no_access,
    noAccessText: m.no_access_text,
    nothingFound: m.list_empty_search,
    nothingFoundText: m.list_empty_search_text,
    clearFilters: m.clear_filters,
    explain: (error) => explain(error),
  });
}
